"""A step of a run: the service door, made repeatable. However often it is executed, its effect happens once."""

from collections.abc import Iterable, Mapping
from typing import Any
from uuid import UUID

from crm_app.automation.catalog import STEP_TYPES
from crm_app.automation.change import parsed
from crm_app.automation.messages import Output, RunHead, RunOutcome, StepInput, StepResult
from crm_app.automation.step_type import StepRun
from crm_app.kernel import clock
from crm_app.kernel.actor import AutomationActor, SystemActor
from crm_app.kernel.errors import Conflict, Forbidden, Unauthenticated
from crm_app.kernel.events import RecordRef
from crm_app.rules.inputs import Inputs
from crm_app.rules.python import compile_rule
from crm_app.rules.tree import Name, Node, walk
from crm_app.rules.tree_json import from_json
from crm_app.rules.value_json import dump_value, load_value
from crm_app.services.automation_effects import EffectKey, claim_effect, keep_output
from crm_app.services.automation_inputs import RuleReader
from crm_app.services.automation_runs import finish_run, note_step, open_run, touch_run
from crm_app.services.unit_of_work import UnitOfWork
from crm_app.services.workspace import Workspace

ENGINE = SystemActor("automation engine")


class RunEnded(Conflict):
    """The run is over: what still tries to act for it is too late."""

    code = "run_ended"


class RunnerGone(Forbidden):
    """Whoever the run acts as has no active account any more."""

    code = "runner_gone"


def execute_step(workspace: Workspace, step: StepInput) -> StepResult:
    """Effect, ledger row and progress are one transaction, with the rights that the runner has now."""
    run = step.run
    actor = AutomationActor(run.automation, UUID(run.id), UUID(run.runner), run.depth)
    try:
        with workspace.work(actor) as work:
            return StepResult(_once(work, step))
    except Unauthenticated:
        raise RunnerGone("The person whom this automation acts as has no active account any more.") from None


def end_run(workspace: Workspace, outcome: RunOutcome) -> None:
    """Records how the run ended; only its first end counts."""
    run = UUID(outcome.run.id)
    error = f"{outcome.error_code}: {outcome.error}" if outcome.error_code else outcome.error
    with workspace.work(ENGINE) as work:
        if finish_run(work, run, outcome.status, error) and outcome.path:
            note_step(work, run, outcome.path, outcome.iteration, outcome.step_type, error=error)


def _once(work: UnitOfWork, step: StepInput) -> Output:
    run = UUID(step.run.id)
    key = EffectKey(run, step.path, step.iteration)
    stored = claim_effect(work, key)
    if stored is not None:
        return dict(stored)
    snapshot = open_run(work, run)
    if snapshot is None:
        raise RunEnded("This run has already ended.")
    output = _effect(work, step, snapshot)
    keep_output(work, key, output)
    note_step(work, run, step.path, step.iteration, step.block.type, output=output)
    if not touch_run(work, run):
        raise RunEnded("This run has ended meanwhile.")
    return output


def _effect(work: UnitOfWork, step: StepInput, snapshot: Mapping[str, Any]) -> Output:
    step_type = STEP_TYPES.get(step.block.type)
    config = step_type.config.model_validate(step.block.config)
    trees = {place: from_json(body) for place, body in step.block.rules.items()}
    inputs = _inputs(work, step, snapshot, trees.values())
    asked = {place: trees.pop(place) for place in step_type.queries if place in trees}
    values = {place: compile_rule(tree)(inputs) for place, tree in trees.items()}
    types = {place: tree.type for place, tree in trees.items()}
    key = f"{step.run.id}/{step.path}/{step.iteration}"
    run = StepRun(work, _ref(step.run), config, values, types, asked, inputs, key)
    return {name: dump_value(value) for name, value in step_type.run(run).items()}


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
        steps=_outputs(step, trees),
        me=work.who.user_id,
        now=clock.now(),
        time_zone=work.who.time_zone,
        follow=reader.follow,
        gather=reader.gather,
        related=reader.related,
        worth=reader.worth,
    )


def _outputs(step: StepInput, trees: Iterable[Node]) -> dict[str, dict[str, Any]]:
    """Those that the rules name, as values of the types that the rules were checked with."""
    found: dict[str, dict[str, Any]] = {}
    for node in (node for tree in trees for node in walk(tree)):
        if isinstance(node, Name) and node.root == "steps":
            raw = step.outputs.get(node.step, {}).get(node.name)
            found.setdefault(node.step, {})[node.name] = load_value(node.type, raw)
    return found


def _ref(run: RunHead) -> RecordRef:
    return RecordRef(run.object, UUID(run.record))
