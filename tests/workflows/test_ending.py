"""A run that is called off, or whose time is over, undoes what it did: in reverse, once, whatever is lost meanwhile."""

from datetime import timedelta
from typing import Any
from uuid import UUID

import pytest
from sqlalchemy import text

from crm_app.services.automation_starts import expire_runs, start_again
from crm_app.services.run_actions import WrongMoment, cancel_run, retry_run
from crm_app.services.run_details import read_run
from tests.workflows.blocks import side_by_side, task, tasks, undoable, win
from tests.workflows.conftest import Running
from tests.workflows.engine import Engine, settled
from workflows.watchdog import Patience, Watchdog

HOLD: dict[str, Any] = {"id": "hold", "type": "wait", "duration": "P1D"}


def run_id(at: Engine) -> UUID:
    with at.crm.work() as work:
        return work.connection.execute(text("SELECT id FROM crm.run ORDER BY id DESC LIMIT 1")).scalar_one()


def call_off(at: Engine, *, undo: bool = True) -> None:
    with at.crm.work() as work:
        cancel_run(work, run_id(at), undo=undo)


def pass_deadline(at: Engine) -> int:
    with at.crm.work() as work:
        work.connection.execute(text("UPDATE crm.run SET deadline = now() - interval '1 second'"))
        return expire_runs(work)


def order(at: Engine) -> list[str]:
    return [path.rpartition("/")[2] for path in at.effects() if "hold" not in path]


@pytest.mark.parametrize("end", [call_off, pass_deadline])
async def test_what_was_done_is_undone_the_last_first(running: Running, end: Any) -> None:
    async with running(undoable("a"), undoable("b"), HOLD, task("never")) as at:
        win(at)
        handle = await at.begin()
        await at.comes_to("hold")
        end(at)
        await at.wake()
        await settled(handle)
        assert order(at) == ["a", "b", "unb", "una"]
        name = "cancelled: Cancelled by Trellis." if end is call_off else "deadline: The run has taken longer"
        assert at.ended().startswith(f"cancelled {name}")


async def test_a_run_can_be_left_as_it_is(running: Running) -> None:
    async with running(undoable("a"), HOLD) as at:
        win(at)
        await at.begin()
        await at.comes_to("hold")
        call_off(at, undo=False)
        assert (tasks(at), at.ended()) == (["a"], "cancelled cancelled: Cancelled by Trellis.")


async def test_a_run_let_on_while_its_workflow_is_taken_away_begins_again(running: Running) -> None:
    """The watchdog has read that it was cancelled, and ends what has been started for it since."""
    async with running(task("a"), HOLD) as at:
        win(at)
        handle = await at.begin()
        await at.comes_to("hold")
        call_off(at, undo=False)
        with at.crm.work() as work:
            retry_run(work, run_id(at))
            work.connection.execute(text("UPDATE crm.run SET status = 'started'"))
        watchdog = Watchdog(at.crm.workspace, at.client, Patience(doubt=timedelta(0), stall=timedelta(0)))
        await watchdog._dismiss(run_id(at))
        await settled(handle)
        await watchdog.look()
        assert at.ended() == "pending"


async def test_what_a_run_has_done_everywhere_is_undone(running: Running) -> None:
    inner = {"id": "attempt", "type": "try", "steps": [undoable("a")], "catch": [], "finally": []}
    late = {"id": "guard", "type": "try", "steps": [HOLD], "catch": [task("never")], "finally": [task("last")]}
    async with running(inner, side_by_side("all", [undoable("b")], [late])) as at:
        win(at)
        handle = await at.begin()
        await at.comes_to("both/guard/hold")
        call_off(at)
        await at.wake()
        await settled(handle)
        assert order(at)[-2:] == ["unb", "una"]
        assert tasks(at) == ["a", "b", "last", "una", "unb"]


async def test_undoing_goes_on_where_it_was_when_temporal_lost_the_run(running: Running) -> None:
    slow = {**task("b"), "compensate": [task("unb"), {"id": "pause", "type": "wait", "duration": "P1D"}, task("more")]}
    async with running(undoable("a"), slow, HOLD) as at:
        win(at)
        handle = await at.begin()
        await at.comes_to("hold")
        call_off(at)
        await at.wake()
        await at.comes_to("b/pause")
        await handle.terminate()
        with at.crm.work() as work:
            start_again(work, run_id(at))
            over = timedelta(days=2)
            work.connection.execute(text("UPDATE crm.run_wait SET until = until - :over"), {"over": over})
        assert (await at.run()).startswith("cancelled cancelled: Cancelled by")
        assert tasks(at) == ["a", "b", "more", "una", "unb"]


async def test_what_was_undone_does_not_go_on_and_is_undone_once(running: Running) -> None:
    async with running(undoable("a"), HOLD) as at:
        win(at)
        handle = await at.begin()
        await at.comes_to("hold")
        with at.crm.work() as work:
            assert read_run(work, run_id(at)).can.undo
        call_off(at)
        with pytest.raises(WrongMoment, match="being undone"):
            call_off(at)
        await at.wake()
        await settled(handle)
        with at.crm.work() as work, pytest.raises(WrongMoment, match="was undone"):
            retry_run(work, run_id(at))


async def test_what_has_not_begun_has_nothing_to_undo(running: Running) -> None:
    async with running(undoable("a")) as at:
        win(at)
        at.waiting()
        with at.crm.work() as work:
            work.connection.execute(text("UPDATE crm.run SET status = 'pending'"))
        assert pass_deadline(at) == 1
        assert at.ended().startswith("cancelled deadline")
        assert tasks(at) == []
