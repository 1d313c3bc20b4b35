"""The engine on a real database and a real Temporal, in the test's own process."""

import asyncio
import time
from collections.abc import AsyncGenerator, Callable
from concurrent.futures import ThreadPoolExecutor
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from typing import Any

from sqlalchemy import text
from temporalio.client import Client, WorkflowFailureError, WorkflowHandle
from temporalio.worker import Worker

from crm_app.automation.messages import RunInput
from crm_app.automation.relay import Relay
from crm_app.automation.starting import Versions
from crm_app.services.automation_starts import claim_pending, mark_started
from tests.workflows.builders import Automated
from tests.workflows.runs import LEASE
from workflows.activities import Activities
from workflows.converter import MESSAGES
from workflows.run_automation import RunAutomation
from workflows.run_items import RunItems
from workflows.starter import workflow_id
from workflows.waker import Waker

PATIENCE_SECONDS = 30


@dataclass
class Engine:
    crm: Automated
    client: Client
    queue: str
    handles: list[WorkflowHandle[Any, Any]] = field(default_factory=list[WorkflowHandle[Any, Any]])

    def waiting(self) -> list[RunInput]:
        """What the facts since have started."""
        Relay(self.crm.workspace, lambda: None).drain()
        with self.crm.work() as work:
            runs = claim_pending(work, 100, LEASE).runs
            mark_started(work, [run.id for run in runs])
        versions = Versions(self.crm.workspace)
        return [versions.run_input(run) for run in runs]

    async def start(self, message: RunInput) -> WorkflowHandle[Any, Any]:
        number = len(self.handles)
        key = f"{workflow_id(message.run.id)}-{number}" if number else workflow_id(message.run.id)
        handle = await self.client.start_workflow("RunAutomation", message, id=key, task_queue=self.queue)
        self.handles.append(handle)
        return handle

    async def run(self) -> str:
        """Does whatever was set off, to its end; how the last run ended."""
        for message in await asyncio.to_thread(self.waiting):
            handle = await self.start(message)
            await settled(handle)
        return self.ended()

    def ended(self) -> str:
        with self.crm.work() as work:
            row = work.connection.execute(text("SELECT status, error FROM crm.run ORDER BY id DESC LIMIT 1")).one()
        return f"{row.status} {row.error}".strip()

    async def begin(self) -> WorkflowHandle[Any, Any]:
        """Lets what was set off begin; the one run of it."""
        (message,) = await asyncio.to_thread(self.waiting)
        return await self.start(message)

    async def comes_to(self, path: str) -> None:
        """Until the block waits."""
        await wait_until(lambda: path in self.effects(), f"the run comes to {path}")

    async def wake(self) -> None:
        """What the relay and the waker of a worker do now and then."""
        await asyncio.to_thread(Relay(self.crm.workspace, lambda: None).drain)
        await Waker(self.crm.workspace, self.client).look()

    def effects(self) -> list[str]:
        """The paths of what was done, in order; without what failed."""
        with self.crm.work() as work:
            found = text("SELECT path FROM crm.effect WHERE NOT output ? '!' ORDER BY at, path")
            return list(work.connection.execute(found).scalars())


async def settled(handle: WorkflowHandle[Any, Any]) -> None:
    try:
        async with asyncio.timeout(60):
            await handle.result()
    except WorkflowFailureError:
        return


async def wait_until(holds: Callable[[], bool], what: str) -> None:
    deadline = time.monotonic() + PATIENCE_SECONDS
    while not await asyncio.to_thread(holds):
        assert time.monotonic() < deadline, f"Not within {PATIENCE_SECONDS} s: {what}"
        await asyncio.sleep(0.05)


@asynccontextmanager
async def engine(crm: Automated, address: str, queue: str) -> AsyncGenerator[Engine]:
    client = await Client.connect(address, data_converter=MESSAGES)
    with ThreadPoolExecutor(8) as executor:
        async with Worker(
            client,
            task_queue=queue,
            workflows=[RunAutomation, RunItems],
            activities=Activities(crm.workspace, Versions(crm.workspace)).all(),
            activity_executor=executor,
        ):
            yield Engine(crm, client, queue)
