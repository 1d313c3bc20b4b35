"""Moving runs that wait to the live version of their automation, for administrators. A run is moved where the live
version fits what it did, and otherwise stays as it is, with the reasons.
"""

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any
from uuid import UUID

from crm_app.automation.compiled import BrokenAutomation, compile_automation
from crm_app.automation.move_checks import MoveVersion, reasons_against, waits_at
from crm_app.automation.scope import DefinedFields
from crm_app.definitions.automation import AutomationDefinition
from crm_app.kernel import clock
from crm_app.kernel.errors import NotFound
from crm_app.kernel.events import RecordRef
from crm_app.services.automation_starts import automation_version
from crm_app.services.definition_store import content_hash
from crm_app.services.run_lists import names_of_records
from crm_app.services.run_moves import (
    OlderRun,
    change_version,
    ledgers,
    left_behind,
    locked_runs,
    older_runs,
    version_numbers,
)
from crm_app.services.run_rights import require_runs
from crm_app.services.unit_of_work import UnitOfWork

OPEN = ("pending", "started")


@dataclass(frozen=True)
class Verdict:
    """Whether one run can be moved: it can without `reasons`. `waits_at` names the block that it waits at, and
    `record_name` its record, where this actor may see that. `moved`: it was.
    """

    run: UUID
    version: int
    ref: RecordRef
    record_name: str
    status: str
    at: datetime
    waits_at: str
    reasons: tuple[str, ...]
    moved: bool = False


@dataclass(frozen=True)
class Movable:
    """The runs of an automation that are of other versions than the live one, whose number `version` is."""

    automation: str
    label: str
    version: int
    runs: list[Verdict]

    @property
    def by_version(self) -> dict[int, int]:
        """How many runs under way each version has."""
        return dict(sorted(Counter(each.version for each in self.runs if each.status in OPEN).items()))


def runs_left_behind(work: UnitOfWork) -> dict[str, int]:
    """Automations that have runs under way of an earlier version, with how many."""
    require_runs(work)
    live = {each.name: content_hash(each) for each in work.catalog.automations}
    return left_behind(work, live)


def movable(work: UnitOfWork, automation: str) -> Movable:
    """Nothing is moved."""
    live = _live(work, automation)
    found = _judged(work, live, older_runs(work, automation, content_hash(live)))
    return Movable(automation, live.label, version_numbers(work, [content_hash(live)])[content_hash(live)], found)


def move(work: UnitOfWork, automation: str, runs: Sequence[UUID] | None = None) -> list[Verdict]:
    """These runs, or all under way; each as `movable` says, looked at again while nothing of it can change. A run that
    has ended or moved meanwhile is not among the answers.
    """
    live = _live(work, automation)
    target = content_hash(live)
    wanted = [each.id for each in older_runs(work, automation, target) if each.status in OPEN] if runs is None else runs
    locked = locked_runs(work, automation, target, wanted)
    judged = _judged(work, live, locked)
    done: list[Verdict] = []
    for run, verdict in zip(locked, judged, strict=True):
        if not verdict.reasons:
            change_version(work, run, automation, target, live.limits.deadline)
        done.append(replace(verdict, moved=not verdict.reasons))
    return done


def _live(work: UnitOfWork, automation: str) -> AutomationDefinition:
    require_runs(work)
    found = next((each for each in work.catalog.automations if each.name == automation), None)
    if found is None:
        raise NotFound("There is no such workflow that is live.")
    return found


def _judged(work: UnitOfWork, live: AutomationDefinition, runs: Sequence[OlderRun]) -> list[Verdict]:
    target = content_hash(live)
    versions = _versions(work, live, {run.version for run in runs})
    did = ledgers(work, [run.id for run in runs])
    names = names_of_records(work, [run.ref for run in runs])
    numbers = version_numbers(work, [target, *{run.version for run in runs}])
    return [
        _verdict(run, live, versions.get(run.version), versions.get(target), did[run.id], names, numbers)
        for run in runs
    ]


def _verdict(
    run: OlderRun,
    live: AutomationDefinition,
    old: MoveVersion | None,
    new: MoveVersion | None,
    did: Mapping[str, Mapping[str, Any]],
    names: Mapping[RecordRef, str],
    numbers: Mapping[str, int],
) -> Verdict:
    ledger = {path: dict(output) for path, output in did.items()}
    number = numbers[run.version]
    if old is None or new is None:
        broken = number if old is None else numbers[content_hash(live)]
        reasons = [f"Version {broken} names something that is not defined any more."]
    else:
        reasons = [
            *_against_the_run(run, live, new.number),
            *reasons_against(old, new, ledger, is_open=run.status in OPEN),
        ]
    return Verdict(
        run.id, number, run.ref, names.get(run.ref, ""), run.status, run.at, waits_at(old, ledger) if old else "",
        tuple(reasons),
    )  # fmt: skip


def _against_the_run(run: OlderRun, live: AutomationDefinition, number: int) -> list[str]:
    found: list[str] = []
    if run.is_starting:
        found.append("It is just about to begin. Try again in a moment.")
    if run.has_twin:
        found.append(f"The same event has a run of version {number} already.")
    if run.at + live.limits.deadline < clock.now():
        found.append(f"It takes longer already than version {number} allows a run to take.")
    return found


def _versions(work: UnitOfWork, live: AutomationDefinition, hashes: set[str]) -> dict[str, MoveVersion]:
    """Those that still fit what is defined, by content hash."""
    target = content_hash(live)
    numbers = version_numbers(work, [target, *hashes])
    scope = DefinedFields(work.schema)
    found: dict[str, MoveVersion] = {}
    for each in {target, *hashes}:
        definition = live if each == target else automation_version(work, each)
        try:
            found[each] = MoveVersion(numbers[each], compile_automation(definition, work.catalog, scope))
        except BrokenAutomation:
            continue
    return found
