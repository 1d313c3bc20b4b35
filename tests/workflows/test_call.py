"""One automation calls another and waits for it."""

from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import text

from crm_app.automation.checks import check
from tests.workflows.blocks import no, task, tasks, win
from tests.workflows.builders import WON, Automated, automation, deals_and_tasks
from tests.workflows.engine import Engine, engine, settled

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


def test_only_what_waits_to_be_called_can_be_called() -> None:
    itself = [problem.path for problem in check(deals_and_tasks(automation("helper", WON, CALL)))]
    assert itself == ["automations/helper/steps/0/automation"]
    missing = [problem.message for problem in check(deals_and_tasks(automation("won", WON, CALL)))]
    assert missing == ["There is no automation 'helper'."]
