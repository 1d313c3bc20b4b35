"""A dry run: what a version of an automation would have done about events that really happened, and what the live one
would. Everything is done by the code that runs do, as their runners, and undone; nothing leaves the product.
"""

from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from typing import Any
from uuid import UUID

from sqlalchemy import text

from crm_app.automation.catalog import STEP_TYPES
from crm_app.automation.change import Change, change_of
from crm_app.automation.compiled import CompiledAutomation, compile_automation
from crm_app.automation.messages import RunHead
from crm_app.automation.relay import condition_inputs, fires, require_runner, run_of
from crm_app.automation.scope import DefinedFields
from crm_app.automation.trial import Trial, TriedStep
from crm_app.definitions.automation import AutomationDefinition
from crm_app.kernel.actor import AutomationActor, SystemActor
from crm_app.kernel.errors import Invalid, NotFound, TrellisError
from crm_app.kernel.events import RecordRef
from crm_app.kernel.ids import new_id
from crm_app.services.automation_inputs import RuleReader
from crm_app.services.automation_outbox import OutboxEvent
from crm_app.services.automation_runs import insert_runs
from crm_app.services.past_events import past_events
from crm_app.services.run_lists import names_of_records
from crm_app.services.run_rights import require_runs
from crm_app.services.unit_of_work import UnitOfWork

MAX_EVENTS = 200
DRY = SystemActor("dry run")
_TO_PEOPLE = frozenset({"approval", "form", "notify"})
_FACTS = text(
    "SELECT object, name, count(*) AS number FROM crm.audit WHERE actor ->> 'run' = :run AND id > :since "
    "GROUP BY object, name"
)


@dataclass(frozen=True)
class Outcome:
    """What one event would do. `effects` counts facts such as `task record.created`, `sent` what goes to
    people or leaves the product, by the type of step.
    """

    starts: bool
    error: str = ""
    effects: Mapping[str, int] = field(default_factory=dict[str, int])
    sent: Mapping[str, int] = field(default_factory=dict[str, int])
    steps: tuple[TriedStep, ...] = ()

    def is_like(self, other: "Outcome") -> bool:
        mine, theirs = ((o.starts, o.error, dict(o.effects), dict(o.sent)) for o in (self, other))
        return mine == theirs


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
    work: UnitOfWork, definition: AutomationDefinition, *, events: int = 50, record: RecordRef | None = None
) -> DryRun:
    """Over the last real events of the trigger's kind, or, with `record`, over that record's as if it happened now."""
    require_runs(work)
    wanted = _compiled(work, definition)
    known = next((each for each in work.catalog.automations if each.name == definition.name), None)
    live = _compiled(work, known) if known is not None and known.canonical() != definition.canonical() else None
    found = _chosen(work, wanted, record) if record else _recent(work, wanted, min(events, MAX_EVENTS))
    names = names_of_records(work, {event.ref for event in found})
    return DryRun(
        [
            Tried(
                event,
                names.get(event.ref, ""),
                _outcome(work, wanted, event),
                _outcome(work, live, event) if live else None,
            )
            for event in found
        ]
    )


def _compiled(work: UnitOfWork, definition: AutomationDefinition) -> CompiledAutomation:
    return compile_automation(definition, work.catalog, DefinedFields(work.schema))


def _recent(work: UnitOfWork, wanted: CompiledAutomation, limit: int) -> list[OutboxEvent]:
    about = work.catalog.by_name[wanted.definition.trigger.object]
    with work.rehearsing(DRY) as system:
        return past_events(system, about, wanted.trigger.events, limit)


def _chosen(work: UnitOfWork, wanted: CompiledAutomation, record: RecordRef) -> list[OutboxEvent]:
    """What happened to the record last that starts the automation; if nothing did, its last event of the kind."""
    if record.object != wanted.definition.trigger.object:
        raise Invalid(f"'{wanted.definition.label}' is not about records of '{record.object[:50]}'.")
    about = work.catalog.by_name[record.object]
    with work.rehearsing(DRY) as system:
        found = past_events(system, about, wanted.trigger.events, MAX_EVENTS, record.id)
    if not found or record not in names_of_records(work, [record]):
        raise NotFound("Nothing that could start this automation has happened to that record, or you may not see it.")
    return [next((event for event in found if _starts(work, wanted, event)), found[0])]


def _starts(work: UnitOfWork, wanted: CompiledAutomation, event: OutboxEvent) -> bool:
    change = change_of(event, work.catalog.by_name[event.ref.object])
    with work.rehearsing(DRY) as system:
        return fires(wanted, change, condition_inputs(change, change.record.get("owner"), RuleReader(system)))


def _outcome(work: UnitOfWork, wanted: CompiledAutomation, event: OutboxEvent) -> Outcome:
    change = change_of(event, work.catalog.by_name[event.ref.object])
    runner = change.record.get("owner")
    try:
        with work.rehearsing(DRY) as system:
            if not fires(wanted, change, condition_inputs(change, runner, RuleReader(system))):
                return Outcome(starts=False)
        require_runner(wanted.definition, runner)
        assert runner is not None  # noqa: S101 - required just now
        return _tried(work, wanted, change, runner)
    except TrellisError as refusal:
        return Outcome(starts=True, error=str(refusal))


def _tried(work: UnitOfWork, wanted: CompiledAutomation, change: Change, runner: UUID) -> Outcome:
    made, ref = new_id(), change.event.ref
    run = run_of(wanted.definition, change, runner, "")
    head = RunHead(str(made), run.automation, run.automation_hash, ref.object, str(ref.id), str(runner), run.depth)
    with work.rehearsing(AutomationActor(run.automation, made, runner, run.depth)) as acting:
        insert_runs(acting, [replace(run, id=made, event=made)])
        trial = Trial(acting, head, run.input, change.event.at)
        error = trial.walk(wanted.blocks)
        acting.flush()
        rows = acting.connection.execute(_FACTS, {"run": str(made), "since": made})
        effects = {f"{row.object} {row.name}": row.number for row in rows}
    sent = Counter(step.type for step in trial.steps if not step.error and _leaves(step.type))
    return Outcome(starts=True, error=error, effects=effects, sent=dict(sent), steps=tuple(trial.steps))


def _leaves(step_type: str) -> bool:
    return STEP_TYPES.get(step_type).is_external or step_type in _TO_PEOPLE


def as_json(found: DryRun) -> dict[str, Any]:
    def outcome(each: Outcome) -> dict[str, Any]:
        steps = [{"path": s.path, "type": s.type, "output": s.output, "error": s.error} for s in each.steps]
        return {
            "starts": each.starts, "error": each.error, "effects": each.effects, "sent": each.sent, "steps": steps,
        }  # fmt: skip

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
                **outcome(each.outcome),
                "live": outcome(each.live) if each.live else None,
            }
            for each in found.tried
        ],
    }
