"""What a workflow would do about one record, or about its last events, as it is painted."""

from collections.abc import Mapping
from functools import partial
from typing import Any, NamedTuple, TypedDict
from uuid import UUID

from crm_app.automation.catalog import STEP_TYPES, TRIGGER_TYPES
from crm_app.automation.dry_outcome import Outcome
from crm_app.automation.dry_run import DryRun, Tried, dry_run
from crm_app.definitions.automation import AutomationDefinition
from crm_app.kernel.errors import NotFound
from crm_app.kernel.events import RecordRef
from crm_app.kernel.times import moment_text
from crm_app.services.drafts import drafted, read_draft
from crm_app.services.run_rights import require_runs
from crm_app.services.unit_of_work import UnitOfWork
from crm_app.ui.address import record_path
from crm_app.ui.records.suggestions import Suggestion, named_so
from crm_app.ui.records.values import value_text
from crm_app.ui.runs.block_data import TRIGGER, BlockShown
from crm_app.ui.runs.dry_way_data import DRAFT, LIVE, WayLine, block_of, counted_effect, tree_of, ways_of
from crm_app.ui.runs.run_words import EVENTS

COUNTS = ("20", "50", "200")


class Tryable(TypedDict):
    """`about` is what a record that it can be tried on is; empty where it starts about none."""

    value: str
    label: str
    about: str


class TriedLine(TypedDict):
    key: str
    record: str
    href: str
    event: str
    at: str
    does: str
    error: str
    live: str


class Canvas(TypedDict):
    """Of one version; `block` is what is chosen in it."""

    tree: dict[str, Any]
    chosen: str
    block: BlockShown


NO_LINE = TriedLine(key="", record="", href="", event="", at="", does="", error="", live="")


class DryRunData(NamedTuple):
    """`bodies` are the versions that were tried, by way. A tuple, for a state watches those not."""

    summary: str
    totals: list[str]
    lines: list[TriedLine]
    tried: dict[str, Tried]
    bodies: dict[str, dict[str, Any]]


NO_DATA = DryRunData("", [], [], {}, {})


def choices(work: UnitOfWork) -> list[Tryable]:
    """Live workflows and those of this administrator's draft."""
    require_runs(work)
    known = drafted(work, read_draft(work)).live.automations
    found = [Tryable(value=each.name, label=each.label, about=_about(work, each)) for each in known]
    return sorted(found, key=lambda each: each["label"])


def _about(work: UnitOfWork, definition: AutomationDefinition) -> str:
    about = work.catalog.by_name.get(definition.trigger.object)
    return about.label if about and not definition.trigger.is_alone else ""


def records_for(work: UnitOfWork, name: str, text: str) -> list[Suggestion]:
    """Records that the workflow can be tried on."""
    return named_so(work, _definition(work, name).trigger.object, text)


def on_events(work: UnitOfWork, name: str, events: int) -> DryRunData:
    """Of the draft where there is one; it is compared with the live version."""
    definition = _definition(work, name)
    found = dry_run(work, definition, events=events, say=partial(_say, work))
    starting = [each for each in found.tried if each.outcome.starts or each.differs]
    return _data(work, definition, _summary(found), _totals(work, found), starting)


def on_record(work: UnitOfWork, name: str, record: UUID) -> DryRunData:
    definition = _definition(work, name)
    ref = RecordRef(definition.trigger.object, record)
    found = dry_run(work, definition, record=ref, say=partial(_say, work))
    return _data(work, definition, _compared(work, definition, found.tried[0]), [], found.tried)


def ways(work: UnitOfWork, tried: Tried, bodies: Mapping[str, Any]) -> list[WayLine]:
    return ways_of(work, tried, "As in your draft" if LIVE in bodies else "What it would do")


def canvas_of(work: UnitOfWork, tried: Tried, bodies: Mapping[str, Any], way: str, key: str) -> Canvas:
    """Coloured by what one version would do about the event."""
    outcome = tried.live if way == LIVE and tried.live is not None else tried.outcome
    body = bodies[way if way in bodies else DRAFT]
    tree = tree_of(work, outcome, body)
    return Canvas(tree=tree, chosen=key, block=block_of(work, tried, outcome, body, key))


def first_of(tried: Tried) -> str:
    """The block that is looked at first: where it would fail."""
    failed = [each.path for each in tried.outcome.steps if each.error]
    return failed[0].rpartition("/")[2].partition("#")[0] if failed and tried.outcome.error else TRIGGER


def _say(work: UnitOfWork, field: Any, value: Any) -> str:
    return value_text(field, value, work.who.time_zone)


def _definition(work: UnitOfWork, name: str) -> AutomationDefinition:
    require_runs(work)
    known = drafted(work, read_draft(work)).live.automations
    definition = next((each for each in known if each.name == name), None)
    if definition is None:
        raise NotFound(f"There is no workflow '{name[:50]}'.")
    return definition


def _data(
    work: UnitOfWork, definition: AutomationDefinition, summary: str, totals: list[str], tried: list[Tried]
) -> DryRunData:
    live = next((each for each in work.catalog.automations if each.name == definition.name), None)
    bodies = {DRAFT: definition.canonical()}
    if live is not None and live.canonical() != bodies[DRAFT]:
        bodies[LIVE] = live.canonical()
    lines = [_line(work, each) for each in tried]
    return DryRunData(summary, totals, lines, {str(each.event.id): each for each in tried}, bodies)


def _compared(work: UnitOfWork, definition: AutomationDefinition, tried: Tried) -> str:
    if tried.differs:
        return "Your draft and the live version would not do the same."
    if tried.live is not None:
        return "Your draft would do what the live version does."
    is_live = any(each.name == definition.name for each in work.catalog.automations)
    return "The version that is live was tried." if is_live else "Your draft was tried. No version is live yet."


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
    return [counted_effect(work, what, count) for what, count in found.total("effects").items()] + sent


def _line(work: UnitOfWork, each: Tried) -> TriedLine:
    ref = each.event.ref
    return TriedLine(
        key=str(each.event.id),
        record=each.name or "A record that you may not see",
        href=record_path(ref.object, ref.id) if each.name and each.event.name != "record.deleted" else "",
        event=_event(str(each.event.name)),
        at=moment_text(each.event.at, work.who.time_zone),
        does=_does(work, each.outcome),
        error=each.outcome.error,
        live=f"Live: {_does(work, each.live)}" if each.live is not None and each.differs else "",
    )


def _event(name: str) -> str:
    started = TRIGGER_TYPES.find(name)
    return started.label if started and name not in EVENTS else EVENTS.get(name, name).removeprefix("it ")


def _does(work: UnitOfWork, outcome: Outcome) -> str:
    if not outcome.starts:
        return "starts nothing"
    effects: Mapping[str, int] = outcome.effects
    said = [counted_effect(work, what, count) for what, count in effects.items()]
    said += [f"{STEP_TYPES.get(name).label}: {count:,}" for name, count in outcome.sent.items()]
    return ", ".join(said) or ("fails" if outcome.error else "changes nothing")


def _counted(count: int, what: str) -> str:
    return f"{count:,} {what}" if count == 1 else f"{count:,} {what}s"
