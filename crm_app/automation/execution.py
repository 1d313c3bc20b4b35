"""A step of a run: the service door, made repeatable. However often it is executed, its effect happens once."""

from collections.abc import Iterable, Mapping
from dataclasses import replace
from datetime import timedelta
from typing import Any
from uuid import UUID

from crm_app.automation.catalog import STEP_TYPES
from crm_app.automation.change import parsed
from crm_app.automation.messages import STILL_WAITING, Output, RunHead, RunOutcome, StepFailure, StepInput, StepResult
from crm_app.automation.refusals import FailedBefore, NotDone, Reassigned, RunEnded, RunnerGone
from crm_app.automation.scope import DefinedFields
from crm_app.automation.step_type import Send, StepRun
from crm_app.automation.tracing import reading_once, rules_of_block, told_inputs, told_traces
from crm_app.automation.waiting import StillWaiting
from crm_app.kernel import clock
from crm_app.kernel.actor import AutomationActor, SystemActor
from crm_app.kernel.errors import TrellisError, Unauthenticated
from crm_app.kernel.events import RecordRef
from crm_app.rules.inputs import Inputs
from crm_app.rules.tree import Name, Node, walk
from crm_app.rules.value_json import dump_value, load_value
from crm_app.services.automation_effects import EffectKey, claim_effect, keep_output, known_effect, release_effect
from crm_app.services.automation_inputs import RuleReader
from crm_app.services.automation_runs import (
    StepKey,
    StepSeen,
    finish_run,
    note_end,
    note_failure,
    note_step,
    open_run,
    touch_run,
)
from crm_app.services.unit_of_work import UnitOfWork
from crm_app.services.workspace import Workspace

ENGINE = SystemActor("automation engine")
FIRST_SERVER_ERROR = 500
FAILURE = "!"
OUTSIDE = timedelta(minutes=2)
SETTLES = "settle"


def execute_step(workspace: Workspace, step: StepInput) -> StepResult:
    """Effect, ledger row and progress are one transaction, with the rights that the runner has now. What is final of a
    failure is noted in one of its own.
    """
    seen = StepSeen(clock.now())
    try:
        try:
            return _as_runner(workspace, step, UUID(step.run.runner), seen)
        except Reassigned as other:
            return _as_runner(workspace, step, other.runner, seen)
    except (RunEnded, NotDone, FailedBefore):
        raise
    except TrellisError as error:
        if error.status < FIRST_SERVER_ERROR:
            _note_failure(workspace, step, seen, f"{error.code}: {error}")
        raise


def keep_failure(workspace: Workspace, failure: StepFailure) -> StepResult:
    """The step has failed, from now on; unless it was done after all, by an attempt that was believed lost."""
    step = failure.step
    key = EffectKey(UUID(step.run.id), step.path, step.iteration)
    said = {FAILURE: {"error": failure.error, "code": failure.error_code}}
    with workspace.work(ENGINE) as work:
        stored = claim_effect(work, key)
        if stored is None:
            keep_output(work, key, said)
            note_end(work, _key(step), f"{failure.error_code}: {failure.error}")
    return StepResult(_given(stored or said))


def end_run(workspace: Workspace, outcome: RunOutcome) -> None:
    """Records how the run ended; only its first end counts."""
    run = UUID(outcome.run.id)
    error = f"{outcome.error_code}: {outcome.error}" if outcome.error_code else outcome.error
    with workspace.work(ENGINE) as work:
        if finish_run(work, run, outcome.status, error) and outcome.path:
            note_end(work, StepKey(run, outcome.path, outcome.iteration, outcome.step_type), error)


def _as_runner(workspace: Workspace, step: StepInput, runner: UUID, seen: StepSeen) -> StepResult:
    actor = AutomationActor(step.run.automation, UUID(step.run.id), runner, step.run.depth)
    try:
        with workspace.work(actor) as work:
            found = _begun(work, step, seen) if _is_external(step) else _once(work, step, seen)
        return StepResult(_settled(workspace, step, seen, found) if callable(found) else found)
    except Unauthenticated:
        with workspace.work(ENGINE) as work:
            found = open_run(work, actor.run_id)
        if found is not None and found[1] is not None and found[1] != runner:
            raise Reassigned(found[1]) from None
        raise RunnerGone("The person whom this automation acts as has no active account any more.") from None


def _note_failure(workspace: Workspace, step: StepInput, seen: StepSeen, error: str) -> None:
    with workspace.work(ENGINE) as work:
        note_failure(work, _key(step), seen, error)


def _key(step: StepInput) -> StepKey:
    return StepKey(UUID(step.run.id), step.path, step.iteration, step.block.type)


def _once(work: UnitOfWork, step: StepInput, seen: StepSeen) -> Output:
    run = UUID(step.run.id)
    key = EffectKey(run, step.path, step.iteration)
    stored = claim_effect(work, key)
    if stored is not None:
        return _given(stored)
    if step.is_recall:
        raise NotDone("This step was not done.")
    snapshot = _opened(work, run)
    try:
        output = perform(work, step, snapshot, seen)
    except StillWaiting as wait:
        release_effect(work, key)
        touch_run(work, run, resting=True)
        return {STILL_WAITING: wait.until.isoformat() if wait.until else ""}
    keep_output(work, key, output)
    note_step(work, _key(step), seen, output)
    if not touch_run(work, run, resting=_rests(step)):
        raise RunEnded("This run has ended meanwhile.")
    return output


def _is_external(step: StepInput) -> bool:
    return STEP_TYPES.get(step.block.type).is_external and not step.is_recall


def _begun(work: UnitOfWork, step: StepInput, seen: StepSeen) -> Output | Send:
    """What is to be done outside, decided with the runner's rights; or what the step gave, if it was done."""
    run = UUID(step.run.id)
    stored = known_effect(work, EffectKey(run, step.path, step.iteration))
    if stored is not None:
        return _given(stored)
    snapshot = _opened(work, run)
    prepare = STEP_TYPES.get(step.block.type).prepare
    if prepare is None or not touch_run(work, run, OUTSIDE):
        raise RunEnded("This run has ended meanwhile.")
    return prepare(_prepared(work, step, snapshot, seen))


def _settled(workspace: Workspace, step: StepInput, seen: StepSeen, send: Send) -> Output:
    """What was done outside is kept, even where the run has ended meanwhile."""
    run = UUID(step.run.id)
    key = EffectKey(run, step.path, step.iteration)
    output = {name: dump_value(value) for name, value in send(workspace).items()}
    with workspace.work(ENGINE) as work:
        stored = claim_effect(work, key)
        if stored is not None:
            return _given(stored)
        keep_output(work, key, output)
        note_step(work, _key(step), seen, output)
        is_open = touch_run(work, run)
    if not is_open:
        raise RunEnded("This run has ended meanwhile.")
    return output


def _opened(work: UnitOfWork, run: UUID) -> Mapping[str, Any]:
    found = open_run(work, run)
    if found is None:
        raise RunEnded("This run has already ended.")
    snapshot, runner = found
    if runner is not None and runner != work.who.user_id:
        raise Reassigned(runner)
    return snapshot


def _rests(step: StepInput) -> bool:
    flow = STEP_TYPES.get(step.block.type).flow
    return flow is not None and flow.waits and SETTLES not in step.hint


def _given(stored: Mapping[str, Any]) -> Output:
    if FAILURE in stored:
        raise FailedBefore(stored[FAILURE]["error"], stored[FAILURE]["code"])
    return dict(stored)


def perform(work: UnitOfWork, step: StepInput, snapshot: Mapping[str, Any], seen: StepSeen) -> Output:
    """The step's effect and what it gives, without any trace in the ledger of runs. What an external one would do is
    not done.
    """
    run = _prepared(work, step, snapshot, seen)
    return {name: dump_value(value) for name, value in STEP_TYPES.get(step.block.type).run(run).items()}


def _prepared(work: UnitOfWork, step: StepInput, snapshot: Mapping[str, Any], seen: StepSeen) -> StepRun:
    step_type = STEP_TYPES.get(step.block.type)
    config = step_type.config.model_validate(step.block.config)
    rules = rules_of_block(step.block)
    inputs = reading_once(_inputs(work, step, snapshot, [rule.tree for rule in rules.values()]))
    asked = {place: rules[place].tree for place in step_type.queries if place in rules}
    valued = {place: rule for place, rule in rules.items() if place not in asked}
    values = {place: rule.value(inputs) for place, rule in valued.items()}
    types = {place: rule.type for place, rule in valued.items()}
    scope = DefinedFields(work.schema)
    seen.input, seen.traces = told_inputs(valued, values, scope), told_traces(valued, inputs, scope)
    key = f"{step.run.id}/{step.path}/{step.iteration}"
    return StepRun(work, _ref(step.run), config, values, types, asked, inputs, key, step.hint, step.path)


def _inputs(work: UnitOfWork, step: StepInput, snapshot: Mapping[str, Any], trees: Iterable[Node]) -> Inputs:
    """The record as it is now and as the runner may see it; a deleted one as it was."""
    reader = RuleReader(work)
    ref = _ref(step.run)
    before = parsed(snapshot["before"], work.definition(ref.object))
    is_gone = snapshot["event"] == "record.deleted"
    record = reader.readable(ref, before) if is_gone else reader.record(ref)
    return Inputs(
        record=record,
        old={**record, **reader.readable(ref, before)},
        variables=_named(replace(step, variables={**snapshot.get("given", {}), **step.variables}), trees, "vars").get(
            "", {}
        ),
        steps=_named(step, trees, "steps"),
        me=work.who.user_id,
        now=clock.now(),
        time_zone=work.who.time_zone,
        follow=reader.follow,
        gather=reader.gather,
        related=reader.related,
        worth=reader.worth,
    )


def _named(step: StepInput, trees: Iterable[Node], root: str) -> dict[str, dict[str, Any]]:
    """The outputs or variables that the rules name, as values of the types that the rules were checked with."""
    found: dict[str, dict[str, Any]] = {}
    for node in (node for tree in trees for node in walk(tree)):
        if isinstance(node, Name) and node.root == root:
            given = step.outputs.get(node.step, {}) if root == "steps" else step.variables
            found.setdefault(node.step, {})[node.name] = load_value(node.type, given.get(node.name))
    return found


def _ref(run: RunHead) -> RecordRef:
    return RecordRef(run.object, UUID(run.record))
