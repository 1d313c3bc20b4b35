"""`python -m benchmarks.kills --kills 1000 --events 5000`: deals are won over REST while parts of the product are ended
with `kill -9` at random moments. Afterwards every deal has exactly one task, or this says what is lost, double, stuck.
"""

import argparse
import json
import random
import shutil
import sys
import tempfile
import threading
import time
from collections import Counter
from collections.abc import Generator
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any
from uuid import UUID

import httpx
from sqlalchemy import text
from sqlalchemy.exc import SQLAlchemyError

from benchmarks.parts import Part, database_part, temporal_part, web_part, worker_part
from crm_app.automation.checks import check
from crm_app.kernel.actor import SystemActor
from crm_app.kernel.errors import TrellisError
from crm_app.kernel.settings import Settings
from crm_app.runtime import bundle, postgres, temporal
from crm_app.runtime.ports import LOOPBACK, free_port
from crm_app.services.accounts import add_user
from crm_app.services.api_keys import create_key
from crm_app.services.prepare import prepare_workspace
from crm_app.services.records import create_records
from crm_app.services.workspace import Workspace

SYSTEM = SystemActor("kill harness")
STUCK_SECONDS = 60
_SETTLE_SECONDS = 300
_CHUNK = 500
_WRITERS = 4
_COUNTS = text("""
SELECT (SELECT count(*) FROM crm.run) AS runs,
       (SELECT count(*) FROM crm.run WHERE status = 'finished') AS finished,
       (SELECT count(*) FROM crm.run WHERE status NOT IN ('finished', 'pending', 'started')) AS failed,
       (SELECT count(*) FROM crm.effect) AS effects,
       (SELECT count(*) FROM data.task) AS tasks,
       (SELECT count(DISTINCT deal) FROM data.task) AS deals_with_a_task,
       (SELECT count(*) FROM crm.outbox) + (SELECT count(*) FROM crm.run WHERE finished_at IS NULL) AS open,
       (SELECT coalesce(max(extract(epoch FROM finished_at - created_at)), 0)::float FROM crm.run) AS longest_seconds
""")


@dataclass
class Scene:
    """The product on servers of its own. `deals` are about to be won; `acknowledged` are those that it said yes to."""

    url: str
    key: str
    parts: dict[str, Part]
    deals: list[UUID]
    workspace: Workspace
    folder: Path
    acknowledged: set[UUID] = field(default_factory=set[UUID])
    kills: Counter[str] = field(default_factory=Counter[str])
    allowed: int = 0

    def win(self, deal: UUID) -> None:
        """As a careful client does it: again and again until the server has said yes."""
        with httpx.Client(base_url=self.url, timeout=5, trust_env=False) as client:
            while deal not in self.acknowledged:
                try:
                    answer = client.patch(
                        f"/objects/deal/records/{deal}",
                        json={"values": {"stage": "won"}},
                        headers={"authorization": f"Bearer {self.key}"},
                    )
                except httpx.HTTPError:
                    time.sleep(0.2)
                    continue
                if answer.is_success:
                    self.acknowledged.add(deal)
                elif answer.status_code < httpx.codes.INTERNAL_SERVER_ERROR:
                    raise AssertionError(answer.text)
                else:
                    time.sleep(0.2)

    def counts(self) -> dict[str, Any]:
        while True:
            try:
                with self.workspace.work(SYSTEM) as work:
                    return dict(work.connection.execute(_COUNTS).mappings().one())
            except (TrellisError, SQLAlchemyError):
                time.sleep(0.5)


@contextmanager
def opened(folder: Path, events: int, workers: int) -> Generator[Scene]:
    bundle.build(folder)
    with ExitStack() as stack:
        server, _ = postgres.prepare(folder)
        database = stack.enter_context(database_part(server, folder / "logs"))
        workspace = Workspace.open(server.url, pool_size=2)
        stack.callback(workspace.close)
        prepare_workspace(workspace, (check,), owner=server.owner_url)
        key, deals = _deals(workspace, events)
        dev = temporal.dev_server(folder)
        parts = {"postgres": database, "temporal": stack.enter_context(temporal_part(dev, folder / "logs"))}
        settings = Settings(folder, server.url, dev.address)
        port = free_port()
        parts["web"] = stack.enter_context(web_part(settings, port, folder / "logs"))
        for number in range(1, workers + 1):
            parts[f"worker{number}"] = stack.enter_context(worker_part(settings, number, folder / "logs"))
        yield Scene(f"http://{LOOPBACK}:{port}/api/v1", key, parts, deals, workspace, folder)


def _deals(workspace: Workspace, events: int) -> tuple[str, list[UUID]]:
    with workspace.work(SYSTEM) as work:
        rep = add_user(work, "Rita", "rita@example.com", roles=["sales_rep"])
        key = create_key(work, "rita@example.com").key
    deals: list[UUID] = []
    for first in range(0, events, _CHUNK):
        raws = [
            {"name": f"Deal {number}", "stage": "engaging", "amount": "100", "owner": rep}
            for number in range(first, min(first + _CHUNK, events))
        ]
        with workspace.work(SYSTEM) as work:
            deals += [record.ref.id for record in create_records(work, "deal", raws)]
    return key, deals


def kill(scene: Scene, dice: random.Random, times: int, lose_temporal_at: int | None) -> None:
    """One after the other: each part is back, and has worked for a random while, before the next one is killed."""
    for number in range(1, times + 1):
        scene.allowed = len(scene.deals) * number // times
        is_lost = number == lose_temporal_at
        name = "temporal" if is_lost else dice.choice(list(scene.parts))
        part = scene.parts[name]
        part.kill()
        if is_lost:
            for file in scene.folder.glob("temporal.db*"):
                file.unlink()
        scene.kills["temporal with its database" if is_lost else name] += 1
        time.sleep(dice.uniform(0, 0.5))
        part.start()
        time.sleep(dice.uniform(0.1, 2.5))
        sys.stderr.write(f"\r{number} of {times} kills, {len(scene.acknowledged)} of {len(scene.deals)} events ")


def load(scene: Scene, stop: threading.Event) -> None:
    """Every kill lets its share of the events come, so that none is without load."""
    wins: list[Future[None]] = []
    with ThreadPoolExecutor(_WRITERS) as writers:
        for number, deal in enumerate(scene.deals):
            while number >= scene.allowed and not stop.is_set():
                stop.wait(0.05)
            wins.append(writers.submit(scene.win, deal))
        for win in wins:
            win.result()


def prove(scene: Scene, arguments: argparse.Namespace) -> dict[str, Any]:
    dice, stop = random.Random(arguments.seed), threading.Event()
    middle = arguments.kills // 2 if arguments.lose_temporal else None
    began = time.monotonic()
    with ThreadPoolExecutor(1) as beside:
        loading = beside.submit(load, scene, stop)
        try:
            kill(scene, dice, arguments.kills, middle)
        finally:
            stop.set()
        loading.result(_SETTLE_SECONDS)
    quiet = time.monotonic()
    while (counts := scene.counts())["open"] and time.monotonic() - quiet < _SETTLE_SECONDS:
        time.sleep(0.5)
    settled = time.monotonic() - quiet
    expected = len(scene.deals)
    exact = ("runs", "finished", "effects", "tasks", "deals_with_a_task")
    return {
        "kills": dict(scene.kills),
        "events": expected,
        "acknowledged": len(scene.acknowledged),
        **counts,
        "lost": expected - counts["deals_with_a_task"],
        "double": counts["tasks"] - counts["deals_with_a_task"],
        "seconds": round(quiet - began, 1),
        "seconds_until_settled": round(settled, 1),
        "is_exact": all(counts[name] == expected for name in exact) and not counts["failed"],
        "is_stuck": settled > STUCK_SECONDS,
    }


def main() -> int:
    parser = argparse.ArgumentParser(prog="python -m benchmarks.kills", description=__doc__)
    parser.add_argument("--kills", type=int, default=50)
    parser.add_argument("--events", type=int, default=500)
    parser.add_argument("--workers", type=int, default=2)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--lose-temporal", action="store_true", help="delete Temporal's database half-way, too")
    arguments = parser.parse_args()
    folder = Path(tempfile.mkdtemp(prefix="trellis-kills-"))
    try:
        with opened(folder, arguments.events, arguments.workers) as scene:
            report = prove(scene, arguments)
    finally:
        shutil.rmtree(folder, ignore_errors=True)
    print(f"\n{json.dumps(report, indent=1)}")
    return 0 if report["is_exact"] and not report["is_stuck"] else 1


if __name__ == "__main__":
    sys.exit(main())
