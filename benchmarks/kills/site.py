"""The whole product under the supervisor of `./trellis up`: a part that is ended comes back half a second later."""

import threading
import time
from collections.abc import Callable, Generator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, field, replace
from pathlib import Path

import psycopg

from crm_app.kernel.settings import Settings
from crm_app.runtime import bundle, postgres, process, programs, temporal
from crm_app.runtime.ports import LOOPBACK, free_port, is_answered
from crm_app.runtime.postgres import EmbeddedPostgres
from crm_app.runtime.supervisor import Restarts, Supervisor

EVENLY = Restarts(first_delay_seconds=0.5, growth=1.0, deaths_allowed=10_000)
_LOOK_SECONDS = 0.5
_START_SECONDS = 180
_POLL_SECONDS = 0.05


@dataclass
class Site:
    """`checks` say for each part whether it works. `spans` are the times in which all of them did, as far as looks
    with no kill between them can tell; `working` were at the last look.
    """

    url: str
    database_url: str
    folder: Path
    supervisor: Supervisor
    checks: dict[str, Callable[[], bool]]
    spans: list[tuple[float, float]] = field(default_factory=list[tuple[float, float]])
    working: frozenset[str] = frozenset()
    deaths: int = 0

    def kill(self, name: str, *, forget_temporal: bool = False) -> None:
        """Whatever it is doing, starting up included. From the thread that tends."""
        self.deaths += 1
        process.end_group(self.supervisor.child(name))
        if forget_temporal:
            for file in self.folder.glob("temporal.db*"):
                file.unlink()

    def tend(self) -> None:
        self.supervisor.check()

    def works(self) -> bool:
        self.working = frozenset(name for name, check in self.checks.items() if check())
        return len(self.working) == len(self.checks)

    def wait(self) -> None:
        """Until every part works."""
        deadline = time.monotonic() + _START_SECONDS
        while not self.works():
            assert time.monotonic() < deadline, f"Not all of it works: {sorted(self.working)}"
            self.tend()
            time.sleep(_POLL_SECONDS)

    def watch(self, stop: threading.Event) -> None:
        seen: int | None = None
        while not stop.is_set():
            deaths, now = self.deaths, time.time()
            if not self.works():
                seen = None
            elif deaths == seen:
                self.spans[-1] = (self.spans[-1][0], now)
            else:
                seen = deaths
                self.spans.append((now, now))
            stop.wait(_LOOK_SECONDS)


@contextmanager
def opened(folder: Path, workers: int, prepare: Callable[[EmbeddedPostgres], None]) -> Generator[Site]:
    """`prepare` sets the database up, once it answers."""
    bundle.build(folder)
    logs = folder / "logs"
    with ExitStack() as stack:
        said = stack.enter_context((folder / "supervisor.log").open("a", buffering=1))
        supervisor = Supervisor(logs, lambda sentence: print(sentence, file=said), lambda _: None, EVENLY)
        stack.callback(supervisor.stop_all)
        server, _ = postgres.prepare(folder)
        started = [supervisor.start(server.program())]
        postgres.wait_until_ready(server, started[0])
        prepare(server)
        dev, port = temporal.dev_server(folder), free_port()
        settings = Settings(folder, server.url, dev.address)
        names = [f"worker{number}" for number in range(1, workers + 1)]
        programs_ = [dev.program(), programs.web(settings, port)]
        programs_ += [replace(programs.worker(settings), name=name) for name in names]
        started += [supervisor.start(program) for program in programs_]
        for child in started:
            supervisor.watch(child)
        checks: dict[str, Callable[[], bool]] = {
            "postgres": lambda: _answers(server.url),
            "temporal": lambda: is_answered(dev.port),
            "web": lambda: programs.web_answers(port),
            **{name: _polls(supervisor, name) for name in names},
        }
        site = Site(f"http://{LOOPBACK}:{port}/api/v1", server.url, folder, supervisor, checks)
        site.wait()
        yield site


def _polls(supervisor: Supervisor, name: str) -> Callable[[], bool]:
    def works() -> bool:
        child = supervisor.child(name)
        return child.is_alive and programs.worker_polls(child)

    return works


def _answers(url: str) -> bool:
    try:
        with psycopg.connect(url, connect_timeout=2) as connection:
            connection.execute("SELECT 1")
    except psycopg.Error:
        return False
    return True
