"""What one event would do: everything is done by the code that runs do, as their runner, and undone."""

from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from typing import Any
from uuid import UUID

from crm_app.automation.batches import together
from crm_app.automation.by_hand import MANUAL, SIGNAL
from crm_app.automation.catalog import STEP_TYPES
from crm_app.automation.change import Change, change_of
from crm_app.automation.compiled import CompiledAutomation, checked_rules
from crm_app.automation.dry_facts import DryFact, facts_of
from crm_app.automation.messages import RunHead
from crm_app.automation.new_runs import started_run
from crm_app.automation.relay import condition_inputs, require_runner, run_of
from crm_app.automation.runners import runner_of
from crm_app.automation.scope import DefinedFields
from crm_app.automation.tracing import reading_once, step_rule, told_inputs, told_traces
from crm_app.automation.trial import Trial, TriedStep
from crm_app.automation.trigger_type import author_of
from crm_app.kernel.actor import AutomationActor, SystemActor
from crm_app.kernel.errors import TrellisError
from crm_app.kernel.ids import new_id
from crm_app.rules.inputs import Inputs
from crm_app.services.automation_inputs import RuleReader
from crm_app.services.automation_outbox import OutboxEvent
from crm_app.services.automation_runs import insert_runs
from crm_app.services.run_lists import CLOSED, sees_everything
from crm_app.services.seen_values import Value, Viewer
from crm_app.services.timeline import Say, plain
from crm_app.services.unit_of_work import UnitOfWork

DRY = SystemActor("dry run")
_WHEN = "when"
_TO_PEOPLE = frozenset({"approval", "form", "notify"})


@dataclass(frozen=True)
class Outcome:
    """`effects` counts facts such as `task record.created`, `sent` what goes to people or leaves the product, by the
    type of step. `why` is the trigger's condition with its parts; `facts` are the changes in words.
    """

    starts: bool
    error: str = ""
    effects: Mapping[str, int] = field(default_factory=dict[str, int])
    sent: Mapping[str, int] = field(default_factory=dict[str, int])
    steps: tuple[TriedStep, ...] = ()
    why: tuple[Value, ...] = ()
    facts: tuple[DryFact, ...] = ()

    def is_like(self, other: "Outcome") -> bool:
        """The same changes to the same values, and the same words to the same people."""
        mine, theirs = ((o.starts, o.error, dict(o.effects), dict(o.sent), o.facts, o.said()) for o in (self, other))
        return mine == theirs

    def said(self) -> list[tuple[str, dict[str, str]]]:
        """What goes out, with what it says."""
        going = [step for step in self.steps if leaves(step.type) and not step.error]
        return [(step.type, {place: value.value for place, value in step.input.items()}) for step in going]


def leaves(step_type: str) -> bool:
    """Whether such a step reaches people, or leaves the product."""
    return STEP_TYPES.get(step_type).is_external or step_type in _TO_PEOPLE


def starts(work: UnitOfWork, wanted: CompiledAutomation, event: OutboxEvent) -> bool:
    """Also what is refused would start: a run that fails."""
    change = change_of(event, work.catalog.by_name[event.ref.object])
    try:
        with work.rehearsing(_author(work, wanted)) as system:
            inputs = condition_inputs(change, _runner(work, system, wanted, change), RuleReader(system))
            return _is_about(wanted, change) and wanted.fires(inputs)
    except TrellisError:
        return _is_about(wanted, change)


def outcome_of(
    work: UnitOfWork, wanted: CompiledAutomation, event: OutboxEvent, *, is_seen: bool, say: Say = plain
) -> Outcome:
    """`say` writes the values of its facts."""
    change = change_of(event, work.catalog.by_name[event.ref.object])
    if not _is_about(wanted, change):
        return Outcome(starts=False)
    viewer, why = Viewer(work, is_seen, event.ref.object), tuple[Value, ...]()
    try:
        with work.rehearsing(_author(work, wanted)) as system:
            runner = _runner(work, system, wanted, change)
            inputs = condition_inputs(change, runner, RuleReader(system))
            why = _why(viewer, wanted, inputs)
            if not wanted.fires(inputs):
                return Outcome(starts=False, why=why)
        require_runner(wanted.definition, runner)
        assert runner is not None  # noqa: S101 - required just now
        return replace(_tried(viewer, wanted, change, runner, say), why=why)
    except TrellisError as refusal:
        return Outcome(starts=True, error=str(refusal), why=why)


def _author(work: UnitOfWork, wanted: CompiledAutomation) -> SystemActor:
    """What a person starts is asked on that person's clock."""
    author = author_of(wanted.definition.trigger, DRY.reason)
    return replace(author, time_zone=work.who.time_zone) if wanted.trigger.name in (MANUAL, SIGNAL) else author


def _runner(work: UnitOfWork, system: UnitOfWork, wanted: CompiledAutomation, change: Change) -> UUID | None:
    """What a person starts acts as that person: whoever tries it."""
    if wanted.trigger.name in (MANUAL, SIGNAL):
        return work.who.user_id
    return runner_of(system, wanted.definition, change.record.get("owner"))


def _is_about(wanted: CompiledAutomation, change: Change) -> bool:
    """What no change starts is tried on an event that bears its trigger's name."""
    if change.event.ref.object != wanted.definition.trigger.object:
        return False
    return wanted.matches(change) if wanted.trigger.events else str(change.event.name) == wanted.trigger.name


def _why(viewer: Viewer, wanted: CompiledAutomation, inputs: Inputs) -> tuple[Value, ...]:
    work, scope = viewer.work, DefinedFields(viewer.work.schema)
    found = checked_rules(wanted.definition, work.catalog, scope).get(f"trigger/{_WHEN}")
    if found is None:
        return ()
    rules, reading = {_WHEN: step_rule(found.tree)}, reading_once(inputs)
    whole = told_inputs(rules, {_WHEN: rules[_WHEN].value(reading)}, scope)
    parts = told_traces(rules, reading, scope).get(_WHEN, [whole[_WHEN]])
    return tuple(viewer.value(each) for each in parts)


def _tried(viewer: Viewer, wanted: CompiledAutomation, change: Change, runner: UUID, say: Say) -> Outcome:
    made, definition, event = new_id(), wanted.definition, change.event
    if wanted.trigger.events:
        (run,) = together([definition], [run_of(definition, change, runner, "")])
    else:
        (run,) = together([definition], [started_run(definition, made, event.ref, runner, event.at)])
    about = (run.ref.object, str(run.ref.id))
    head = RunHead(str(made), run.automation, run.automation_hash, *about, str(runner), run.depth)
    would_publish = viewer.work.who.user_id or runner
    actor = AutomationActor(run.automation, made, runner, run.depth, run.automation_hash, would_publish)
    with viewer.work.rehearsing(actor) as acting:
        insert_runs(acting, [replace(run, id=made, event=made)])
        trial = Trial(acting, head, run.input, event.at, viewer)
        error = _open_error(trial, trial.walk(wanted.blocks))
        acting.flush()
        facts = facts_of(viewer, made, say)
    sent = Counter(step.type for step in trial.steps if not step.error and leaves(step.type))
    effects = Counter(f"{each.object} {each.event}" for each in facts)
    return Outcome(
        starts=True, error=error, effects=effects, sent=dict(sent), steps=tuple(trial.steps), facts=tuple(facts)
    )


def _open_error(trial: Trial, error: str) -> str:
    """The sentence of a step that told it, or of a step that whoever tries may see nothing of: then not told."""
    is_told = not error or any(step.error == error for step in trial.steps)
    return error if is_told or sees_everything(trial.viewer.work) else CLOSED


def as_json(found: Outcome) -> dict[str, Any]:
    steps = [
        {"path": s.path, "type": s.type, "output": None if s.is_closed else s.output, "error": s.error}
        for s in found.steps
    ]
    return {"starts": found.starts, "error": found.error, "effects": found.effects, "sent": found.sent, "steps": steps}
