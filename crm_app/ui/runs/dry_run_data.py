"""What an automation would do about its last events, as it is painted."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import TypedDict

from crm_app.automation.catalog import STEP_TYPES
from crm_app.automation.dry_run import DryRun, Outcome, Tried, dry_run
from crm_app.definitions.automation import AutomationDefinition
from crm_app.kernel.errors import NotFound
from crm_app.kernel.times import moment_text
from crm_app.services.drafts import drafted, read_draft
from crm_app.services.run_rights import require_runs
from crm_app.services.unit_of_work import UnitOfWork
from crm_app.ui.address import record_path
from crm_app.ui.runs.run_words import EVENTS
from crm_app.ui.runs.runs_data import Choice

COUNTS = ("20", "50", "200")
_VERBS = {"record.created": "created", "record.updated": "changed", "record.deleted": "deleted"}


class TriedLine(TypedDict):
    key: str
    record: str
    href: str
    event: str
    at: str
    does: str
    error: str
    live: str


@dataclass(frozen=True)
class DryRunData:
    summary: str
    totals: list[str]
    lines: list[TriedLine]


def choices(work: UnitOfWork) -> list[Choice]:
    """Live automations and those of this administrator's draft."""
    require_runs(work)
    known = drafted(work, read_draft(work)).live.automations
    return [Choice(value=each.name, label=each.label) for each in sorted(known, key=lambda each: each.label)]


def dry_run_data(work: UnitOfWork, name: str, events: int) -> DryRunData:
    """Of the draft where there is one; it is compared with the live version."""
    found = dry_run(work, _definition(work, name), events=events)
    starting = [each for each in found.tried if each.outcome.starts or each.differs]
    return DryRunData(_summary(found), _totals(work, found), [_line(work, each) for each in starting])


def _definition(work: UnitOfWork, name: str) -> AutomationDefinition:
    require_runs(work)
    known = drafted(work, read_draft(work)).live.automations
    definition = next((each for each in known if each.name == name), None)
    if definition is None:
        raise NotFound(f"There is no automation '{name[:50]}'.")
    return definition


def _summary(found: DryRun) -> str:
    if not found.tried:
        return "Nothing has happened yet that could start it."
    parts = [f"Of the last {len(found.tried):,} events it would have started {_counted(found.started, 'run')}"]
    if found.failed:
        parts.append(f"{found.failed:,} of them would fail")
    if any(each.live is not None for each in found.tried):
        parts.append(f"{found.differing:,} differ from the live version")
    return "; ".join(parts) + "."


def _totals(work: UnitOfWork, found: DryRun) -> list[str]:
    sent = [f"{STEP_TYPES.get(name).label}: {count:,}" for name, count in found.total("sent").items()]
    return [_effect(work, what, count) for what, count in found.total("effects").items()] + sent


def _effect(work: UnitOfWork, what: str, count: int) -> str:
    name, _, event = what.partition(" ")
    definition = work.catalog.by_name.get(name)
    label = name if definition is None else definition.label if count == 1 else definition.plural
    return f"{count:,} {label} {_VERBS.get(event, event.removeprefix('record.'))}"


def _line(work: UnitOfWork, each: Tried) -> TriedLine:
    ref = each.event.ref
    return TriedLine(
        key=str(each.event.id),
        record=each.name or "A record that you may not see",
        href=record_path(ref.object, ref.id) if each.name and each.event.name != "record.deleted" else "",
        event=EVENTS.get(each.event.name, each.event.name).removeprefix("it "),
        at=moment_text(each.event.at, work.who.time_zone),
        does=_does(work, each.outcome),
        error=each.outcome.error,
        live=f"Live: {_does(work, each.live)}" if each.live is not None and each.differs else "",
    )


def _does(work: UnitOfWork, outcome: Outcome) -> str:
    if not outcome.starts:
        return "starts nothing"
    effects: Mapping[str, int] = outcome.effects
    said = [_effect(work, what, count) for what, count in effects.items()]
    said += [f"{STEP_TYPES.get(name).label}: {count:,}" for name, count in outcome.sent.items()]
    return ", ".join(said) or ("fails" if outcome.error else "changes nothing")


def _counted(count: int, what: str) -> str:
    return f"{count:,} {what}" if count == 1 else f"{count:,} {what}s"
