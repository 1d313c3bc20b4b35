"""A workflow as somebody would write it by hand for exactly this: it reads a deal, makes its task and audits that, in
one transaction of a local Temporal activity; with three steps it also marks the deal and the task. No rights, no rules,
no ledger: what a run of an automation is compared with. `python -m benchmarks.bare_workflow` is its worker.
"""

import asyncio
import sys
import threading
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from uuid import UUID

import orjson
import psycopg
from temporalio import activity, workflow
from temporalio.client import Client
from temporalio.worker import UnsandboxedWorkflowRunner, Worker

from crm_app.kernel.ids import new_id
from crm_app.kernel.settings import Settings

QUEUE = "bare"
THREADS = 8
_TIMEOUT = timedelta(seconds=60)


@dataclass(frozen=True)
class Bare:
    deal: str
    steps: int


@workflow.defn(name="Bare")
class BareWorkflow:
    @workflow.run
    async def run(self, given: Bare) -> None:
        task: str = await workflow.execute_local_activity("make", given.deal, start_to_close_timeout=_TIMEOUT)
        if given.steps > 1:
            await workflow.execute_local_activity("mark", args=["deal", given.deal], start_to_close_timeout=_TIMEOUT)
            await workflow.execute_local_activity("mark", args=["task", task], start_to_close_timeout=_TIMEOUT)


class BareActivities:
    """Each thread has a connection of its own."""

    def __init__(self, url: str) -> None:
        self._url = url
        self._of_thread = threading.local()

    def _connection(self) -> psycopg.Connection:
        if not hasattr(self._of_thread, "connection"):
            self._of_thread.connection = psycopg.connect(self._url)
        return self._of_thread.connection

    @activity.defn(name="make")
    def make(self, deal: str) -> str:
        made, now = new_id(), datetime.now(UTC)
        connection = self._connection()
        with connection.transaction():
            row = connection.execute("SELECT name, owner FROM data.deal WHERE id = %s", (deal,)).fetchone()
            assert row is not None
            name, owner = row
            connection.execute(
                "INSERT INTO data.task "
                "(id, version, subject, deal, owner, created_at, created_by, updated_at, updated_by) "
                "VALUES (%s, 1, %s, %s, %s, %s, %s, %s, %s)",
                (made, f"Follow up: {name}", deal, owner, now, owner, now, owner),
            )
            self._audit(connection, "record.created", "task", made, {"subject": [None, name]})
        return str(made)

    @activity.defn(name="mark")
    def mark(self, what: str, identifier: str) -> None:
        assert what in {"deal", "task"}
        connection = self._connection()
        with connection.transaction():
            change = f"UPDATE data.{what} SET notes = 'marked', version = version + 1, updated_at = now() WHERE id = %s"
            connection.execute(change.encode(), (identifier,))
            self._audit(connection, "record.updated", what, UUID(identifier), {"notes": [None, "marked"]})

    @staticmethod
    def _audit(connection: psycopg.Connection, name: str, what: str, record: UUID, changes: dict[str, object]) -> None:
        connection.execute(
            "INSERT INTO crm.audit (id, at, name, object, record, version, actor, changes) "
            "VALUES (%s, now(), %s, %s, %s, 1, '{}', %s)",
            (new_id(), name, what, record, orjson.dumps(changes).decode()),
        )


async def main() -> None:
    settings = Settings.from_environment()
    client = await Client.connect(settings.temporal_address, namespace=settings.temporal_namespace)
    with ThreadPoolExecutor(THREADS) as threads:
        activities = BareActivities(settings.database_url)
        worker = Worker(
            client,
            task_queue=QUEUE,
            workflows=[BareWorkflow],
            activities=[activities.make, activities.mark],
            activity_executor=threads,
            max_concurrent_local_activities=THREADS,
            workflow_runner=UnsandboxedWorkflowRunner(),
        )
        sys.stdout.write("ready\n")
        sys.stdout.flush()
        await worker.run()


if __name__ == "__main__":
    asyncio.run(main())
