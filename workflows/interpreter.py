"""Walks the tree of blocks. No clock, no parsing, no records: what a step does happens in Temporal activities."""

import asyncio
from collections.abc import Callable, Mapping, Sequence
from contextlib import suppress
from dataclasses import replace
from datetime import datetime, timedelta
from typing import Any

from temporalio import workflow

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
    StepsInput,
    path_of,
)
from crm_app.kernel.registry import Registry
from workflows import control
from workflows.asking import local, together
from workflows.recalling import recalls_when_over
from workflows.walking import NOT_DONE, BranchOver, Control, Progress, RunStopped, Scope, StepFailed

SETTLED = "!"
MOST_TOGETHER = 10
LATE_CLOCKS = "late-clocks"
A_MOMENT = timedelta(seconds=1)
CONTROLS: Registry[Control] = Registry[Control]("control block").load_folder(control, "CONTROL")


class Interpreter:
    """One run, or one branch of it. A step's path from the root is its key, so it is the same whenever the run is
    replayed or repeated. See `walking.Walker`.
    """

    def __init__(
        self,
        run: RunHead,
        progress: Progress,
        scope: Scope,
        *,
        only_recalls: bool = False,
        is_undoing: bool = False,
        contests: Mapping[str, int] | None = None,
    ) -> None:
        self.run = run
        self.scope = scope
        self.progress = progress
        self.outputs: dict[str, Output] = {}
        self.variables = progress.variables
        self.undo: list[Completed] = []
        self.only_recalls = only_recalls
        self.is_undoing = is_undoing
        self.contests = contests or {}
        self._keeps_failures = False
        self._known: dict[str, Output] = {}

    async def sequence(self, blocks: Sequence[Block], path: str = "") -> None:
        tried = 0
        for index, block in enumerate(blocks):
            if index >= tried and len(beside := self._beside(blocks[index:], path)) > 1:
                await self._together(beside, path)
                tried = index + len(beside)
            await self._block(block, path_of(block, path))

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

    def _beside(self, blocks: Sequence[Block], path: str) -> list[Block]:
        """Those from the first on that can be done in one transaction, for whoever simply goes ahead."""
        progress, found = self.progress, list[Block]()
        if self.only_recalls or self.is_undoing or self.run.restarts or self.scope.is_contested:
            return found
        for block in blocks[: max(0, min(MOST_TOGETHER, progress.max_steps - progress.steps))]:
            if not block.joins or path_of(block, path) in progress.done:
                break
            found.append(block)
        return found

    async def _together(self, blocks: list[Block], path: str) -> None:
        """Their answers are known when they are asked. Where one of them refuses, none was done: alone, each does what
        it can, and says why it can't.
        """
        alone = [block.alone for block in blocks]
        steps = StepsInput(self.run, alone, path, dict(self.outputs), dict(self.variables), self.progress.last)
        await self._may_go_on(steps.step(blocks[0], steps.outputs, steps.variables), 0)
        self.progress.busy += 1
        try:
            result = await together(steps)
        finally:
            self.progress.busy -= 1
        self.progress.count(len(result.outputs))
        self.progress.has_ended = self.progress.has_ended or result.has_ended
        self._known |= {path_of(block, path): output for block, output in zip(blocks, result.outputs, strict=False)}

    async def ask(self, block: Block, path: str, **hint: Any) -> Output:
        """Steps only touch our own database, so they are local: the history keeps their results alone."""
        if path in self._known:
            return self._known.pop(path)
        step = StepInput(
            self.run, block.alone, path, 0, dict(self.outputs), dict(self.variables), hint,
            is_undoing=self.is_undoing, is_last=path == self.progress.last, contests=self.contests,
        )  # fmt: skip
        is_beyond = await self._may_go_on(step)
        step = replace(step, is_recall=self.only_recalls or is_beyond)
        self.progress.busy += 1
        try:
            return await self._asked(step, is_beyond=is_beyond)
        finally:
            self.progress.busy -= 1

    async def _asked(self, step: StepInput, *, is_beyond: bool) -> Output:
        try:
            result = await local("execute_step", step)
        except StepFailed as failure:
            if failure.code == NOT_DONE and is_beyond:
                raise self._spent(step) from failure
            if failure.code == NOT_DONE:
                raise BranchOver from failure
            if failure.is_final or not (self._keeps_failures or self.undo):
                raise
            said = StepFailure(step, failure.message, failure.code)
            return (await local("keep_failure", said)).output
        self.progress.has_ended = self.progress.has_ended or result.has_ended
        self.progress.steps -= int(result.is_free)
        return result.output

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
        until, wakes, was_asked = begun["until"], 0, False
        is_known = bool(self.run.restarts) or self.only_recalls or self.progress.went_on
        while True:
            if not is_known:
                await self._sleep(until, wakes, was_asked=was_asked)
            wakes, is_known, was_asked = self.progress.wakes, False, True
            settled = await self.ask(block, f"{path}{SETTLED}", settle=True)
            if STILL_WAITING not in settled:
                return settled
            until = settled[STILL_WAITING]

    async def _sleep(self, until: str | None, wakes: int, *, was_asked: bool) -> None:
        """Till the moment, or till somebody wakes the run. Temporal's clock may be ahead of ours, which decides: then
        a second goes by before it is asked again.
        """
        progress = self.progress
        timeout = datetime.fromisoformat(until) - workflow.now() if until else None
        if timeout is not None and timeout <= timedelta(0):
            if not (was_asked and workflow.patched(LATE_CLOCKS)):
                return
            timeout = A_MOMENT
        with suppress(asyncio.TimeoutError):
            await workflow.wait_condition(lambda: progress.wakes != wakes or self.scope.is_over, timeout=timeout)
        if self.scope.is_over and not recalls_when_over(self.run):
            raise BranchOver

    async def take_back(self, since: int = 0) -> None:
        done = sorted(self.undo[since:], key=lambda each: each.order)
        del self.undo[since:]
        for each in reversed(done):
            undoing = self.detached()
            undoing.outputs = {**undoing.outputs, **each.outputs}
            try:
                await undoing.sequence(self.progress.blocks[each.block].slots[COMPENSATE], each.path)
            except RunStopped:
                continue
            except StepFailed as failure:
                if failure.is_final:
                    raise

    def branch(
        self, scope: Scope, *, only_recalls: bool = False, contests: Mapping[str, int] | None = None
    ) -> "Interpreter":
        beside = Interpreter(
            self.run, self.progress, scope, only_recalls=only_recalls or self.only_recalls,
            is_undoing=self.is_undoing, contests={**self.contests, **(contests or {})},
        )  # fmt: skip
        beside.outputs = dict(self.outputs)
        beside._keeps_failures = True
        return beside

    def detached(self) -> "Interpreter":
        beside = self.branch(Scope())
        beside.only_recalls, beside.is_undoing = False, True
        return beside

    async def until(self, holds: Callable[[], bool]) -> None:
        await workflow.wait_condition(holds)

    async def _may_go_on(self, step: StepInput, count: int = 1) -> bool:
        """Before every step: others may have decided, a new history may have to begin, the budget may be spent. Whoever
        has to stop does nothing new, but learns first what it had done, which is to be undone: a worker may have been
        lost with the news, or the history may have been full of undoing; then this step is beyond the budget.
        """
        progress = self.progress
        if progress.is_full:
            await workflow.wait_condition(lambda: self.scope.is_over)
        if self.scope.is_over:
            if not recalls_when_over(self.run):
                raise BranchOver
            self.only_recalls = True
            return False
        is_beyond = progress.steps >= progress.max_steps * (1 + self.is_undoing)
        if is_beyond and (self.is_undoing or not progress.went_on):
            raise self._spent(step)
        progress.count(count)
        return is_beyond

    def _spent(self, step: StepInput) -> StepFailed:
        sentence = f"Stopped after {self.progress.max_steps} steps, which is all this workflow may do in one run."
        return StepFailed(step, sentence, "step_budget")
