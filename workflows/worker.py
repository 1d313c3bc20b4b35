"""`python -m workflows.worker`: relays facts, starts runs, executes them and watches over them, and keeps the indexes.
As many as you like may run side by side. PostgreSQL and Temporal may come and go; it writes `ready` once it asks
Temporal for work.
"""

import argparse
import asyncio
import hashlib
import logging
import signal
import sys
import threading
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from dataclasses import dataclass, field
from datetime import timedelta
from functools import partial
from pathlib import Path
from typing import cast

from temporalio.api.enums.v1 import TaskQueueType
from temporalio.api.taskqueue.v1 import TaskQueue
from temporalio.api.workflowservice.v1 import DescribeTaskQueueRequest
from temporalio.client import Client
from temporalio.service import RPCError
from temporalio.worker import UnsandboxedWorkflowRunner, Worker

from crm_app.automation.crowd import Crowd
from crm_app.automation.mailboxes import Postman
from crm_app.automation.relay import Relay
from crm_app.automation.starting import Versions
from crm_app.automation.ticker import Ticker
from crm_app.kernel.collector import settle
from crm_app.kernel.settings import Settings
from crm_app.runtime.temporal_client import connect
from crm_app.services.index_keeper import IndexKeeper
from crm_app.services.workspace import Workspace
from workflows.activities import Activities
from workflows.converter import MESSAGES
from workflows.heartbeat import Heartbeat, TemporalState, identity
from workflows.run_automation import RunAutomation
from workflows.run_items import RunItems
from workflows.starter import Starter
from workflows.sweeper import keep_sweeping
from workflows.waker import Waker
from workflows.watchdog import Patience, Watchdog

THREADS = 8
OUTSIDE = 8
GRACE = timedelta(seconds=2)
FIRST_PAUSE_SECONDS = 0.25
MAX_PAUSE_SECONDS = 5.0
ASK_SECONDS = 0.05

# The sandbox would load the interpreter anew for every run, half of what a run costs. Tests run in it, so code that is
# not deterministic is found there.
_RUNNER = UnsandboxedWorkflowRunner()

logger = logging.getLogger(__name__)


@dataclass
class WorkerProcess:
    """What the parts share: where the servers are, the door, the wish to stop, and the relay's tap on the starter."""

    settings: Settings
    workspace: Workspace
    patience: Patience
    stop: asyncio.Event
    wake: asyncio.Event
    stir: asyncio.Event
    temporal: TemporalState = field(default_factory=TemporalState)

    async def run(self) -> None:
        loop = asyncio.get_running_loop()
        for number in (signal.SIGTERM, signal.SIGINT):
            loop.add_signal_handler(number, self.stop.set)
        relay = Relay(self.workspace, partial(loop.call_soon_threadsafe, self._tap))
        end = threading.Event()
        relaying = threading.Thread(target=relay.run, args=(end,), name="relay", daemon=True)
        relaying.start()
        ticker = Ticker(self.workspace, partial(loop.call_soon_threadsafe, self.wake.set))
        threading.Thread(target=ticker.run, args=(end,), name="clock", daemon=True).start()
        postman = Postman(self.workspace, partial(loop.call_soon_threadsafe, self.wake.set))
        threading.Thread(target=postman.run, args=(end,), name="mailboxes", daemon=True).start()
        keeper = IndexKeeper(self.workspace)
        threading.Thread(target=keeper.run, args=(end,), name="index keeper", daemon=True).start()
        beats = asyncio.create_task(Heartbeat(self.workspace, relay, self.temporal).run())
        try:
            await self._keep_serving(relay.crowd)
        finally:
            beats.cancel()
            end.set()
            await asyncio.to_thread(relaying.join, MAX_PAUSE_SECONDS)
            self.workspace.close()

    def _tap(self) -> None:
        self.wake.set()
        self.stir.set()

    async def _keep_serving(self, crowd: Crowd) -> None:
        """Until asked to stop; Temporal is waited for, and connected to again when the connection is beyond repair."""
        pause = FIRST_PAUSE_SECONDS
        while not self.stop.is_set():
            try:
                client = await self._connect()
                pause = FIRST_PAUSE_SECONDS
                self.temporal.problem = ""
                await self._serve(client, crowd)
            except Exception as error:  # noqa: BLE001 - whatever it is, the runs are in our table
                self.temporal.problem = _named(error)
                logger.warning("Temporal can't be used (%s); next try in %.1f s", _named(error), pause)
                with suppress(TimeoutError):
                    async with asyncio.timeout(pause):
                        await self.stop.wait()
                pause = min(pause * 2, MAX_PAUSE_SECONDS)

    async def _connect(self) -> Client:
        return await connect(
            self.settings,
            data_converter=MESSAGES,
            identity=identity(),
        )

    async def _serve(self, client: Client, crowd: Crowd) -> None:
        versions = Versions(self.workspace)
        queue = self.settings.task_queue
        with ThreadPoolExecutor(THREADS + OUTSIDE, thread_name_prefix="step") as executor:
            worker = Worker(
                client,
                task_queue=queue,
                build_id=_build_id(),
                workflows=[RunAutomation, RunItems],
                activities=Activities(self.workspace, versions).all(),
                activity_executor=executor,
                max_concurrent_local_activities=THREADS,
                max_concurrent_activities=OUTSIDE,
                workflow_runner=_RUNNER,
                graceful_shutdown_timeout=GRACE,
            )
            starter = Starter(self.workspace, versions, client, queue, crowd)
            watchdog = Watchdog(self.workspace, client, self.patience)
            async with asyncio.TaskGroup() as group:
                group.create_task(worker.run())
                helpers = [
                    group.create_task(starter.run(self.wake)),
                    group.create_task(watchdog.run()),
                    group.create_task(Waker(self.workspace, client).run(self.stir)),
                    group.create_task(keep_sweeping(self.workspace)),
                    group.create_task(_announce(client, queue)),
                ]
                await self.stop.wait()
                for helper in helpers:
                    helper.cancel()
                await worker.shutdown()


def _build_id() -> str:
    """Names this code to Temporal. Its own way would hash all that is loaded, two seconds of every start."""
    sources = sorted(Path(__file__).parent.rglob("*.py"))
    return hashlib.sha256(b"".join(source.read_bytes() for source in sources)).hexdigest()[:16]


async def _announce(client: Client, queue: str) -> None:
    """Says `ready` when Temporal knows this process as one that asks for work."""
    request = DescribeTaskQueueRequest(
        namespace=client.namespace,
        task_queue=TaskQueue(name=queue),
        task_queue_type=TaskQueueType.TASK_QUEUE_TYPE_WORKFLOW,
    )
    while True:
        with suppress(RPCError):
            answer = await client.workflow_service.describe_task_queue(request)
            if any(poller.identity == client.identity for poller in answer.pollers):
                sys.stdout.write("ready\n")
                sys.stdout.flush()
                return
        await asyncio.sleep(ASK_SECONDS)


def _named(error: BaseException) -> str:
    if isinstance(error, ExceptionGroup):
        group = cast("ExceptionGroup[Exception]", error)
        return ", ".join(_named(each) for each in group.exceptions)
    return f"{type(error).__name__}: {str(error)[:200]}"


def patience_of(arguments: list[str]) -> Patience:
    parser = argparse.ArgumentParser(prog="python -m workflows.worker", description=__doc__)
    usual = Patience()
    parser.add_argument("--doubt-seconds", type=float, default=usual.doubt.total_seconds())
    parser.add_argument("--stall-seconds", type=float, default=usual.stall.total_seconds())
    given = parser.parse_args(arguments)
    return Patience(timedelta(seconds=given.doubt_seconds), timedelta(seconds=given.stall_seconds), usual.every)


async def main() -> None:
    patience = patience_of(sys.argv[1:])
    logging.basicConfig(level=logging.WARNING, format="%(asctime)s %(name)s: %(message)s")
    logging.getLogger("temporalio.activity").setLevel(logging.ERROR)  # what failed is in the run's row
    settle()
    settings = Settings.from_environment()
    workspace = Workspace.open(
        settings.database_url,
        pool_size=THREADS + OUTSIDE + 4,
        files=settings.data_dir / "files",
        keys=settings.secret_keys,
        runs_code=settings.runs_code,
    )
    await WorkerProcess(settings, workspace, patience, asyncio.Event(), asyncio.Event(), asyncio.Event()).run()


if __name__ == "__main__":
    asyncio.run(main())
