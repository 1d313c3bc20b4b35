"""A dry run: what a version of an automation would have done about events that really happened, and what the live one
would. Everything is done by the code that runs do, as their runners, and undone; nothing leaves the product.
"""

from collections import Counter
from dataclasses import dataclass
from typing import Any, cast

from crm_app.automation.compiled import CompiledAutomation, compile_automation
from crm_app.automation.dry_outcome import DRY, Outcome, outcome_of, starts
from crm_app.automation.dry_outcome import as_json as outcome_json
from crm_app.automation.scope import DefinedFields
from crm_app.definitions.automation import AutomationDefinition
from crm_app.kernel.errors import Invalid, NotFound
from crm_app.kernel.events import EventName, RecordRef
from crm_app.services.automation_outbox import OutboxEvent
from crm_app.services.past_events import event_now, past_events
from crm_app.services.run_lists import names_of_records
from crm_app.services.run_rights import require_runs
from crm_app.services.timeline import Say, plain
from crm_app.services.unit_of_work import UnitOfWork

MAX_EVENTS = 200


@dataclass(frozen=True)
class Tried:
    """`live` is what the live version would do; `None` where there is none, or it is what is tried. `name` is empty for
    a record that this actor may not see.
    """

    event: OutboxEvent
    name: str
    outcome: Outcome
    live: Outcome | None

    @property
    def differs(self) -> bool:
        return self.live is not None and not self.outcome.is_like(self.live)


@dataclass(frozen=True)
class DryRun:
    tried: list[Tried]

    @property
    def started(self) -> int:
        return sum(each.outcome.starts for each in self.tried)

    @property
    def failed(self) -> int:
        return sum(each.outcome.starts and bool(each.outcome.error) for each in self.tried)

    @property
    def differing(self) -> int:
        return sum(each.differs for each in self.tried)

    def total(self, what: str) -> dict[str, int]:
        """Of `effects` or `sent`."""
        total: Counter[str] = Counter()
        for each in self.tried:
            total.update(getattr(each.outcome, what))
        return dict(total)


def dry_run(
    work: UnitOfWork,
    definition: AutomationDefinition,
    *,
    events: int = 50,
    record: RecordRef | None = None,
    say: Say = plain,
) -> DryRun:
    """Over the last real events of the trigger's kind, or, with `record`, over that record's as if it happened now.
    `say` writes the values of what would be changed.
    """
    require_runs(work)
    wanted = _compiled(work, definition)
    known = next((each for each in work.catalog.automations if each.name == definition.name), None)
    live = _compiled(work, known) if known is not None and known.canonical() != definition.canonical() else None
    found = [_chosen(work, wanted, record)] if record else _recent(work, wanted, min(events, MAX_EVENTS))
    names = names_of_records(work, {event.ref for event in found})

    def outcome(each: CompiledAutomation, event: OutboxEvent) -> Outcome:
        return outcome_of(work, each, event, is_seen=event.ref in names, say=say)

    return DryRun(
        [
            Tried(event, names.get(event.ref, ""), outcome(wanted, event), outcome(live, event) if live else None)
            for event in found
        ]
    )


def _compiled(work: UnitOfWork, definition: AutomationDefinition) -> CompiledAutomation:
    return compile_automation(definition, work.catalog, DefinedFields(work.schema))


def _recent(work: UnitOfWork, wanted: CompiledAutomation, limit: int) -> list[OutboxEvent]:
    about = work.catalog.by_name[wanted.definition.trigger.object]
    with work.rehearsing(DRY) as system:
        return past_events(system, about, wanted.trigger.events, limit)


def _chosen(work: UnitOfWork, wanted: CompiledAutomation, record: RecordRef) -> OutboxEvent:
    """What happened to the record last that starts the automation; if nothing did, its last event of the kind. What no
    change of a record starts is tried as if it started now.
    """
    definition = wanted.definition
    if record.object != definition.trigger.object:
        raise Invalid(f"'{definition.label}' is not about records of '{record.object[:50]}'.")
    if definition.trigger.is_alone:
        raise Invalid(f"'{definition.label}' starts about no record, so there is none to try it on.")
    if record not in names_of_records(work, [record]):
        raise NotFound("There is no such record, or you may not see it.")
    about = work.catalog.by_name[record.object]
    with work.rehearsing(DRY) as system:
        if not wanted.trigger.events:
            return event_now(system, about, record.id, cast("EventName", wanted.trigger.name))
        found = past_events(system, about, wanted.trigger.events, MAX_EVENTS, record.id)
    if not found:
        raise NotFound(f"Nothing that could start '{definition.label}' has happened to that record yet.")
    return next((event for event in found if starts(work, wanted, event)), found[0])


def as_json(found: DryRun) -> dict[str, Any]:
    return {
        "events": len(found.tried),
        "started": found.started,
        "failed": found.failed,
        "differing": found.differing,
        "effects": found.total("effects"),
        "sent": found.total("sent"),
        "tried": [
            {
                "event": each.event.name,
                "at": each.event.at,
                "record": each.event.ref.id,
                "name": each.name or None,
                **outcome_json(each.outcome),
                "live": outcome_json(each.live) if each.live else None,
            }
            for each in found.tried
        ],
    }
