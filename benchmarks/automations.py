"""`python -m benchmarks.automations`: runs of automations against a workflow written by hand for the same work in the
same database and on the same Temporal; how long from a change to what it sets off; what an automation costs an import.
"""

import argparse
import asyncio
import json
import os
import shutil
import signal
import statistics
import sys
import tempfile
import time
from collections.abc import Callable, Generator, Sequence
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any
from uuid import UUID

import psycopg
from sqlalchemy import text
from temporalio.client import Client

from benchmarks.bare_workflow import QUEUE, Bare
from benchmarks.parts import database_part, temporal_part, worker_part
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
_PATIENCE_SECONDS = 300


@dataclass
class Scene:
    workspace: Workspace
    url: str
    worker: process.Child
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

    def wait_until(self, query: str, wanted: int) -> None:
        deadline = time.monotonic() + _PATIENCE_SECONDS
        with psycopg.connect(self.url, autocommit=True) as connection:
            while connection.execute(query.encode()).fetchone() != (wanted,):
                assert time.monotonic() < deadline, f"{query}: not {wanted}"
                time.sleep(0.002)

    def count(self, query: str) -> int:
        with self.workspace.work(SYSTEM) as work:
            return work.connection.execute(text(query)).scalar_one()


@contextmanager
def opened(folder: Path) -> Generator[Scene]:
    with ExitStack() as stack:
        server, _ = postgres.prepare(folder)
        stack.enter_context(database_part(server, folder / "logs"))
        workspace = Workspace.open(server.url, pool_size=4)
        stack.callback(workspace.close)
        prepare_workspace(workspace, (check,), owner=server.owner_url)
        with workspace.work(SYSTEM) as work:
            owner = add_user(work, "Rita", "rita@example.com", roles=["sales_rep"])
            publish(work, _automations(), (check,))
        dev = temporal.dev_server(folder)
        stack.enter_context(temporal_part(dev, folder / "logs"))
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
        yield Scene(workspace, server.url, worker.child, client, loop, owner)


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


def burst(scene: Scene, steps: int, count: int) -> tuple[float, float]:
    """Seconds for so many runs, ours and by hand, each from facts that are all there to the last one done."""
    deals = scene.deals(count)
    finished = "SELECT count(*) FROM crm.run WHERE status = 'finished'"
    before = scene.count(finished)
    _stop_group(scene, signal.SIGSTOP)
    scene.change(deals, AMOUNTS[steps])
    began = time.perf_counter()
    _stop_group(scene, signal.SIGCONT)
    scene.wait_until(finished, before + count)
    ours = time.perf_counter() - began
    deals = scene.deals(count)
    began = time.perf_counter()
    scene.loop.run_until_complete(_all_bare(scene.client, deals, steps))
    return ours, time.perf_counter() - began


def _stop_group(scene: Scene, number: signal.Signals) -> None:
    os.killpg(scene.worker.pid, number)


async def _all_bare(client: Client, deals: Sequence[UUID], steps: int) -> None:
    room = asyncio.Semaphore(200)

    async def one(deal: UUID) -> None:
        async with room:
            await client.execute_workflow("Bare", Bare(str(deal), steps), id=f"bare/{deal}", task_queue=QUEUE)

    await asyncio.gather(*(one(deal) for deal in deals))


def latency(scene: Scene, times: int) -> tuple[float, float]:
    """Median milliseconds from the committed change to the task, one at a time."""

    def measured(start: Callable[[UUID], None]) -> float:
        taken: list[float] = []
        for deal in scene.deals(times):
            time.sleep(0.1)
            start(deal)
            began = time.perf_counter()
            scene.wait_until(f"SELECT count(*) FROM data.task WHERE deal = '{deal}'", 1)
            taken.append((time.perf_counter() - began) * 1000)
        return statistics.median(taken)

    def by_hand(deal: UUID) -> None:
        start = scene.client.start_workflow("Bare", Bare(str(deal), 1), id=f"bare/{deal}", task_queue=QUEUE)
        scene.loop.run_until_complete(start)

    return measured(lambda deal: scene.change([deal], AMOUNTS[1])), measured(by_hand)


def imports(scene: Scene, count: int) -> dict[str, float]:
    """Seconds to write so many records without and with an automation that each of them sets off."""

    def written(amount: str) -> float:
        began = time.perf_counter()
        for first in range(0, count, 1000):
            raws = [
                {"name": f"Import {new_id()}", "stage": "engaging", "amount": amount, "owner": scene.owner}
                for _ in range(min(1000, count - first))
            ]
            with scene.workspace.work(SYSTEM) as work:
                create_records(work, "deal", raws)
        return time.perf_counter() - began

    with scene.workspace.work(SYSTEM) as work:
        quiet = [each for each in work.catalog.automations if each.trigger.object == "deal"]
        publish(work, Package(automations=tuple(e.model_copy(update={"is_active": False}) for e in quiet)), (check,))
    without = written("1")
    active = tuple(each.model_copy(update={"is_active": each.name == "imported"}) for each in quiet)
    with scene.workspace.work(SYSTEM) as work:
        publish(work, Package(automations=active), (check,))
    with_it = written("777")
    began = time.perf_counter()
    scene.wait_until(
        "SELECT (SELECT count(*) FROM crm.outbox) + (SELECT count(*) FROM crm.run WHERE finished_at IS NULL)", 0
    )
    drained = time.perf_counter() - began
    return {
        "records": count, "without_seconds": round(without, 2), "with_seconds": round(with_it, 2),
        "ratio": round(with_it / without, 2), "drained_after_seconds": round(drained, 1),
    }  # fmt: skip


def main() -> None:
    parser = argparse.ArgumentParser(prog="python -m benchmarks.automations", description=__doc__)
    parser.add_argument("--runs", type=int, default=300)
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--latencies", type=int, default=20)
    parser.add_argument("--imported", type=int, default=10_000, help="0 leaves the import out")
    arguments = parser.parse_args()
    folder = Path(tempfile.mkdtemp(prefix="trellis-automations-"))
    figures: dict[str, Any] = {"load_before": os.getloadavg()[0]}
    try:
        with opened(folder) as scene:
            burst(scene, 1, 20)
            for steps in AMOUNTS:
                rounds = [burst(scene, steps, arguments.runs) for _ in range(arguments.rounds)]
                ours, bare = (statistics.median(each) for each in zip(*rounds, strict=True))
                figures[f"{steps}_steps"] = {
                    "runs_per_second": round(arguments.runs / ours, 1),
                    "bare_per_second": round(arguments.runs / bare, 1),
                    "ratio": round(ours / bare, 2),
                }
            ours, bare = latency(scene, arguments.latencies)
            figures["latency_ms"] = {"median": round(ours, 1), "bare": round(bare, 1)}
            if arguments.imported:
                figures["import"] = imports(scene, arguments.imported)
    finally:
        shutil.rmtree(folder, ignore_errors=True)
    print(json.dumps(figures, indent=1))


if __name__ == "__main__":
    main()
