"""Keeps the children alive: a dead one is started again, one that keeps dying stops everything."""

import time
from collections import deque
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from pathlib import Path

from crm_app.runtime import process
from crm_app.runtime.process import CannotStart, Child, Program, last_words, shorten

STOP_ORDER = ("bundle", "web", "worker", "temporal", "postgres")
_STOP_SECONDS = 9.0
_STOP_ONE_SECONDS = 4.0
_WINDOW_SECONDS = 60.0


@dataclass(frozen=True)
class Restarts:
    """How soon a dead child is started again, how much later after each further death, and how many deaths within a
    minute are too many.
    """

    first_delay_seconds: float = 0.5
    growth: float = 2.0
    deaths_allowed: int = 4


@dataclass
class _Watched:
    child: Child
    deaths: deque[float] = field(default_factory=deque[float])
    restart_at: float | None = None


class Supervisor:
    """`tell` gets one sentence for a person; `record` gets the processes whenever they change."""

    def __init__(
        self,
        logs: Path,
        tell: Callable[[str], None],
        record: Callable[[Mapping[str, int]], None],
        restarts: Restarts = Restarts(),
    ) -> None:
        self._logs = logs
        self._tell = tell
        self._record = record
        self._restarts = restarts
        self._children: dict[str, Child] = {}
        self._watched: dict[str, _Watched] = {}

    def start(self, program: Program) -> Child:
        """From the main thread only (see `process`). Restarted on death only once `watch` was called."""
        child = process.start(program, self._logs)
        self._children[program.name] = child
        self._record({name: one.pid for name, one in self._children.items()})
        return child

    def child(self, name: str) -> Child:
        """The one that runs now, or ran last."""
        return self._children[name]

    def forget(self, child: Child) -> None:
        """A child that has done its work."""
        self._children.pop(child.program.name, None)
        self._record({name: one.pid for name, one in self._children.items()})

    def watch(self, child: Child) -> None:
        self._watched[child.program.name] = _Watched(child)

    def check(self) -> None:
        """One look at every watched child; raises `CannotStart` for one that died too often."""
        for watched in self._watched.values():
            if watched.restart_at is not None:
                self._restart_when_due(watched)
            elif not watched.child.is_alive:
                self._note_death(watched)
            else:
                shorten(watched.child.log)

    def stop_all(self) -> list[str]:
        """Ends every child in order, within ten seconds; returns the names that had to be killed."""
        deadline = time.monotonic() + _STOP_SECONDS
        killed: list[str] = []
        self._watched.clear()
        for name in sorted(self._children, key=_place):
            left = max(deadline - time.monotonic(), 0.5)
            if not process.stop(self._children[name], left if name == STOP_ORDER[-1] else min(left, _STOP_ONE_SECONDS)):
                killed.append(name)
        self._children.clear()
        return killed

    def _note_death(self, watched: _Watched) -> None:
        process.end_group(watched.child)
        name, now = watched.child.program.name, time.monotonic()
        watched.deaths.append(now)
        while watched.deaths[0] < now - _WINDOW_SECONDS:
            watched.deaths.popleft()
        sentence = f"{name} {_how_it_ended(watched.child)}. {last_words(watched.child)}"
        if len(watched.deaths) > self._restarts.deaths_allowed:
            raise CannotStart(
                f"{sentence} It died {len(watched.deaths)} times in a minute, so everything was stopped. "
                f"Read {watched.child.log}, correct the cause and run ./trellis up again."
            )
        delay = self._restarts.first_delay_seconds * self._restarts.growth ** (len(watched.deaths) - 1)
        watched.restart_at = now + delay
        self._tell(f"{sentence} Starting it again in {delay:g} s.")

    def _restart_when_due(self, watched: _Watched) -> None:
        if watched.restart_at is not None and time.monotonic() >= watched.restart_at:
            watched.restart_at = None
            watched.child = self.start(watched.child.program)


def _place(name: str) -> int:
    """Of several workers, each has a number behind its name."""
    return STOP_ORDER.index(name.rstrip("0123456789"))


def _how_it_ended(child: Child) -> str:
    code = child.process.returncode
    return f"was killed by signal {-code}" if code < 0 else f"ended with code {code}"
