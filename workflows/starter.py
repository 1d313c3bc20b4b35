"""Hands pending runs to Temporal. A run that it already has is as good as started; our own table decides."""

import asyncio
import logging
from collections.abc import Sequence
from contextlib import suppress
from datetime import timedelta
from uuid import UUID

from temporalio.client import Client, WorkflowExecutionStatus
from temporalio.common import WorkflowIDReusePolicy
from temporalio.exceptions import WorkflowAlreadyStartedError
from temporalio.service import RPCError, RPCStatusCode

from crm_app.automation.crowd import Crowd
from crm_app.automation.messages import RunInput
from crm_app.automation.starting import STARTER, Versions
from crm_app.kernel.errors import TrellisError
from crm_app.services.automation_runs import finish_run
from crm_app.services.automation_starts import Claim, PendingRun, claim_pending, mark_started, release_claims
from crm_app.services.workspace import Workspace

WINDOW = 200
LEASE = timedelta(seconds=10)
RPC_TIMEOUT = timedelta(seconds=5)
IDLE_SECONDS = 1.0
BUSY_SECONDS = 0.1
CROWDED_SECONDS = 0.25
FIRST_SERVER_ERROR = 500
WORKFLOW = "RunAutomation"
TURN = "turn"
REPLACED = "The run begins anew in Trellis."

logger = logging.getLogger(__name__)
Ready = tuple[PendingRun, RunInput]


def workflow_id(run: object) -> str:
    return f"run/{run}"


class Starter:
    """One per worker process. `wake` is set by the relay when there may be something to start."""

    def __init__(self, workspace: Workspace, versions: Versions, client: Client, task_queue: str, crowd: Crowd) -> None:
        self._workspace = workspace
        self._versions = versions
        self._client = client
        self._task_queue = task_queue
        self._crowd = crowd

    async def run(self, wake: asyncio.Event) -> None:
        """For ever; what is away is waited for."""
        while True:
            wake.clear()
            pause = IDLE_SECONDS
            try:
                claim = await self.start_pending()
                pause = BUSY_SECONDS if claim.is_full else IDLE_SECONDS
            except Exception as error:  # noqa: BLE001 - whatever it is, the runs are still there
                logger.warning("Runs can't be started now: %s", type(error).__name__)
                await asyncio.sleep(IDLE_SECONDS)
            if self._crowd.goes_first:
                await asyncio.sleep(CROWDED_SECONDS)
                continue
            with suppress(TimeoutError):
                async with asyncio.timeout(pause):
                    await wake.wait()

    async def start_pending(self) -> Claim:
        claim, ready = await asyncio.to_thread(self._claim)
        if ready:
            tried = await asyncio.gather(*(self._start(run, message) for run, message in ready))
            started = [run.id for (run, _), is_started in zip(ready, tried, strict=True) if is_started]
            released = [run.id for (run, _), is_started in zip(ready, tried, strict=True) if not is_started]
            await asyncio.to_thread(self._settle, started, released)
            if released:
                logger.warning("Temporal did not take %d runs; they stay pending", len(released))
                await asyncio.sleep(IDLE_SECONDS)
        return claim

    def _claim(self) -> tuple[Claim, list[Ready]]:
        with self._workspace.work(STARTER) as work:
            claim = claim_pending(work, WINDOW, LEASE, 1 if self._crowd.goes_first else None)
        return claim, [(run, message) for run in claim.runs if (message := self._message(run)) is not None]

    def _message(self, run: PendingRun) -> RunInput | None:
        """A version that no longer fits what is defined fails its run; nothing else is held up."""
        try:
            return self._versions.run_input(run)
        except TrellisError as error:
            if error.status >= FIRST_SERVER_ERROR:
                raise
            with self._workspace.work(STARTER) as work:
                finish_run(work, run.id, "failed", f"{error.code}: {error}")
            return None

    async def _start(self, run: PendingRun, message: RunInput) -> bool:
        """Only a run that began anew may take the place of a workflow of the same id, and only of an older one."""
        policy = WorkflowIDReusePolicy.ALLOW_DUPLICATE_FAILED_ONLY if run.restarts else _REJECT
        try:
            await self._client.start_workflow(
                WORKFLOW,
                message,
                id=workflow_id(run.id),
                task_queue=self._task_queue,
                id_reuse_policy=policy,
                memo={TURN: run.restarts} if run.restarts else None,
                request_eager_start=True,
                rpc_timeout=RPC_TIMEOUT,
            )
        except WorkflowAlreadyStartedError:
            return await self._begin_anew(run, message) if run.restarts else True
        except RPCError:
            return False
        return True

    async def _begin_anew(self, run: PendingRun, message: RunInput) -> bool:
        try:
            has_made_way = await self._make_way(run)
        except RPCError:
            return False
        return await self._start(run, message) if has_made_way else True

    async def _make_way(self, run: PendingRun) -> bool:
        """Ends the execution that stands where the run is to begin anew, unless it is that very beginning: one that a
        start whose answer was lost has made.
        """
        try:
            found = await self._client.get_workflow_handle(workflow_id(run.id)).describe(rpc_timeout=RPC_TIMEOUT)
            if found.status is not WorkflowExecutionStatus.RUNNING or await found.memo_value(TURN, 0) == run.restarts:
                return False
            exactly = self._client.get_workflow_handle(workflow_id(run.id), run_id=found.run_id)
            await exactly.terminate(reason=REPLACED, rpc_timeout=RPC_TIMEOUT)
        except RPCError as error:
            if error.status is not RPCStatusCode.NOT_FOUND:
                raise
        return True

    def _settle(self, started: Sequence[UUID], released: Sequence[UUID]) -> None:
        with self._workspace.work(STARTER) as work:
            mark_started(work, started)
            if released:
                release_claims(work, released)


_REJECT = WorkflowIDReusePolicy.REJECT_DUPLICATE
