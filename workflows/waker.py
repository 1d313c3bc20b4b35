"""Wakes the runs whose waits were answered. Only to be quick: a run that nobody wakes looks by itself when its time
comes, and one that Temporal has lost is started again.
"""

import asyncio
import logging
from contextlib import suppress
from datetime import timedelta

from temporalio.client import Client
from temporalio.service import RPCError, RPCStatusCode

from crm_app.kernel.actor import SystemActor
from crm_app.services.automation_starts import start_again
from crm_app.services.automation_waits import Sleeper, note_woken, sleepers_to_wake
from crm_app.services.workspace import Workspace
from workflows.starter import RPC_TIMEOUT

WAKER = SystemActor("waker of runs")
AT_ONCE = 200
LATE = timedelta(seconds=10)
EVERY_SECONDS = 1.0

logger = logging.getLogger(__name__)


class Waker:
    """One per worker process. `wake` is set by the relay when there may be something to do."""

    def __init__(self, workspace: Workspace, client: Client) -> None:
        self._workspace = workspace
        self._client = client

    async def run(self, wake: asyncio.Event) -> None:
        """For ever; what is away is waited for."""
        while True:
            wake.clear()
            try:
                await self.look()
            except Exception as error:  # noqa: BLE001 - whatever it is, the waits are still there
                logger.warning("Runs can't be woken now: %s", type(error).__name__)
            with suppress(TimeoutError):
                async with asyncio.timeout(EVERY_SECONDS):
                    await wake.wait()

    async def look(self) -> None:
        found = await asyncio.to_thread(self._sleepers)
        if found:
            lost = [each for each in found if not await self._is_there(each)]
            await asyncio.to_thread(self._settle, found, lost)

    async def _is_there(self, sleeper: Sleeper) -> bool:
        try:
            await self._client.get_workflow_handle(sleeper.workflow).signal("wake", rpc_timeout=RPC_TIMEOUT)
        except RPCError as error:
            if error.status is not RPCStatusCode.NOT_FOUND:
                raise
            return False
        return True

    def _sleepers(self) -> list[Sleeper]:
        with self._workspace.work(WAKER) as work:
            return sleepers_to_wake(work, LATE, AT_ONCE)

    def _settle(self, found: list[Sleeper], lost: list[Sleeper]) -> None:
        with self._workspace.work(WAKER) as work:
            note_woken(work, [each.key for each in found])
            for run in {each.key.run for each in lost}:
                logger.warning("Temporal has lost run %s, which was waiting; it is started again", run)
                start_again(work, run)
