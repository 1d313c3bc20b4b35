"""Item by item, or several side by side; what is too much for one history is done by workflows of their own."""

from collections.abc import Sequence
from dataclasses import replace
from typing import Any

from temporalio import workflow

from crm_app.automation.messages import Block, ItemsInput, ItemsResult, Output
from workflows.items import Items
from workflows.walking import BranchOver, Control, RunStopped, StepFailed, Walker, blocks_by_id

INLINE = 50
STEPS_OF_A_PART = 400


async def run(block: Block, path: str, walker: Walker) -> Output:
    items: list[Any] = (await walker.ask(block, path))["items"]
    size = part_size(block)
    if len(items) <= size:
        work = Items(block, path, walker)
        await work.walk(items)
        return {"count": len(items), "failed": work.failed}
    failed = 0
    for first in range(0, len(items), size):
        failed += await _part(block, path, walker, first, items[first : first + size])
    return {"count": len(items), "failed": failed}


def part_size(block: Block) -> int:
    """So many items that their steps fit in one history, unless lists and loops inside multiply them."""
    return max(1, min(INLINE, STEPS_OF_A_PART // max(1, len(blocks_by_id(block.slots["steps"])))))


async def _part(block: Block, path: str, walker: Walker, first: int, items: Sequence[Any]) -> int:
    key = f"{path}#{first}+"
    done = walker.progress.done.get(key)
    if done is not None:
        walker.undo += done.undo
        return int(done.outputs[block.id]["failed"])
    progress, undoable = walker.progress, len(walker.undo)
    before = progress.steps
    result = await _child(block, path, walker, first, items)
    progress.steps += result.steps - before  # others may have counted on meanwhile
    progress.order = max(progress.order, result.order)
    progress.variables |= result.variables
    walker.undo += result.undo
    if result.failure is not None:
        raise StepFailed(result.failure, result.error, result.error_code)
    if result.was_stopped:
        raise RunStopped
    if result.is_over:
        raise BranchOver
    progress.keep_part(key, block.id, result.failed, walker.undo[undoable:])
    return result.failed


async def _child(block: Block, path: str, walker: Walker, first: int, items: Sequence[Any]) -> ItemsResult:
    progress = walker.progress
    message = ItemsInput(
        walker.run, block, path, first, list(items), dict(walker.outputs), dict(walker.variables),
        progress.max_steps, progress.steps, progress.order, walker.only_recalls or walker.scope.is_over,
        walker.scope.is_contested, walker.contests,
        replace(progress.so_far, done={}) if progress.went_on else None,
    )  # fmt: skip
    progress.busy += 1
    try:
        own = workflow.info().workflow_id
        handle = await workflow.start_child_workflow(
            "RunItems", message, id=f"{own}/{path}#{first}/{walker.run.restarts}", result_type=ItemsResult
        )
        await workflow.wait_condition(lambda: handle.done() or walker.scope.is_over)
        if not handle.done():
            await handle.signal("end")
        return await handle
    finally:
        progress.busy -= 1


CONTROL = Control("for_each", run)
