"""Waits of days and months, on Temporal's server that skips time: they end when they should, once, and never early."""

import asyncio
from collections.abc import AsyncGenerator, Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import asynccontextmanager
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from typing import Any

from sqlalchemy import text
from temporalio import activity
from temporalio.testing import WorkflowEnvironment
from temporalio.worker import Worker

from crm_app.automation.messages import StepInput, StepResult
from crm_app.automation.starting import Versions
from crm_app.kernel import clock
from crm_app.runtime.environment import tool
from crm_app.services.record_query import RecordQuery
from tests.workflows.blocks import side_by_side, task
from tests.workflows.builders import WON, Automated, automation
from tests.workflows.runs import won_run
from workflows.activities import Activities
from workflows.converter import MESSAGES
from workflows.run_automation import RunAutomation
from workflows.run_items import RunItems

ANSWERED = {
    "id": "answered", "type": "wait_for", "object": "task", "match": "deal = vars.record and done",
    "timeout": "P40D", "on_timeout": [task("late_w")],
}  # fmt: skip
ASKED = {"id": "asked", "type": "approval", "assignees": "owner", "timeout": "P3D", "on_timeout": [task("late_a")]}
FILLED = {
    "id": "filled", "type": "form", "assignees": "owner", "timeout": "P10D", "on_timeout": [task("late_f")],
    "title": "Why?", "fields": [{"name": "reason", "label": "Reason", "kind": "long_text"}],
}  # fmt: skip


@dataclass
class Skipped:
    """A run that is over: what it did when, by the path."""

    started: datetime
    status: str
    done: dict[str, datetime]
    asked: int

    def after(self, path: str) -> timedelta:
        return self.done[path] - self.started


@dataclass
class Times:
    """A server that skips time while everything waits. The product takes that for the time, but is `behind`."""

    environment: WorkflowEnvironment
    crm: Automated
    behind: timedelta = timedelta(0)
    asked: int = 0

    async def run(self) -> Skipped:
        message = await asyncio.to_thread(won_run, self.crm)
        started = await self._now()
        with ThreadPoolExecutor(8) as executor:
            async with Worker(
                self.environment.client,
                task_queue=message.run.id,
                workflows=[RunAutomation, RunItems],
                activities=self._activities(executor),
                activity_executor=executor,
            ):
                client = self.environment.client
                await client.execute_workflow("RunAutomation", message, id=message.run.id, task_queue=message.run.id)
        with self.crm.work() as work:
            rows = work.connection.execute(text("SELECT path, at FROM crm.effect ORDER BY at")).all()
            status = work.connection.execute(text("SELECT status FROM crm.run")).scalar_one()
        return Skipped(started, status, {row.path: row.at for row in rows}, self.asked)

    async def _now(self) -> datetime:
        return await self.environment.get_current_time() - self.behind

    def _activities(self, executor: ThreadPoolExecutor) -> Sequence[Callable[..., Any]]:
        real = Activities(self.crm.workspace, Versions(self.crm.workspace))

        @activity.defn(name="execute_step")
        async def execute_step(step: StepInput) -> StepResult:
            self.asked += 1
            with clock.frozen(await self._now()):
                return await asyncio.to_thread(real.execute_step, step)

        del executor
        return [execute_step, real.keep_failure, real.end_run, real.load_blocks]


@asynccontextmanager
async def times(database_url: str, *steps: dict[str, Any]) -> AsyncGenerator[Times]:
    crm = Automated(database_url, automation("won", WON, *steps))
    environment = await WorkflowEnvironment.start_time_skipping(
        test_server_existing_path=tool("temporal-test-server"), data_converter=MESSAGES
    )
    try:
        yield Times(environment, crm)
    finally:
        await environment.shutdown()
        crm.close()


async def test_every_kind_of_wait_is_over_at_its_time_and_once(database_url: str) -> None:
    """All side by side, so that each sleeps through the ends of the others."""
    waits = {
        "both/after_wait": timedelta(days=30),
        "both/after_until": timedelta(days=200),
        "both/asked/late_a": timedelta(days=3),
        "both/filled/late_f": timedelta(days=10),
        "both/answered/late_w": timedelta(days=40),
        "then": timedelta(days=200),
    }
    lanes = [
        [{"id": "hold", "type": "wait", "duration": "P30D"}, task("after_wait")],
        [{"id": "until", "type": "wait_until", "at": "now + P200D"}, task("after_until")],
        [ASKED],
        [FILLED],
        [ANSWERED],
    ]
    async with times(database_url, side_by_side("all", *lanes), task("then")) as at:
        run = await at.run()
        assert run.status == "finished"
        assert {path for path in run.done if path.rpartition("/")[2].startswith(("after", "late", "then"))} == set(
            waits
        )
        for path, due in waits.items():
            assert due <= run.after(path) < due + timedelta(minutes=10), path
        assert len(at.crm.names(RecordQuery("task", limit=100))) == len(waits)


async def test_a_wait_is_not_asked_again_and_again_where_our_clock_is_late(database_url: str) -> None:
    async with times(database_url, {"id": "hold", "type": "wait", "duration": "P1D"}, task("after")) as at:
        at.behind = timedelta(seconds=5)
        run = await at.run()
        assert run.after("after") >= timedelta(days=1)
        assert run.asked <= 12


def last_sunday(month: int) -> date:
    """The next one on which Berlin changes its clocks."""
    today = clock.now().date()
    days = (date(today.year + more, month, 31) for more in (0, 1))
    return next(day for each in days if (day := each - timedelta(days=(each.weekday() + 1) % 7)) > today)


async def test_a_clock_change_is_waited_through_to_the_right_moment(database_url: str) -> None:
    """Half past two does not exist in spring, so it is half past three; in autumn it comes twice, and counts once."""
    moments = {"both/spring_done": (last_sunday(3), time(1, 30)), "both/autumn_done": (last_sunday(10), time(0, 30))}
    lanes = [
        [{"id": key, "type": "wait_until", "at": f"@{day}", "time": "02:30"}, task(f"{key}_done")]
        for key, day in (("spring", last_sunday(3)), ("autumn", last_sunday(10)))
    ]
    async with times(database_url, side_by_side("all", *lanes)) as at:
        with at.crm.work() as work:
            here = text("UPDATE crm.app_user SET time_zone = 'Europe/Berlin' WHERE id = :id")
            work.connection.execute(here, {"id": at.crm.rep.user_id})
        run = await at.run()
        assert run.status == "finished"
        for path, (day, hour) in moments.items():
            due = datetime.combine(day, hour, UTC)
            assert due <= run.done[path] < due + timedelta(minutes=10), path
        assert len(at.crm.names(RecordQuery("task", limit=100))) == len(moments)
