"""A part of a long list, in a history of its own."""

import asyncio
from dataclasses import replace

from temporalio import workflow
from temporalio.exceptions import ApplicationError

with workflow.unsafe.imports_passed_through():
    from crm_app.automation.messages import ItemsInput, ItemsResult, SoFar
    from workflows.interpreter import Interpreter
    from workflows.items import Items
    from workflows.walking import BranchOver, Progress, RunStopped, Scope, StepFailed, blocks_by_id


@workflow.defn(name="RunItems")
class RunItems:
    """How it ended is its answer, failures included: what was done before one can then still be undone."""

    def __init__(self) -> None:
        self._scope = Scope()
        self._progress = Progress(0, {})

    @workflow.signal
    def wake(self) -> None:
        self._progress.wakes += 1

    @workflow.signal
    def end(self) -> None:
        self._scope.end()

    @workflow.run
    async def run(self, message: ItemsInput) -> ItemsResult:
        """Steps inside an item may be done any number of times, so a part, too, can be more than one history holds."""
        progress = self._progress
        walk = asyncio.create_task(self._walk(message))
        await workflow.wait_condition(lambda: walk.done() or (progress.is_full and not progress.busy))
        if not walk.done():
            workflow.continue_as_new(replace(message, so_far=progress.so_far, is_over=self._scope.is_over))
        return walk.result()

    async def _walk(self, message: ItemsInput) -> ItemsResult:
        progress, self._scope.beside = self._progress, message.is_contested
        self._scope.was_ended = self._scope.was_ended or message.is_over
        progress.max_steps, progress.blocks = message.max_steps, blocks_by_id([message.block])
        progress.take_up(message.so_far or SoFar(message.steps, message.order, {}, message.variables))
        progress.is_suggested = workflow.info().is_continue_as_new_suggested
        walker = Interpreter(message.run, progress, self._scope, only_recalls=message.only_recalls).branch(
            self._scope, contests=message.contests
        )
        walker.outputs = dict(message.outputs)
        items = Items(message.block, message.path, walker, message.first)
        failure, was_stopped, is_over = None, False, False
        try:
            await items.walk(message.items)
        except StepFailed as failed:
            failure = failed
        except RunStopped:
            was_stopped = True
        except BranchOver:
            is_over = True
        except Exception as error:
            raise ApplicationError(type(error).__name__, type="internal", non_retryable=True) from error
        return ItemsResult(
            progress.steps, progress.order, items.failed, walker.undo, progress.variables,
            failure.step if failure else None, failure.message if failure else "", failure.code if failure else "",
            was_stopped, is_over,
        )  # fmt: skip
