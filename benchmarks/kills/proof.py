"""Kills, load and count: one proof, which may be stopped and gone on with."""

import json
import random
import sys
import threading
import time
from collections import Counter
from concurrent.futures import ThreadPoolExecutor
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Any, Self

from benchmarks.kills.counting import compared, found, open_count, stuck
from benchmarks.kills.load import Event, Load
from benchmarks.kills.site import Site, opened
from benchmarks.kills.story import automations, chosen
from crm_app.automation.checks import check
from crm_app.kernel.actor import SystemActor
from crm_app.runtime.postgres import EmbeddedPostgres
from crm_app.services.accounts import add_user
from crm_app.services.api_keys import create_key
from crm_app.services.definitions import publish
from crm_app.services.prepare import prepare_workspace
from crm_app.services.records import create_records
from crm_app.services.workspace import Workspace

SYSTEM = SystemActor("kill harness")
STUCK_SECONDS = 60
STARTING = 0.25
_SETTLE_SECONDS = 300
_CHUNK = 500
_TEND_SECONDS = 0.05
_BEHIND_SECONDS = 10.0


@dataclass
class Proof:
    """What was asked for, and how far it is. It is kept in the folder, so that the same command goes on with it."""

    kills: int
    events: int
    workers: int
    seed: int
    pause: float
    forget_temporal: bool
    key: str = ""
    done: dict[str, int] = field(default_factory=dict[str, int])
    story: list[tuple[str, str]] = field(default_factory=list[tuple[str, str]])
    seconds: float = 0

    @classmethod
    def of(cls, folder: Path, asked: dict[str, Any]) -> Self:
        """The one that was begun in this folder, if any."""
        kept = folder / "proof.json"
        return cls(**json.loads(kept.read_text())) if kept.exists() else cls(**asked)

    def keep(self, folder: Path) -> None:
        making = folder / "proof.json.new"
        making.write_text(json.dumps(asdict(self)))
        making.rename(folder / "proof.json")

    @property
    def number(self) -> int:
        return sum(self.done.values())


def prepare(proof: Proof, server: EmbeddedPostgres, folder: Path) -> None:
    """A workspace with a rep, the automations, and a deal for each event. A proof that goes on has them already."""
    if proof.story:
        return
    workspace = Workspace.open(server.url, pool_size=2)
    prepare_workspace(workspace, (check,), owner=server.owner_url)
    with workspace.work(SYSTEM) as work:
        publish(work, automations(), (check,))
        rep = add_user(work, "Rita", "rita@example.com", roles=["sales_rep"])
        proof.key = create_key(work, "rita@example.com").key
    kinds = chosen(random.Random(proof.seed), proof.events)
    for first in range(0, proof.events, _CHUNK):
        now = kinds[first : first + _CHUNK]
        raws = [
            {"name": f"Deal {first + number}", "stage": "engaging", "amount": "100", "owner": rep}
            for number in range(len(now))
        ]
        with workspace.work(SYSTEM) as work:
            made = create_records(work, "deal", raws)
        proof.story += [(str(record.ref.id), kind) for record, kind in zip(made, now, strict=True)]
    workspace.close()
    proof.keep(folder)


def kill(proof: Proof, site: Site, load: Load) -> None:
    """At random moments, whatever part. Where the machine is too slow for the load, kills wait a little for it."""
    while proof.number < proof.kills:
        number = proof.number + 1
        dice = random.Random(f"{proof.seed}/{number}")
        is_lost = proof.forget_temporal and number == (proof.kills + 1) // 2
        due = time.monotonic() + dice.uniform(0.5, 1.5) * proof.pause
        while time.monotonic() < due or (load.is_behind and time.monotonic() < due + _BEHIND_SECONDS):
            site.tend()
            time.sleep(_TEND_SECONDS)
        load.allowed = len(load.events) * number // proof.kills
        name = victim(site, dice)
        site.kill("temporal" if is_lost else name, forget_temporal=is_lost)
        what = "temporal with its database" if is_lost else name
        proof.done[what] = proof.done.get(what, 0) + 1
        proof.keep(site.folder)
        sys.stderr.write(f"\r{number} of {proof.kills} kills, {len(load.acknowledged)} of {len(load.events)} events ")


def victim(site: Site, dice: random.Random) -> str:
    """One that is only just starting is taken one time in four: on a slow machine nothing would start otherwise."""
    parts = sorted(site.checks)
    up = sorted(site.working)
    name = dice.choice(parts)
    return name if name in up or not up or dice.random() < STARTING else dice.choice(up)


def settle(site: Site) -> float:
    """Until nothing is open, or it takes too long; when the last kill's traces were gone."""
    site.wait()
    quiet = time.time()
    while open_count(site.database_url) != 0 and time.time() - quiet < _SETTLE_SECONDS:
        site.tend()
        time.sleep(_TEND_SECONDS * 10)
    return quiet


def prove(proof: Proof, folder: Path) -> dict[str, Any]:
    """The report; `is_exact` and `is_stuck` are its verdict."""
    began, stop, over = time.monotonic(), threading.Event(), threading.Event()
    with (
        opened(folder, proof.workers, lambda server: prepare(proof, server, folder)) as site,
        ThreadPoolExecutor(3) as beside,
    ):
        load = Load(site.url, proof.key, [Event(*each) for each in proof.story], folder / "acknowledged")
        beside.submit(site.watch, over)
        answering = beside.submit(load.answer, over)
        writing = beside.submit(load.write, stop)
        try:
            kill(proof, site, load)
            stop.set()
            while not writing.done():
                site.tend()
                time.sleep(_TEND_SECONDS)
            writing.result()
            quiet = settle(site)
        finally:
            stop.set()
            over.set()
        answering.result()
        what = found(site.database_url)
    proof.seconds += time.monotonic() - began
    proof.keep(folder)
    return _report(proof, load, {**compared(load.events, what), **stuck(what.runs, site.spans, quiet)})


def _report(proof: Proof, load: Load, counts: dict[str, Any]) -> dict[str, Any]:
    is_exact = len(load.acknowledged) == len(load.events) and not (counts["wrong"] or load.refused)
    took = max(counts["longest_while_all_worked"], counts["longest_after_the_last_kill"])
    return {
        "seed": proof.seed,
        "kills": Counter(proof.done),
        "events": len(load.events),
        "acknowledged": len(load.acknowledged),
        "requests": load.tries,
        "refused": load.refused[:10],
        **counts,
        "seconds": round(proof.seconds),
        "is_exact": is_exact,
        "is_stuck": took > STUCK_SECONDS or counts["unfinished"] > 0,
    }
