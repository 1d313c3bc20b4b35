"""Compares our runs with Temporal's and repairs the difference. Losing all of Temporal's data loses no run."""

import asyncio
import logging
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from uuid import UUID

from temporalio.api.enums.v1 import PendingActivityState
from temporalio.client import (
    Client,
    WorkflowExecutionDescription,
    WorkflowExecutionStatus,
    WorkflowFailureError,
    WorkflowHandle,
)
from temporalio.exceptions import ApplicationError, TerminatedError
from temporalio.service import RPCError, RPCStatusCode

from crm_app.automation.refusals import RunEnded
from crm_app.kernel import clock
from crm_app.kernel.actor import SystemActor
from crm_app.services.automation_runs import finish_run
from crm_app.services.automation_starts import (
    cancelled_in_temporal,
    expire_runs,
    note_dismissed,
    start_again,
    untouched_runs,
)
from crm_app.services.automation_waits import rest
from crm_app.services.workspace import Workspace
from workflows.starter import REPLACED, RPC_TIMEOUT, workflow_id

AT_ONCE = 200
STALLED = "No progress; Trellis starts the run again."
CANCELLED = "The run was cancelled in Trellis."
_OURS = (STALLED, REPLACED, CANCELLED)
WATCHDOG = SystemActor("watchdog of runs")

logger = logging.getLogger(__name__)


@dataclass(frozen=True)
class Patience:
    """A run untouched for `doubt` is looked up; one that Temporal calls running, but that makes no progress for
    `stall`, is started again. Longer than Temporal's own time-out of a workflow task, which is ten seconds. A step that
    leaves the product and has not had its `turn` by then is one that Temporal has forgotten.
    """

    doubt: timedelta = timedelta(seconds=10)
    stall: timedelta = timedelta(seconds=30)
    turn: timedelta = timedelta(minutes=15)
    every: timedelta = timedelta(seconds=3)


class Watchdog:
    """`_steady_since`: since when Temporal has answered without a break. Time before that is nobody's stall."""

    def __init__(self, workspace: Workspace, client: Client, patience: Patience) -> None:
        self._workspace = workspace
        self._client = client
        self._patience = patience
        self._steady_since = clock.now()

    async def run(self) -> None:
        while True:
            try:
                await self.look()
            except Exception as error:  # noqa: BLE001 - whatever it is, the next look may succeed
                self._steady_since = clock.now()
                logger.warning("The watchdog could not compare: %s", type(error).__name__)
            await asyncio.sleep(self._patience.every.total_seconds())

    async def look(self) -> None:
        await asyncio.to_thread(self._expire)
        for run, touched_at in await asyncio.to_thread(self._untouched):
            await self._compare(run, touched_at)
        for run in await asyncio.to_thread(self._leftovers):
            await self._dismiss(run)

    async def _compare(self, run: UUID, touched_at: datetime) -> None:
        handle = self._client.get_workflow_handle(workflow_id(run))
        try:
            description = await handle.describe(rpc_timeout=RPC_TIMEOUT)
        except RPCError as error:
            if error.status is not RPCStatusCode.NOT_FOUND:
                raise
            logger.warning("Temporal has lost run %s; it is started again", run)
            await asyncio.to_thread(self._start_again, run)
            return
        if description.status is WorkflowExecutionStatus.RUNNING:
            is_late = clock.now() - max(touched_at, self._steady_since) > self._patience.stall
            is_late = is_late and not self._has_a_turn_to_come(description)
            if is_late and not await asyncio.to_thread(self._rests, run):
                await self._replace(run, description.run_id)
        else:
            await self._adopt_end(run, handle)

    def _has_a_turn_to_come(self, found: WorkflowExecutionDescription) -> bool:
        """Whether a step that leaves the product waits to be tried, or tried again. Temporal counts its tries, and a
        run that is started again would begin to count anew.
        """
        oldest = clock.now() - self._patience.turn
        return any(
            each.state == PendingActivityState.PENDING_ACTIVITY_STATE_SCHEDULED
            and each.scheduled_time.ToDatetime(UTC) > oldest
            for each in found.raw_description.pending_activities
        )

    async def _dismiss(self, run: UUID) -> None:
        """Our row has ended the run already, so no step of it is done any more; this takes away what still waits."""
        try:
            await self._client.get_workflow_handle(workflow_id(run)).terminate(
                reason=CANCELLED, rpc_timeout=RPC_TIMEOUT
            )
        except RPCError as error:
            if error.status is not RPCStatusCode.NOT_FOUND:
                raise
        await asyncio.to_thread(self._dismissed, run)

    async def _replace(self, run: UUID, temporal_run: str) -> None:
        """Ends exactly the execution that was looked at, so that two watchdogs can't end each other's."""
        logger.warning("Run %s stalls in Temporal; it is started again", run)
        handle = self._client.get_workflow_handle(workflow_id(run), run_id=temporal_run)
        try:
            await handle.terminate(reason=STALLED, rpc_timeout=RPC_TIMEOUT)
        except RPCError as error:
            if error.status is RPCStatusCode.NOT_FOUND:
                return
            raise
        await asyncio.to_thread(self._start_again, run)

    async def _adopt_end(self, run: UUID, handle: WorkflowHandle[object, object]) -> None:
        try:
            await handle.result(rpc_timeout=RPC_TIMEOUT)
        except WorkflowFailureError as error:
            cause = error.cause
            if isinstance(cause, TerminatedError) and cause.message in _OURS:
                await asyncio.to_thread(self._start_again, run)
            elif isinstance(cause, ApplicationError) and cause.type == RunEnded.code:
                await asyncio.to_thread(self._start_again, run)  # of a version that the run is not of any more
            elif isinstance(cause, ApplicationError):
                await asyncio.to_thread(self._finish, run, "failed", f"{cause.type}: {cause.message}")
            else:
                await asyncio.to_thread(self._finish, run, "failed", f"ended: Ended in Temporal ({cause}).")
        else:
            await asyncio.to_thread(self._finish, run, "finished", "")

    def _untouched(self) -> list[tuple[UUID, datetime]]:
        with self._workspace.work(WATCHDOG) as work:
            return untouched_runs(work, self._patience.doubt, AT_ONCE)

    def _rests(self, run: UUID) -> bool:
        with self._workspace.work(WATCHDOG) as work:
            return rest(work, run)

    def _expire(self) -> None:
        with self._workspace.work(WATCHDOG) as work:
            expire_runs(work)

    def _leftovers(self) -> list[UUID]:
        with self._workspace.work(WATCHDOG) as work:
            return cancelled_in_temporal(work, AT_ONCE)

    def _dismissed(self, run: UUID) -> None:
        with self._workspace.work(WATCHDOG) as work:
            note_dismissed(work, run)

    def _start_again(self, run: UUID) -> None:
        with self._workspace.work(WATCHDOG) as work:
            start_again(work, run)

    def _finish(self, run: UUID, status: str, error: str) -> None:
        with self._workspace.work(WATCHDOG) as work:
            finish_run(work, run, status, error)
