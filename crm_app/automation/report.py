"""What is known of an automation before it is published: what it reads and writes, whose rights are missing, what it
may set off, which ways are never taken, and how large a run can get.
"""

from collections.abc import Callable, Iterator
from functools import partial

from crm_app.automation.drafting import Scene
from crm_app.automation.report_cycles import cycle_findings
from crm_app.automation.report_findings import Around, Asking, Finding, Looked
from crm_app.automation.report_reach import reach_findings
from crm_app.automation.report_rights import RIGHTS, right_findings
from crm_app.automation.report_size import size_findings
from crm_app.automation.report_spinning import spinning_findings
from crm_app.automation.report_ways import way_findings
from crm_app.definitions.package import Package
from crm_app.kernel.errors import Problem
from crm_app.services.live import Schema
from crm_app.services.people import roles_of_email
from crm_app.services.unit_of_work import UnitOfWork

_JUDGING: tuple[Callable[[Looked], Iterator[Finding]], ...] = (
    right_findings,
    cycle_findings,
    spinning_findings,
    way_findings,
)
_PARTS = (reach_findings, *_JUDGING, size_findings)


def report_of(scene: Scene) -> list[Finding]:
    return findings_of(around(scene.work, scene.package).of(scene.definition))


def around(work: UnitOfWork, package: Package) -> Around:
    """As whoever works here would publish it."""
    return Around(Schema(0, package.live), asking(work))


def asking(work: UnitOfWork) -> Asking:
    return Asking(work.access, partial(roles_of_email, work))


def findings_of(looked: Looked) -> list[Finding]:
    return [finding for part in _PARTS for finding in part(looked)]


def unsafe(now: Around, before: Package) -> Iterator[Problem]:
    """Why what would be live must not be, where `before` is live. An automation that is new or changed is judged anew.
    One that stays as it is is refused where it was safe until now; what it then lacks in rights is a warning only, so
    that a role can always be narrowed.
    """
    had = {each.name: each for each in before.automations}
    until_now = Around(Schema(0, before))
    for each in now.package.automations:
        bad = _bad(now.of(each)) if each.is_active else []
        if bad and had.get(each.name) == each:
            known = {RIGHTS, *(found.name for found in _bad(until_now.of(each)))}
            bad = [found for found in bad if found.name not in known]
        yield from (Problem(f"automations/{each.name}", line) for found in bad for line in found.lines)


def _bad(looked: Looked) -> list[Finding]:
    return [found for part in _JUDGING for found in part(looked) if found.state == "bad"]
