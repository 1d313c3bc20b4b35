"""The one workflow: a run of an automation, from its first block to how it ended."""

import asyncio
from collections.abc import Sequence
from dataclasses import replace

from temporalio import workflow
from temporalio.exceptions import ActivityError, ApplicationError

with workflow.unsafe.imports_passed_through():
    from crm_app.automation.messages import Block, RunInput, RunOutcome
    from workflows.asking import STEP_TIMEOUT, UNTIL_IT_WORKS
    from workflows.interpreter import CONTROLS, Interpreter
    from workflows.walking import Progress, RunStopped, Scope, StepFailed, blocks_by_id


@workflow.defn(name="RunAutomation")
class RunAutomation:
    def __init__(self) -> None:
        self._progress = Progress(0, {})

    @workflow.signal
    def wake(self) -> None:
        """Whatever waits looks whether its wait is over."""
        self._progress.wakes += 1

    @workflow.run
    async def run(self, message: RunInput) -> None:
        """Ends as completed, or failed with the sentence that the run's own row holds, too. A bug in here fails the
        run as well: Temporal would otherwise retry the task for ever, and the run would look alive.
        """
        try:
            is_whole = await self._walk(message, await self._blocks(message))
        except StepFailed as failure:
            await self._end(_failed(message, failure))
            raise ApplicationError(failure.message, type=failure.code, non_retryable=True) from failure
        except Exception as error:
            sentence = _sentence(error)
            await self._end(RunOutcome(message.run, "failed", sentence, "internal"))
            raise ApplicationError(sentence, type="internal", non_retryable=True) from error
        if not is_whole:
            workflow.continue_as_new(replace(message, so_far=self._progress.so_far))
        if not self._progress.has_ended:
            await self._end(RunOutcome(message.run, "finished"))

    async def _walk(self, message: RunInput, blocks: Sequence[Block]) -> bool:
        """False when the history has become long: another has to go on where this one stands."""
        progress = self._progress
        progress.max_steps, progress.blocks = message.max_steps, blocks_by_id(blocks)
        progress.take_up(message.so_far)
        if message.ends_by_step and blocks and CONTROLS.find(blocks[-1].type) is None:
            progress.last = blocks[-1].id
        progress.is_suggested = workflow.info().is_continue_as_new_suggested
        root = Interpreter(message.run, progress, Scope())
        walk = asyncio.create_task(_walked(root, blocks))
        await workflow.wait_condition(lambda: walk.done() or (progress.is_full and not progress.busy))
        if walk.done():
            walk.result()
        return walk.done()

    async def _blocks(self, message: RunInput) -> list[Block]:
        if message.blocks is not None:
            return message.blocks
        blocks: list[Block] = await workflow.execute_local_activity(
            "load_blocks",
            message.run.automation_hash,
            result_type=list[Block],
            start_to_close_timeout=STEP_TIMEOUT,
            retry_policy=UNTIL_IT_WORKS,
        )
        return blocks

    async def _end(self, outcome: RunOutcome) -> None:
        await workflow.execute_local_activity(
            "end_run", outcome, start_to_close_timeout=STEP_TIMEOUT, retry_policy=UNTIL_IT_WORKS
        )


async def _walked(root: Interpreter, blocks: Sequence[Block]) -> None:
    """A run that fails undoes what it did, as far as its steps say how."""
    try:
        await root.sequence(blocks)
    except RunStopped:
        return
    except StepFailed:
        await root.take_back()
        raise


def _failed(message: RunInput, failure: StepFailed) -> RunOutcome:
    step = failure.step
    return RunOutcome(
        run=message.run,
        status="failed",
        error=failure.message,
        error_code=failure.code,
        path=step.path,
        iteration=step.iteration,
        step_type=step.block.type,
    )


def _sentence(error: Exception) -> str:
    said = error.cause if isinstance(error, ActivityError) else error
    if isinstance(said, ApplicationError):
        return said.message
    return f"The run stopped on an internal error ({type(error).__name__})."
