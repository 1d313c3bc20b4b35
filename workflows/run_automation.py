"""The one workflow: a run of an automation, from its first block to how it ended."""

from temporalio import workflow
from temporalio.exceptions import ActivityError, ApplicationError

with workflow.unsafe.imports_passed_through():
    from crm_app.automation.messages import Block, RunInput, RunOutcome
    from workflows.interpreter import STEP_TIMEOUT, UNTIL_IT_WORKS, Interpreter, StepFailed


@workflow.defn(name="RunAutomation")
class RunAutomation:
    @workflow.run
    async def run(self, message: RunInput) -> None:
        """Ends as completed, or failed with the sentence that the run's own row holds, too. A bug in here fails the
        run as well: Temporal would otherwise retry the task for ever, and the run would look alive.
        """
        try:
            await Interpreter(message.run).run(await self._blocks(message))
        except StepFailed as failure:
            step = failure.step
            await self._end(
                RunOutcome(
                    run=message.run,
                    status="failed",
                    error=failure.message,
                    error_code=failure.code,
                    path=step.path,
                    iteration=step.iteration,
                    step_type=step.block.type,
                )
            )
            raise ApplicationError(failure.message, type=failure.code, non_retryable=True) from failure
        except Exception as error:
            sentence = _sentence(error)
            await self._end(RunOutcome(message.run, "failed", sentence, "internal"))
            raise ApplicationError(sentence, type="internal", non_retryable=True) from error
        await self._end(RunOutcome(message.run, "finished"))

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


def _sentence(error: Exception) -> str:
    said = error.cause if isinstance(error, ActivityError) else error
    if isinstance(said, ApplicationError):
        return said.message
    return f"The run stopped on an internal error ({type(error).__name__})."
