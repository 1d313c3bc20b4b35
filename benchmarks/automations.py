"""`python -m benchmarks.automations`: runs of automations against a workflow written by hand for the same work in the
same database and on the same Temporal, in time and in processor time; how long from a change to what it sets off; what
an automation costs an import; whether a worker's memory stays what it is.
"""

import argparse
import asyncio
import json
import os
import shutil
import signal
import statistics
import tempfile
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from uuid import UUID

from temporalio.client import Client

from benchmarks.automation_scene import AMOUNTS, SYSTEM, Scene, opened
from benchmarks.bare_workflow import QUEUE, Bare
from crm_app.automation.checks import check
from crm_app.definitions.package import Package
from crm_app.kernel.collector import settle
from crm_app.kernel.ids import new_id
from crm_app.services.definitions import publish
from crm_app.services.records import create_records

IMPORTED_AT_ONCE = 2_500
FINISHED = "SELECT count(*) FROM crm.run WHERE status = 'finished'"
SETTLED = "SELECT (SELECT count(*) FROM crm.outbox) + (SELECT count(*) FROM crm.run WHERE finished_at IS NULL)"


@dataclass(frozen=True)
class Burst:
    """Seconds for so many runs, ours and by hand, and the milliseconds of processor time of each run by part. By hand,
    a client starts them; ours the worker starts by itself.
    """

    ours: float
    bare: float
    ours_cpu: dict[str, float]
    bare_cpu: dict[str, float]


def burst(scene: Scene, steps: int, count: int) -> Burst:
    """Ours from facts that are all there to the last run that is done."""
    deals = scene.deals(count)
    before = scene.count(FINISHED)
    _stop_group(scene, signal.SIGSTOP)
    scene.change(deals, AMOUNTS[steps])
    used, began = scene.cpu(), time.perf_counter()
    _stop_group(scene, signal.SIGCONT)
    scene.wait_until(FINISHED, before + count, every=0.05)
    ours, ours_cpu = time.perf_counter() - began, _each(used, scene.cpu(), count)
    deals = scene.deals(count)
    used, began, mine = scene.cpu(), time.perf_counter(), time.process_time()
    scene.loop.run_until_complete(_all_bare(scene.client, deals, steps))
    starting = round((time.process_time() - mine) * 1000 / count, 1)
    scene.wait_until(_done_by_hand(deals, steps), count, every=0.05)
    bare, bare_cpu = time.perf_counter() - began, _each(used, scene.cpu(), count)
    return Burst(ours, bare, ours_cpu, {**bare_cpu, "client": starting})


def _done_by_hand(deals: Sequence[UUID], steps: int) -> str:
    """Counts the runs whose last effect is there."""
    of_these = ", ".join(f"'{deal}'" for deal in deals)
    return f"SELECT count(*) FROM data.task WHERE deal IN ({of_these}) AND version = {2 if steps > 1 else 1}"


def _each(before: dict[str, float], after: dict[str, float], count: int) -> dict[str, float]:
    return {name: round((after[name] - before[name]) / count, 1) for name in after}


def _stop_group(scene: Scene, number: signal.Signals) -> None:
    os.killpg(scene.worker.pid, number)


async def _all_bare(client: Client, deals: Sequence[UUID], steps: int) -> None:
    room = asyncio.Semaphore(200)

    async def one(deal: UUID) -> None:
        async with room:
            await client.start_workflow("Bare", Bare(str(deal), steps), id=f"bare/{deal}", task_queue=QUEUE)

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
    """What writing so many records takes with an automation that each of them sets off, against as many without one:
    some of these and some of those in turn, and each turn begins when all runs of the last are done.
    """
    size = min(IMPORTED_AT_ONCE, count)

    def written(amount: str) -> float:
        _listening(scene, "" if amount == "1" else "imported")
        began = time.perf_counter()
        for first in range(0, size, 1000):
            raws = [_deal(scene, amount) for _ in range(min(1000, size - first))]
            with scene.workspace.work(SYSTEM) as work:
                create_records(work, "deal", raws)
        return time.perf_counter() - began

    turns: list[tuple[float, float]] = []
    meanwhile, drained, before = 0, 0.0, scene.count(FINISHED)
    for _ in range(count // size):
        turns.append((written("1"), written("777")))
        began = time.perf_counter()
        meanwhile += scene.count(FINISHED) - before
        scene.wait_until(SETTLED, 0, 0.2)
        drained, before = drained + time.perf_counter() - began, scene.count(FINISHED)
    return {
        "records": size * len(turns), "at_once": size, "without_seconds": round(sum(plain for plain, _ in turns), 2),
        "with_seconds": round(sum(heard for _, heard in turns), 2),
        "ratio": round(statistics.median(heard / plain for plain, heard in turns), 2),
        "runs_meanwhile": meanwhile, "drained_per_second": round((size * len(turns) - meanwhile) / drained, 1),
        "worker_mb": round(scene.memory()),
    }  # fmt: skip


def _deal(scene: Scene, amount: str) -> dict[str, Any]:
    return {"name": f"Import {new_id()}", "stage": "engaging", "amount": amount, "owner": scene.owner}


def _listening(scene: Scene, name: str) -> None:
    """Only this automation is live on deals; with no name, none. What this process works out anew from definitions is
    no part of what is measured.
    """
    with scene.workspace.work(SYSTEM) as work:
        known = [each for each in work.catalog.automations if each.trigger.object == "deal"]
        wanted = tuple(each.model_copy(update={"is_active": each.name == name}) for each in known)
        publish(work, Package(automations=wanted), (check,))
    with scene.workspace.work(SYSTEM) as work:
        create_records(work, "deal", [_deal(scene, "1")])


def memory(scene: Scene, events: int) -> dict[str, float]:
    """Of the worker while so many facts go through it, every 25th of which starts a run."""
    kept: list[float] = []
    deals = scene.deals(min(events, 1000))
    for number in range(events // len(deals)):
        scene.change(deals, str(2000 + number))
        scene.change(deals[::25], AMOUNTS[3] if number % 2 else AMOUNTS[1])
        scene.wait_until("SELECT count(*) FROM crm.outbox", 0)
        scene.wait_until("SELECT count(*) FROM crm.run WHERE finished_at IS NULL", 0)
        kept.append(scene.memory())
    return {"events": events, "mb_after_a_tenth": round(kept[len(kept) // 10]), "mb_at_the_end": round(kept[-1])}


def compared(bursts: Sequence[Burst], runs: int) -> dict[str, Any]:
    """Medians; ratios of each turn, for the machine is never the same twice."""

    def median(value: Callable[[Burst], float]) -> float:
        return statistics.median(map(value, bursts))

    return {
        "runs_per_second": round(runs / median(lambda each: each.ours), 1),
        "bare_per_second": round(runs / median(lambda each: each.bare), 1),
        "ratio": round(median(lambda each: each.ours / each.bare), 2),
        "cpu_ratio": round(median(lambda each: sum(each.ours_cpu.values()) / sum(each.bare_cpu.values())), 2),
        "cpu_ms_of_a_run": {name: median(lambda each: each.ours_cpu[name]) for name in bursts[0].ours_cpu},  # noqa: B023
        "bare_cpu_ms_of_a_run": {name: median(lambda each: each.bare_cpu[name]) for name in bursts[0].bare_cpu},  # noqa: B023
    }


def main() -> None:
    parser = argparse.ArgumentParser(prog="python -m benchmarks.automations", description=__doc__)
    parser.add_argument("--runs", type=int, default=300)
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--latencies", type=int, default=20)
    parser.add_argument("--imported", type=int, default=10_000, help="0 leaves the import out")
    parser.add_argument("--memory", type=int, default=50_000, help="facts; 0 leaves it out")
    arguments = parser.parse_args()
    settle()
    folder = Path(tempfile.mkdtemp(prefix="trellis-automations-"))
    figures: dict[str, Any] = {"load_before": os.getloadavg()[0]}
    try:
        with opened(folder) as scene:
            burst(scene, 1, 20)
            for steps in AMOUNTS:
                bursts = [burst(scene, steps, arguments.runs) for _ in range(arguments.rounds)]
                figures[f"{steps}_steps"] = compared(bursts, arguments.runs)
            ours, bare = latency(scene, arguments.latencies)
            figures["latency_ms"] = {"median": round(ours, 1), "bare": round(bare, 1)}
            if arguments.memory:
                figures["memory"] = memory(scene, arguments.memory)
            if arguments.imported:
                figures["import"] = imports(scene, arguments.imported)
    finally:
        shutil.rmtree(folder, ignore_errors=True)
    print(json.dumps(figures, indent=1))


if __name__ == "__main__":
    main()
