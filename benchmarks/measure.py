"""Each operation by hand, through the door and over HTTP in turns of one run: a busy moment meets all of them."""

import statistics
import time
from collections.abc import Callable, Generator
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from typing import Any

import psutil

from benchmarks.by_door import ByDoor
from benchmarks.by_hand import ByHand
from benchmarks.by_http import ByHttp
from benchmarks.http_load import measure
from benchmarks.samples import Samples
from benchmarks.scene import Scene
from crm_app.runtime.process import Child

CONCURRENCY = 16
ROUNDS = 5
_WARM_UP = 4
_FRESH = 1_000_000


@dataclass(frozen=True)
class Amounts:
    """How often an operation runs in each round: one at a time, and in all at concurrency 16."""

    alone: int
    together: int


AMOUNTS = {
    "list": Amounts(60, 400),
    "read": Amounts(60, 600),
    "create": Amounts(60, 400),
    "update": Amounts(60, 400),
    "aggregate": Amounts(4, 16),
    "search": Amounts(40, 200),
    "bulk": Amounts(2, 4),
}


@dataclass
class Result:
    """Medians in milliseconds; `best` is the best round's rate, which a shared machine disturbs least."""

    operation: str
    hand_ms: float
    door_ms: float
    http_ms: float
    together_ms: float
    per_second: float
    best_per_second: float
    web_cpu_ms: float
    postgres_cpu_ms: float
    extra: dict[str, Any] = field(default_factory=dict[str, Any])

    def as_json(self) -> dict[str, Any]:
        ratios = {"door_to_hand": self.door_ms / self.hand_ms, "http_to_hand": self.http_ms / self.hand_ms}
        plain = {name: value for name, value in vars(self).items() if name != "extra"}
        return {k: round(v, 3) if isinstance(v, float) else v for k, v in {**plain, **ratios, **self.extra}.items()}


class Bench:
    def __init__(self, scene: Scene, samples: Samples, *, share: float) -> None:
        self._scene = scene
        self._share = share
        self._by_hand = ByHand(scene.url, samples)
        self._by_door = ByDoor(scene.url, samples, scene.actor())
        self._by_http = ByHttp(samples)
        self._next = 0

    def close(self) -> None:
        self._by_hand.close()
        self._by_door.close()

    def run(self, operation: str) -> Result:
        amounts = AMOUNTS[operation]
        alone = max(2, int(amounts.alone * self._share))
        together = max(4, int(amounts.together * self._share))
        hand, door = self._by_hand.operations()[operation], self._by_door.operations()[operation]
        ask = self._by_http.operations()[operation]
        seconds: dict[str, list[float]] = {"hand": [], "door": [], "http": [], "together": []}
        rates: list[float] = []
        cpu = [0.0, 0.0]
        for round_number in range(ROUNDS):
            warm_up = _WARM_UP if round_number == 0 else 1
            seconds["hand"] += self._timed(hand, alone, warm_up)
            seconds["door"] += self._timed(door, alone, warm_up)
            first = self._numbers(alone + warm_up)
            load = measure(self._scene.port, self._scene.key, lambda i, at=first: ask(at + i), alone + warm_up, 1)
            seconds["http"] += load.seconds[warm_up:]
            first = self._numbers(together)
            with self._cpu(cpu):
                load = measure(
                    self._scene.port, self._scene.key, lambda i, at=first: ask(at + i), together, CONCURRENCY
                )
            seconds["together"] += load.seconds
            rates.append(together / load.elapsed)
        medians = {name: statistics.median(found) * 1000 for name, found in seconds.items()}
        total = together * ROUNDS / 1000
        return Result(
            operation,
            medians["hand"],
            medians["door"],
            medians["http"],
            medians["together"],
            statistics.median(rates),
            max(rates),
            cpu[0] / total,
            cpu[1] / total,
        )

    def _timed(self, work: Callable[[int], Any], number: int, warm_up: int) -> list[float]:
        first = self._numbers(number + warm_up)
        for index in range(warm_up):
            work(first + index)
        found: list[float] = []
        for index in range(warm_up, number + warm_up):
            began = time.perf_counter()
            work(first + index)
            found.append(time.perf_counter() - began)
        return found

    def _numbers(self, number: int) -> int:
        """No two requests of a run are the same, nor those of two runs on the same data."""
        first, self._next = self._next, self._next + number
        return first + _FRESH

    @contextmanager
    def _cpu(self, spent: list[float]) -> Generator[None]:
        children = (self._scene.web, self._scene.postgres)
        before = [cpu_seconds(child) for child in children]
        yield
        for index, child in enumerate(children):
            spent[index] += cpu_seconds(child) - before[index]


def cpu_seconds(child: Child) -> float:
    """Of the process and all that it started."""
    process = psutil.Process(child.pid)
    found = 0.0
    for each in [process, *process.children(recursive=True)]:
        with suppress(psutil.NoSuchProcess):
            times = each.cpu_times()
            found += times.user + times.system
    return found


def proportional_mb(process: psutil.Process) -> float:
    """Resident memory of the process and all that it started; a page that several of them share counts once."""
    found = 0.0
    for each in [process, *process.children(recursive=True)]:
        with suppress(psutil.NoSuchProcess):  # PostgreSQL's vacuum workers come and go
            memory = each.memory_full_info()
            found += getattr(memory, "pss", memory.rss)
    return round(found / 1e6)
