"""One automation calls another and waits for it."""

from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import text

from crm_app.automation.checks import check
from crm_app.kernel.events import NO_RECORD
from crm_app.services.called_runs import WITH_CALLER
from crm_app.services.run_actions import cancel_run
from tests.workflows.blocks import no, side_by_side, task, tasks, undoable, win
from tests.workflows.builders import WON, Automated, automation, deals_and_tasks
from tests.workflows.engine import Engine, engine, settled, wait_until

CALL: dict[str, Any] = {"id": "call", "type": "call", "automation": "helper"}
CALLED: dict[str, Any] = {"type": "called", "object": "deal"}


async def _through(at: Engine) -> tuple[str, list[str]]:
    """Both runs to their ends; how the first of them ended, and the tasks there are."""
    win(at)
    caller = await at.begin()
    await at.comes_to("call")
    await settled(await at.begin())
    await at.wake()
    await settled(caller)
    with at.crm.work() as work:
        row = work.connection.execute(text("SELECT status, error FROM crm.run WHERE automation = 'won'")).one()
        depth = work.connection.execute(text("SELECT depth FROM crm.run WHERE automation = 'helper'")).scalar_one()
    assert depth == 1
    return f"{row.status} {row.error}".strip(), tasks(at)


@pytest.mark.parametrize(
    ("steps", "ended", "made"),
    [
        ([task("theirs")], "finished", ["mine", "theirs"]),
        ([no()], "failed called_failed: 'helper' has not finished well: failed_on_purpose: No", []),
    ],
    ids=["well", "badly"],
)
async def test_the_caller_goes_on_when_the_other_has_ended(
    database_url: str, temporal_address: str, tmp_path: Path, steps: list[dict[str, Any]], ended: str, made: list[str]
) -> None:
    crm = Automated(database_url, automation("won", WON, CALL, task("mine")), automation("helper", CALLED, *steps))
    async with engine(crm, temporal_address, tmp_path.name) as at:
        assert await _through(at) == (ended, made)
    crm.close()


async def test_what_takes_a_batch_gets_the_record_that_it_is_called_about(
    database_url: str, temporal_address: str, tmp_path: Path
) -> None:
    """And its condition, which is for those who start it by hand, is not asked."""
    each = {"id": "each", "type": "for_each", "over": "vars.records", "steps": [task("theirs", "steps.each.item.name")]}
    by_hand = {"type": "manual", "object": "deal", "batch": True, "when": "stage = 'lost'"}
    crm = Automated(database_url, automation("won", WON, CALL, task("mine")), automation("helper", by_hand, each))
    async with engine(crm, temporal_address, tmp_path.name) as at:
        deal = win(at)
        caller = await at.begin()
        await at.comes_to("call")
        await settled(await at.begin())
        await at.wake()
        await settled(caller)
        assert tasks(at) == sorted([crm.get(deal).name, "mine"])
        with crm.work() as work:
            about = work.connection.execute(text("SELECT record FROM crm.run WHERE automation = 'helper'")).scalar_one()
        assert about == NO_RECORD
    crm.close()


def test_only_what_waits_to_be_called_can_be_called() -> None:
    itself = [problem.path for problem in check(deals_and_tasks(automation("helper", WON, CALL)))]
    assert itself == ["automations/helper/steps/0/automation"]
    missing = [problem.message for problem in check(deals_and_tasks(automation("won", WON, CALL)))]
    assert missing == ["There is no workflow 'helper'."]


HOLD: dict[str, Any] = {"id": "hold", "type": "wait", "duration": "P1D"}
BESIDE = side_by_side("all", [CALL], [{**HOLD, "id": "other"}])


@pytest.mark.parametrize("call", [CALL, BESIDE], ids=["alone", "beside"])
@pytest.mark.parametrize("undo", [True, False], ids=["undone", "left"])
async def test_what_a_run_has_called_is_called_off_with_it(
    database_url: str, temporal_address: str, tmp_path: Path, call: dict[str, Any], *, undo: bool
) -> None:
    helper = automation("helper", CALLED, undoable("theirs"), HOLD)
    crm = Automated(database_url, automation("won", WON, undoable("mine"), call), helper)
    async with engine(crm, temporal_address, tmp_path.name) as at:
        win(at)
        caller = await at.begin()
        await wait_until(lambda: any(path.endswith("call") for path in at.effects()), "the call")
        called = await at.begin()
        await at.comes_to("hold")
        with crm.work() as work:
            first = work.connection.execute(text("SELECT id FROM crm.run WHERE automation = 'won'")).scalar_one()
            cancel_run(work, first, undo=undo)
        if undo:
            for handle in (called, caller):
                await at.wake()
                await settled(handle)
            done = [path.rpartition("/")[2] for path in at.effects()]
            assert [each for each in done if each.startswith("un")] == ["untheirs", "unmine"]
        assert tasks(at) == sorted(["mine", "theirs", *(["unmine", "untheirs"] if undo else [])])
        with crm.work() as work:
            rows = work.connection.execute(text("SELECT automation, status, error FROM crm.run ORDER BY id")).all()
            audited = work.connection.execute(text("SELECT count(*) FROM crm.audit WHERE name = 'run.cancelled'"))
            assert audited.scalar_one() == (1 if undo else 2)
        assert [(row.automation, row.status) for row in rows] == [("won", "cancelled"), ("helper", "cancelled")]
        assert [row.error.partition(" by ")[0] for row in rows] == ["cancelled: Cancelled", WITH_CALLER]
    crm.close()


async def test_what_is_not_waited_for_goes_on(database_url: str, temporal_address: str, tmp_path: Path) -> None:
    helper = automation("helper", CALLED, task("theirs"))
    crm = Automated(database_url, automation("won", WON, {**CALL, "waits": False}, HOLD), helper)
    async with engine(crm, temporal_address, tmp_path.name) as at:
        win(at)
        await at.begin()
        await at.comes_to("hold")
        with crm.work() as work:
            first = work.connection.execute(text("SELECT id FROM crm.run WHERE automation = 'won'")).scalar_one()
            cancel_run(work, first)
        assert (await at.run(), tasks(at)) == ("finished", ["theirs"])
    crm.close()
