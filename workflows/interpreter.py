"""Walks the tree of blocks. No clock, no parsing, no records: what a step does happens in Temporal activities."""

from collections.abc import Sequence
from datetime import timedelta

from temporalio import workflow
from temporalio.common import RetryPolicy
from temporalio.exceptions import ActivityError, ApplicationError

from crm_app.automation.messages import Block, Output, RunHead, StepInput, StepResult
from workflows.control.sequence import run_sequence

STEP_TIMEOUT = timedelta(seconds=60)
UNTIL_IT_WORKS = RetryPolicy(
    initial_interval=timedelta(milliseconds=250), backoff_coefficient=2, maximum_interval=timedelta(seconds=10)
)


class StepFailed(Exception):
    """A step said no for good: which, and the sentence it gave."""

    def __init__(self, step: StepInput, error: ApplicationError) -> None:
        super().__init__(error.message)
        self.step = step
        self.message = error.message
        self.code = error.type or "error"


class Interpreter:
    """One run. A step's path from the root is its key, so it is the same whenever the run is replayed or repeated."""

    def __init__(self, run: RunHead) -> None:
        self._run = run
        self._outputs: dict[str, Output] = {}

    async def run(self, blocks: Sequence[Block], path: str = "") -> None:
        await run_sequence(blocks, path, self._step)

    async def _step(self, block: Block, path: str) -> None:
        """Steps only touch our own database, so they are local: the history keeps their results alone."""
        step = StepInput(self._run, block, path, outputs=dict(self._outputs))
        try:
            result: StepResult = await workflow.execute_local_activity(
                "execute_step",
                step,
                result_type=StepResult,
                start_to_close_timeout=STEP_TIMEOUT,
                retry_policy=UNTIL_IT_WORKS,
            )
        except (ActivityError, ApplicationError) as error:
            said = error.cause if isinstance(error, ActivityError) else error
            if isinstance(said, ApplicationError):
                raise StepFailed(step, said) from error
            raise
        self._outputs[block.id] = result.output
