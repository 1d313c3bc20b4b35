"""What is known of an automation before it is published: what it reads and writes, whose rights are missing, what it
may set off, which ways are never taken, and how large a run can get.
"""

from collections.abc import Callable, Iterator

from crm_app.automation.drafting import Scene
from crm_app.automation.report_cycles import cycle_findings
from crm_app.automation.report_findings import Finding, Looked, looked_at
from crm_app.automation.report_reach import reach_findings
from crm_app.automation.report_rights import right_findings
from crm_app.automation.report_size import size_findings
from crm_app.automation.report_spinning import spinning_findings
from crm_app.automation.report_ways import way_findings
from crm_app.kernel.errors import Invalid, Problem

_PARTS: tuple[Callable[[Looked], Iterator[Finding]], ...] = (
    reach_findings,
    right_findings,
    cycle_findings,
    spinning_findings,
    way_findings,
    size_findings,
)


class UnsafeAutomation(Invalid):
    """The automation would do harm; `problems` say what happens."""

    code = "unsafe_automation"


def report_of(scene: Scene) -> list[Finding]:
    looked = looked_at(scene)
    return [finding for part in _PARTS for finding in part(looked)]


def require_safe(scene: Scene) -> None:
    bad = [line for found in report_of(scene) if found.state == "bad" for line in found.lines]
    if bad:
        raise UnsafeAutomation(
            "This workflow must not be published as it is.", [Problem(scene.key, line) for line in bad]
        )
