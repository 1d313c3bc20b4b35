"""What the benchmark of automations works on: the product's servers and worker, and beside them a worker by hand."""

import asyncio
import sys
import time
from collections.abc import Generator, Sequence
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any
from uuid import UUID

import psutil
import psycopg
from sqlalchemy import text
from temporalio.client import Client

from benchmarks.parts import Part, database_part, temporal_part, worker_part
from crm_app.automation.checks import check
from crm_app.definitions.load import load_package
from crm_app.definitions.package import Package
from crm_app.kernel.actor import SystemActor
from crm_app.kernel.events import RecordRef
from crm_app.kernel.ids import new_id
from crm_app.kernel.settings import Settings
from crm_app.runtime import postgres, process, programs, temporal
from crm_app.services.accounts import add_user
from crm_app.services.definitions import publish
from crm_app.services.prepare import prepare_workspace
from crm_app.services.records import create_records, update_record
from crm_app.services.workspace import Workspace

SYSTEM = SystemActor("benchmark")
AMOUNTS = {1: "111", 3: "333"}
_MAKE: dict[str, Any] = {
    "id": "make", "type": "create", "object": "task",
    "values": {"subject": "'Follow up: ' & name", "owner": "owner", "deal": "id"},
}  # fmt: skip
_MARK: list[dict[str, Any]] = [
    {"id": "mark", "type": "update", "values": {"notes": "'marked'"}},
    {"id": "mark_task", "type": "update", "record": "steps.make.id", "values": {"notes": "'marked'"}},
]
_PATIENCE_SECONDS = 900


@dataclass
class Scene:
    workspace: Workspace
    url: str
    worker: process.Child
    processes: dict[str, int]
    client: Client
    loop: asyncio.AbstractEventLoop
    owner: UUID

    def deals(self, count: int) -> list[UUID]:
        made: list[UUID] = []
        for first in range(0, count, 500):
            raws = [
                {"name": f"Deal {new_id()}", "stage": "engaging", "amount": "1", "owner": self.owner}
                for _ in range(min(500, count - first))
            ]
            with self.workspace.work(SYSTEM) as work:
                made += [record.ref.id for record in create_records(work, "deal", raws)]
        self.wait_until("SELECT count(*) FROM crm.outbox", 0)
        return made

    def change(self, deals: Sequence[UUID], amount: str) -> None:
        with self.workspace.work(SYSTEM) as work:
            for deal in deals:
                update_record(work, RecordRef("deal", deal), {"amount": amount})

    def wait_until(self, query: str, wanted: int, every: float = 0.002) -> None:
        deadline = time.monotonic() + _PATIENCE_SECONDS
        with psycopg.connect(self.url, autocommit=True) as connection:
            while connection.execute(query.encode()).fetchone() != (wanted,):
                assert time.monotonic() < deadline, f"{query}: not {wanted}"
                time.sleep(every)

    def cpu(self) -> dict[str, float]:
        """Milliseconds of processor time so far, with what each part has started."""
        return {name: sum(_cpu(each) for each in _group(pid)) for name, pid in self.processes.items()}

    def memory(self) -> float:
        """Megabytes that the worker keeps."""
        return sum(each.memory_info().rss for each in _group(self.worker.pid)) / 2**20

    def count(self, query: str) -> int:
        with self.workspace.work(SYSTEM) as work:
            return work.connection.execute(text(query)).scalar_one()


def _group(pid: int) -> list[psutil.Process]:
    found = psutil.Process(pid)
    return [found, *found.children(recursive=True)]


def _cpu(found: psutil.Process) -> float:
    try:
        times = found.cpu_times()
    except psutil.NoSuchProcess:
        return 0
    return (times.user + times.system) * 1000


@contextmanager
def opened(folder: Path) -> Generator[Scene]:
    with ExitStack() as stack:
        server, _ = postgres.prepare(folder)
        database = stack.enter_context(database_part(server, folder / "logs"))
        workspace = Workspace.open(server.url, pool_size=4)
        stack.callback(workspace.close)
        prepare_workspace(workspace, (check,), owner=server.owner_url)
        with workspace.work(SYSTEM) as work:
            owner = add_user(work, "Rita", "rita@example.com", roles=["sales_rep"])
            publish(work, _automations(), (check,))
        dev = temporal.dev_server(folder)
        temporal_server = stack.enter_context(temporal_part(dev, folder / "logs"))
        settings = Settings(folder, server.url, dev.address)
        worker = stack.enter_context(worker_part(settings, 1, folder / "logs"))
        by_hand = programs.worker(settings)
        bare = process.start(
            replace(by_hand, name="bare", command=(sys.executable, "-m", "benchmarks.bare_workflow")), folder / "logs"
        )
        stack.callback(process.stop, bare, 5)
        process.wait_until(lambda: "ready" in bare.output(), bare, "The bare worker", 60)
        loop = asyncio.new_event_loop()
        stack.callback(loop.close)
        client = loop.run_until_complete(Client.connect(dev.address))
        assert worker.child is not None
        parts = {"postgres": database, "temporal": temporal_server, "worker": worker}
        processes = {"bare": bare.pid, **{name: _pid(part) for name, part in parts.items()}}
        yield Scene(workspace, server.url, worker.child, processes, client, loop, owner)


def _pid(part: Part) -> int:
    assert part.child is not None
    return part.child.pid


def _automations() -> Package:
    def body(steps: int, *blocks: dict[str, Any]) -> dict[str, Any]:
        trigger = {"type": "record.updated", "object": "deal", "fields": ["amount"]}
        when = f"amount = {AMOUNTS[steps]} USD"
        name = f"steps_{steps}"
        return {
            "format_version": 1, "name": name, "label": name, "trigger": {**trigger, "when": when},
            "steps": list(blocks),
        }  # fmt: skip

    imported = {
        "format_version": 1, "name": "imported", "label": "Imported", "is_active": False, "steps": [_MAKE],
        "trigger": {"type": "record.created", "object": "deal", "when": "amount = 777 USD"},
    }  # fmt: skip
    bodies = [body(1, _MAKE), body(3, _MAKE, *_MARK), imported]
    return load_package({"automations": {f"automations/{each['name']}.json": each for each in bodies}})
