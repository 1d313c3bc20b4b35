"""Walks the tree of blocks. No clock, no parsing, no records: what a step does happens in Temporal activities."""

import asyncio
from collections.abc import Callable, Sequence
from contextlib import suppress
from datetime import datetime, timedelta
from typing import Any

from temporalio import workflow
from temporalio.common import RetryPolicy
from temporalio.exceptions import ActivityError, ApplicationError

from crm_app.automation.messages import (
    COMPENSATE,
    STILL_WAITING,
    Block,
    Completed,
    Done,
    Output,
    RunHead,
    StepFailure,
    StepInput,
    StepResult,
)
from crm_app.kernel.registry import Registry
from workflows import control
from workflows.walking import NOT_DONE, BranchOver, Control, Progress, Scope, StepFailed

SETTLED = "!"
STEP_TIMEOUT = timedelta(seconds=60)
UNTIL_IT_WORKS = RetryPolicy(
    initial_interval=timedelta(milliseconds=250), backoff_coefficient=2, maximum_interval=timedelta(seconds=10)
)
FOR_TEN_MINUTES = RetryPolicy(
    initial_interval=timedelta(seconds=2),
    backoff_coefficient=2,
    maximum_interval=timedelta(seconds=60),
    maximum_attempts=15,
)
CONTROLS: Registry[Control] = Registry[Control]("control block").load_folder(control, "CONTROL")


class Interpreter:
    """One run, or one branch of it. A step's path from the root is its key, so it is the same whenever the run is
    replayed or repeated. See `walking.Walker`.
    """

    def __init__(self, run: RunHead, progress: Progress, scope: Scope, *, only_recalls: bool = False) -> None:
        self.run = run
        self.scope = scope
        self.progress = progress
        self.outputs: dict[str, Output] = {}
        self.variables = progress.variables
        self.undo: list[Completed] = []
        self.only_recalls = only_recalls
        self._keeps_failures = False

    async def sequence(self, blocks: Sequence[Block], path: str = "") -> None:
        for block in blocks:
            await self._block(block, f"{path}/{block.id}" if path else block.id)

    async def _block(self, block: Block, path: str) -> None:
        done = self.progress.done.get(path)
        if done is not None:
            self.outputs |= done.outputs
            self.undo += done.undo
            return
        known, undoable = set(self.outputs), len(self.undo)
        found = CONTROLS.find(block.type)
        output = await (found.run(block, path, self) if found else self.ask(block, path))
        if output is not None:
            self.outputs[block.id] = output
        if block.slots.get(COMPENSATE):
            self.undo.append(Completed(path, block.id, self.progress.next_order(), dict(self.outputs)))
        given = {name: value for name, value in self.outputs.items() if name not in known or name == block.id}
        self.progress.keep(path, Done(given, self.undo[undoable:]))

    async def ask(self, block: Block, path: str, **hint: Any) -> Output:
        """Steps only touch our own database, so they are local: the history keeps their results alone."""
        step = StepInput(
            self.run, block.alone, path, 0, dict(self.outputs), dict(self.variables), hint, self.only_recalls
        )
        await self._may_go_on(step)
        self.progress.busy += 1
        try:
            return await self._asked(step)
        finally:
            self.progress.busy -= 1

    async def _asked(self, step: StepInput) -> Output:
        try:
            return await _local("execute_step", step)
        except StepFailed as failure:
            if failure.code == NOT_DONE:
                raise BranchOver from failure
            if failure.is_final or not (self._keeps_failures or self.undo):
                raise
            said = StepFailure(step, failure.message, failure.code)
        return await _local("keep_failure", said)

    async def attempt(self, blocks: Sequence[Block], path: str) -> StepFailed | None:
        undoable, before = len(self.undo), self._keeps_failures
        self._keeps_failures = True
        try:
            await self.sequence(blocks, path)
        except StepFailed as failure:
            if failure.is_final:
                raise
            await self.take_back(undoable)
            return failure
        finally:
            self._keeps_failures = before
        return None

    async def begin(self, block: Block, path: str) -> Output:
        return await self.ask(block, path, workflow=workflow.info().workflow_id)

    async def wait(self, block: Block, path: str, begun: Output) -> Output:
        until, wakes = begun["until"], 0
        is_known = bool(self.run.restarts) or self.only_recalls
        while True:
            if not is_known:
                await self._sleep(until, wakes)
            wakes, is_known = self.progress.wakes, False
            settled = await self.ask(block, f"{path}{SETTLED}", settle=True)
            if STILL_WAITING not in settled:
                return settled
            until = settled[STILL_WAITING]

    async def _sleep(self, until: str | None, wakes: int) -> None:
        """Till the moment, or till somebody wakes the run."""
        progress = self.progress
        timeout = datetime.fromisoformat(until) - workflow.now() if until else None
        if timeout is not None and timeout <= timedelta(0):
            return
        with suppress(asyncio.TimeoutError):
            await workflow.wait_condition(lambda: progress.wakes != wakes or self.scope.is_over, timeout=timeout)
        if self.scope.is_over:
            raise BranchOver

    async def recalled(self, block: Block, path: str) -> Output | None:
        if not self.run.restarts:
            return None
        try:
            return await _local("execute_step", StepInput(self.run, block.alone, path, is_recall=True))
        except StepFailed as failure:
            if failure.code == NOT_DONE:
                return None
            raise

    async def take_back(self, since: int = 0) -> None:
        done = sorted(self.undo[since:], key=lambda each: each.order)
        del self.undo[since:]
        for each in reversed(done):
            undoing = self.detached()
            undoing.outputs = {**undoing.outputs, **each.outputs}
            try:
                await undoing.sequence(self.progress.blocks[each.block].slots[COMPENSATE], each.path)
            except StepFailed as failure:
                if failure.is_final:
                    raise

    def branch(self, scope: Scope, *, only_recalls: bool = False) -> "Interpreter":
        beside = Interpreter(self.run, self.progress, scope, only_recalls=only_recalls or self.only_recalls)
        beside.outputs = dict(self.outputs)
        beside._keeps_failures = True
        return beside

    def detached(self) -> "Interpreter":
        beside = self.branch(Scope())
        beside.only_recalls = False
        return beside

    async def until(self, holds: Callable[[], bool]) -> None:
        await workflow.wait_condition(holds)

    async def _may_go_on(self, step: StepInput) -> None:
        """Before every step: others may have decided, a new history may have to begin, the budget may be spent."""
        progress = self.progress
        if progress.is_full:
            await workflow.wait_condition(lambda: self.scope.is_over)
        if self.scope.is_over:
            raise BranchOver
        if progress.steps >= progress.max_steps:
            sentence = f"Stopped after {progress.max_steps} steps, which is all this automation may do in one run."
            raise StepFailed(step, sentence, "step_budget")
        progress.steps += 1
        progress.steps_here += 1


async def _local(name: str, message: StepInput | StepFailure) -> Output:
    step = message if isinstance(message, StepInput) else message.step
    try:
        if isinstance(message, StepInput) and message.block.is_external and not message.is_recall:
            return (await _outside(name, message)).output
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
        raise
    return result.output


async def _outside(name: str, step: StepInput) -> StepResult:
    """What waits for other machines waits where it keeps nothing else waiting, and not for ever."""
    result: StepResult = await workflow.execute_activity(
        name,
        step,
        result_type=StepResult,
        start_to_close_timeout=STEP_TIMEOUT,
        retry_policy=FOR_TEN_MINUTES,
    )
    return result
