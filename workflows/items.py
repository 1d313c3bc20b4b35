"""The items of a `for_each`, in the workflow that does them."""

import asyncio
from collections.abc import Sequence
from typing import Any

from crm_app.automation.messages import Block, Done, Output
from workflows.recalling import recalled, recalls_when_over
from workflows.walking import BranchOver, Scope, StepFailed, Walker


class Items:
    """Each has its own outputs; variables are the run's. The first failure stops the others before their next step,
    unless failures are to be passed over.
    """

    def __init__(self, block: Block, path: str, walker: Walker, first: int = 0) -> None:
        self._block = block
        self._path = path
        self._walker = walker
        self._first = first
        self._stop_path = f"{path}#stop{first}"
        self._is_beside = int(block.config.get("concurrency", 1)) > 1
        self._scope = Scope(walker.scope, beside=self._is_beside)
        self._stopped_by: int | None = None
        self._was_cut = False
        self._error: Exception | None = None
        self._next = 0
        self.failed = 0

    async def walk(self, items: Sequence[Any]) -> None:
        side_by_side = min(int(self._block.config.get("concurrency", 1)), len(items))
        if side_by_side > 1:
            decided = await recalled(self._walker.run, self._block, self._stop_path)
            self._stopped_by = decided["stop"] if decided else None
        tasks = [asyncio.create_task(self._take_turns(items)) for _ in range(side_by_side)]
        await self._walker.until(lambda: all(task.done() for task in tasks))
        for task in tasks:
            task.result()
        if self._error is not None:
            raise self._error
        if self._walker.scope.is_over and (self._was_cut or not recalls_when_over(self._walker.run)):
            raise BranchOver

    async def _take_turns(self, items: Sequence[Any]) -> None:
        """Once all is over, each item is asked what it had done, up to the first that had done nothing more: it was
        under way, and those after it were not begun by whoever takes turns here.
        """
        while self._next < len(items) and self._goes_on:
            index = self._next
            self._next += 1
            try:
                await self._item(self._first + index, items[index])
            except BranchOver:
                self._was_cut = True
                if self._scope.is_over:
                    return
            except Exception as error:  # noqa: BLE001 - raised again when the others have ended
                await self._stop(self._first + index, error, len(items))

    @property
    def _goes_on(self) -> bool:
        if not self._scope.is_over:
            return True
        is_in_order = self._error is not None and not self._is_beside
        return not is_in_order and recalls_when_over(self._walker.run)

    async def _stop(self, index: int, error: Exception, count: int) -> None:
        if self._scope.is_over:
            return
        self._scope.end()
        self._error = error
        if isinstance(error, StepFailed) and count > 1 and self._is_beside:
            await self._walker.ask(self._block, self._stop_path, stop=index)

    async def _item(self, index: int, item: Any) -> None:
        path, walker = f"{self._path}#{index}", self._walker
        done = walker.progress.done.get(path)
        if done is not None:
            walker.undo.extend(done.undo)
            self.failed += int("failed" in done.outputs)
            return
        is_late = self._stopped_by is not None and index != self._stopped_by
        contests = {self._stop_path: index} if self._is_beside else None
        inner = walker.branch(self._scope, only_recalls=is_late, contests=contests)
        inner.outputs[self._block.id] = {"item": item, "index": index}
        outputs: dict[str, Output] = {}
        try:
            if self._block.config.get("on_error") == "continue":
                if await inner.attempt(self._block.slots["steps"], path) is not None:
                    self.failed += 1
                    outputs = {"failed": {}}
            else:
                await inner.sequence(self._block.slots["steps"], path)
        finally:
            walker.undo.extend(inner.undo)
        walker.progress.keep(path, Done(outputs, inner.undo))
