"""A step of a run: the service door, made repeatable. However often it is executed, its effect happens once."""

from collections.abc import Mapping
from datetime import timedelta
from typing import Any
from uuid import UUID

from crm_app.automation.catalog import STEP_TYPES
from crm_app.automation.messages import STILL_WAITING, Output, RunHead, RunOutcome, StepFailure, StepInput, StepResult
from crm_app.automation.performing import perform, prepared
from crm_app.automation.refusals import (
    CalledAreEnding,
    FailedBefore,
    NotDone,
    Reassigned,
    RunEnded,
    RunEnding,
    RunnerGone,
)
from crm_app.automation.step_inputs import ref_of
from crm_app.automation.step_type import Send
from crm_app.automation.waiting import SETTLES as SETTLED
from crm_app.automation.waiting import StillWaiting
from crm_app.kernel import clock
from crm_app.kernel.actor import AutomationActor, SystemActor
from crm_app.kernel.errors import TrellisError, Unauthenticated
from crm_app.rules.value_json import dump_value
from crm_app.services.automation_effects import (
    EffectKey,
    claim_effect,
    keep_output,
    known_effect,
    known_effects,
    release_effect,
)
from crm_app.services.automation_runs import (
    ENDING,
    RunKey,
    StepKey,
    StepSeen,
    finish_run,
    holds_run,
    note_end,
    note_failure,
    open_run,
    touch_run,
)
from crm_app.services.automation_steps import Kept, begin_step, finish_step
from crm_app.services.called_runs import called_runs, waits_for_called
from crm_app.services.mails import give_up
from crm_app.services.publishers import telling_of_publisher
from crm_app.services.unit_of_work import UnitOfWork
from crm_app.services.workspace import Workspace

ENGINE = SystemActor("workflow engine")
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
    except (RunEnded, RunEnding, NotDone, FailedBefore):
        raise
    except TrellisError as error:
        if error.status < FIRST_SERVER_ERROR:
            with workspace.work(ENGINE) as work:
                note_failure(work, _key(step), seen, f"{error.code}: {error}")
        raise


def keep_failure(workspace: Workspace, failure: StepFailure) -> StepResult:
    """The step has failed, from now on; unless it was done after all, by an attempt that was believed lost."""
    step = failure.step
    key = _effect(step)
    said = {FAILURE: {"error": failure.error, "code": failure.error_code}}
    with workspace.work(ENGINE) as work:
        if not holds_run(work, run_key(step.run)):
            raise RunEnded("This run goes on with another version meanwhile.")
        stored = claim_effect(work, key)
        if stored is None:
            keep_output(work, key, said)
            note_end(work, _key(step), f"{failure.error_code}: {failure.error}")
            give_up(work, f"{step.run.id}/{step.path}/{step.iteration}")
    return StepResult(_given(stored or said))


def end_run(workspace: Workspace, outcome: RunOutcome) -> None:
    """Records how the run ended; only its first end counts."""
    run = UUID(outcome.run.id)
    error = f"{outcome.error_code}: {outcome.error}" if outcome.error_code else outcome.error
    with workspace.work(ENGINE) as work:
        is_called_off = outcome.error_code == RunEnding.code
        status, error = ("cancelled", outcome.error) if is_called_off else (outcome.status, error)
        if finish_run(work, run, status, error, outcome.run.automation_hash) and outcome.path and not is_called_off:
            note_end(work, StepKey(run, outcome.path, outcome.iteration, outcome.step_type), error)
            give_up(work, f"{outcome.run.id}/{outcome.path}/{outcome.iteration}")


def _as_runner(workspace: Workspace, step: StepInput, runner: UUID, seen: StepSeen) -> StepResult:
    try:
        with workspace.work(actor_of(step.run, runner)) as work:
            found = _begun(work, step, seen) if _is_external(step) else _once(work, step, seen)
        return _settled(workspace, step, seen, found) if callable(found) else found
    except Unauthenticated:
        with workspace.work(ENGINE) as work:
            found = open_run(work, run_key(step.run))
        if found is not None and found[1] is not None and found[1] != runner:
            raise Reassigned(found[1]) from None
        raise RunnerGone("The person whom this workflow acts as has no active account any more.") from None


def actor_of(run: RunHead, runner: UUID) -> AutomationActor:
    return AutomationActor(run.automation, UUID(run.id), runner, run.depth, run.automation_hash)


def _effect(step: StepInput) -> EffectKey:
    return EffectKey(UUID(step.run.id), step.path, step.iteration)


def run_key(run: RunHead) -> RunKey:
    return RunKey(UUID(run.id), run.automation_hash)


def _key(step: StepInput) -> StepKey:
    return StepKey(UUID(step.run.id), step.path, step.iteration, step.block.type)


def _once(work: UnitOfWork, step: StepInput, seen: StepSeen) -> StepResult:
    key = _effect(step)
    begun = begin_step(work, key, step.run.automation_hash)
    if begun is not None and begun.stored is not None:
        return StepResult(_given(begun.stored), is_free=not step.run.restarts)
    if step.is_recall:
        raise NotDone("This step was not done.")
    _require_undecided(work, step)
    try:
        snapshot = _acting(work, step, (begun.input, begun.runner) if begun is not None and begun.is_open else None)
        with telling_of_publisher(work, ref_of(step.run)):
            output = perform(work, step, snapshot, seen)
    except StillWaiting as wait:
        release_effect(work, key)
        touch_run(work, run_key(step.run), resting=_is_alone(step))
        return StepResult({STILL_WAITING: wait.until.isoformat() if wait.until else ""}, is_free=True)
    return _kept(work, step, seen, output)


def _kept(work: UnitOfWork, step: StepInput, seen: StepSeen, output: Output) -> StepResult:
    status = finish_step(work, run_key(step.run), _key(step), seen, Kept(output, _rests(step), step.is_last))
    if not status:
        raise RunEnded("This run has ended meanwhile.")
    return StepResult(output, has_ended=status == "finished")


def _is_external(step: StepInput) -> bool:
    return STEP_TYPES.get(step.block.type).is_external and not step.is_recall


def _begun(work: UnitOfWork, step: StepInput, seen: StepSeen) -> StepResult | Send:
    """What is to be done outside, decided with the runner's rights; or what the step gave, if it was done."""
    if (stored := known_effect(work, _effect(step))) is not None:
        return StepResult(_given(stored), is_free=not step.run.restarts)
    _require_undecided(work, step)
    snapshot = _acting(work, step, open_run(work, run_key(step.run)))
    prepare = STEP_TYPES.get(step.block.type).prepare
    if prepare is None or not touch_run(work, run_key(step.run), OUTSIDE):
        raise RunEnded("This run has ended meanwhile.")
    with telling_of_publisher(work, ref_of(step.run)):
        return prepare(prepared(work, step, snapshot, seen))


def _settled(workspace: Workspace, step: StepInput, seen: StepSeen, send: Send) -> StepResult:
    """What was done outside is kept, even where the run has ended meanwhile."""
    output = {name: dump_value(value) for name, value in send(workspace).items()}
    with workspace.work(ENGINE) as work:
        if (stored := claim_effect(work, _effect(step))) is not None:
            return StepResult(_given(stored))
        try:
            return _kept(work, step, seen, output)
        except RunEnded as ended:
            over = ended
    raise over


def _acting(
    work: UnitOfWork, step: StepInput, found: tuple[Mapping[str, Any], UUID | None] | None
) -> Mapping[str, Any]:
    """What the run was started with, where it is open and its runner still the one who acts here."""
    if found is None:
        raise RunEnded("This run has already ended.")
    snapshot, runner = found
    if runner is not None and runner != work.who.user_id:
        raise Reassigned(runner)
    if ENDING in snapshot:
        _require_undoing(work, step, snapshot[ENDING])
    return snapshot


def _require_undoing(work: UnitOfWork, step: StepInput, reason: str) -> None:
    """What the run has called ends before it does: a step that waits for that goes on doing so."""
    run = UUID(step.run.id)
    if step.is_undoing:
        if called_runs(work, [run]):
            raise CalledAreEnding("What this run has called is still undone.")
        return
    if SETTLES in step.hint and waits_for_called(work, run, step.path.removesuffix(SETTLED)):
        raise StillWaiting(None)
    raise RunEnding(reason)


def _require_undecided(work: UnitOfWork, step: StepInput) -> None:
    """Of a branch that has lost, or whose list was stopped, nothing more is done: not by a worker either that still
    goes on after Temporal took it for lost, when another has already undone what it knew of.
    """
    if not step.contests or step.is_undoing:
        return
    for path, decided in known_effects(work, UUID(step.run.id), step.contests).items():
        if step.contests[path] != decided.get("branch", decided.get("stop")):
            raise NotDone("It was decided meanwhile that this step isn't done.")


def _rests(step: StepInput) -> bool:
    return _is_alone(step) and STEP_TYPES.get(step.block.type).waits and SETTLES not in step.hint


def _is_alone(step: StepInput) -> bool:
    """Whether the run waits when the step does. Beside others it may not: what they are about to do would be looked for
    only when the wait is over, had Temporal lost it. The watchdog finds out whether they have come to rest.
    """
    return not step.contests


def _given(stored: Mapping[str, Any]) -> Output:
    if FAILURE in stored:
        raise FailedBefore(stored[FAILURE]["error"], stored[FAILURE]["code"])
    return dict(stored)
