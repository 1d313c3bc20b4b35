"""How the interpreter asks for steps to be done: beside itself, or where waiting for other machines holds up nobody."""

from datetime import timedelta

from temporalio import workflow
from temporalio.common import RetryPolicy
from temporalio.exceptions import ActivityError, ApplicationError
from temporalio.exceptions import TimeoutError as TookTooLong

from crm_app.automation.messages import USUAL_TRIES, StepFailure, StepInput, StepResult, StepsInput, StepsResult
from workflows.walking import StepFailed

STEP_TIMEOUT = timedelta(seconds=60)
UNTIL_IT_WORKS = RetryPolicy(
    initial_interval=timedelta(milliseconds=250), backoff_coefficient=2, maximum_interval=timedelta(seconds=10)
)
_ONCE = RetryPolicy(maximum_attempts=1)


async def local(name: str, message: StepInput | StepFailure) -> StepResult:
    step = message if isinstance(message, StepInput) else message.step
    try:
        if isinstance(message, StepInput) and message.block.is_external and not message.is_recall:
            return await _outside(name, message)
        result: StepResult = await workflow.execute_local_activity(
            name,
            message,
            result_type=StepResult,
            start_to_close_timeout=STEP_TIMEOUT,
            retry_policy=UNTIL_IT_WORKS,
        )
    except (ActivityError, ApplicationError) as error:
        said = error.cause if isinstance(error, ActivityError) else error
        if isinstance(said, ApplicationError):
            raise StepFailed(step, said.message, said.type or "error") from error
        if isinstance(said, TookTooLong):
            raise StepFailed(step, "The other side took too long each time.", "timed_out") from error
        raise
    return result


async def _outside(name: str, step: StepInput) -> StepResult:
    """What waits for other machines waits where it keeps nothing else waiting, and not for ever."""
    result: StepResult = await workflow.execute_activity(
        name,
        step,
        result_type=StepResult,
        start_to_close_timeout=STEP_TIMEOUT,
        retry_policy=_patience(int(step.block.config.get("tries", USUAL_TRIES))),
    )
    return result


def _patience(tries: int) -> RetryPolicy:
    """The activity says when it wants to be asked again; this says how often."""
    longest = timedelta(minutes=1 if tries <= USUAL_TRIES else 15)
    return RetryPolicy(
        initial_interval=timedelta(seconds=2), backoff_coefficient=2, maximum_interval=longest, maximum_attempts=tries
    )


async def together(steps: StepsInput) -> StepsResult:
    """Tried once: whatever stands in the way is met again, and told, by the step that it concerns."""
    try:
        result: StepsResult = await workflow.execute_local_activity(
            "execute_together",
            steps,
            result_type=StepsResult,
            start_to_close_timeout=STEP_TIMEOUT,
            retry_policy=_ONCE,
        )
    except (ActivityError, ApplicationError) as error:
        said = error.cause if isinstance(error, ActivityError) else error
        if isinstance(said, ApplicationError | TookTooLong):
            return StepsResult([])
        raise
    return result
