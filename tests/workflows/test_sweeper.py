import asyncio
from contextlib import suppress
from datetime import timedelta
from typing import Any, cast

import pytest

from workflows import sweeper


async def test_a_sweep_that_fails_is_tried_again(monkeypatch: pytest.MonkeyPatch) -> None:
    tried: list[object] = []
    loop, is_enough = asyncio.get_running_loop(), asyncio.Event()

    def fails(workspace: object) -> None:
        tried.append(workspace)
        if len(tried) == 3:
            loop.call_soon_threadsafe(is_enough.set)
        raise OSError("the disk is away")

    monkeypatch.setattr(sweeper, "sweep", fails)
    workspace = cast("Any", object())
    task = asyncio.create_task(sweeper.keep_sweeping(workspace, timedelta(0)))
    async with asyncio.timeout(20):
        await is_enough.wait()
    task.cancel()
    with suppress(asyncio.CancelledError):
        await task
    assert set(tried) == {workspace}
