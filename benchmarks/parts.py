"""The processes of the product, started as it starts them, killed as nobody should, and started again."""

import asyncio
import time
from collections.abc import Callable, Generator
from concurrent.futures import ThreadPoolExecutor
from contextlib import AbstractContextManager, contextmanager
from dataclasses import dataclass, replace
from pathlib import Path

import psycopg

from crm_app.kernel.settings import Settings
from crm_app.runtime import postgres, process, programs, temporal
from crm_app.runtime.ports import is_answered
from crm_app.runtime.postgres import EmbeddedPostgres
from crm_app.runtime.process import Child, Program
from crm_app.runtime.temporal import DevServer

_PATIENCE_SECONDS = 120


@dataclass
class Part:
    """`start` returns when it works again; a start that fails, because the last life is not quite over, is repeated."""

    program: Program
    logs: Path
    is_ready: Callable[[Child], bool]
    before: Callable[[], None] = lambda: None
    child: Child | None = None

    def kill(self) -> None:
        if self.child is not None:
            process.end_group(self.child)

    def start(self) -> None:
        deadline = time.monotonic() + _PATIENCE_SECONDS
        self.before()
        self.child = process.start(self.program, self.logs)
        while not self.is_ready(self.child):
            assert time.monotonic() < deadline, (
                f"{self.program.name} does not come back: {process.last_words(self.child)}"
            )
            if not self.child.is_alive:
                time.sleep(0.3)
                self.before()
                self.child = process.start(self.program, self.logs)
            time.sleep(0.05)


@contextmanager
def _running(part: Part) -> Generator[Part]:
    part.start()
    try:
        yield part
    finally:
        if part.child is not None:
            process.stop(part.child, 15)


def database_part(server: EmbeddedPostgres, logs: Path) -> AbstractContextManager[Part]:
    """The first start also makes its database and roles."""

    def answers(child: Child) -> bool:
        try:
            psycopg.connect(server.owner_url_of("postgres"), connect_timeout=2).close()
        except psycopg.OperationalError:
            return False
        postgres.wait_until_ready(server, child)
        return True

    return _running(Part(server.program(), logs, answers, lambda: postgres.end_stale_server(server.data)))


def temporal_part(server: DevServer, logs: Path) -> AbstractContextManager[Part]:
    def answers(_child: Child) -> bool:
        if not is_answered(server.port):
            return False
        with ThreadPoolExecutor(1) as outside:
            return outside.submit(asyncio.run, temporal.refusal(server.settings, within_seconds=2)).result() is None

    return _running(Part(server.program(), logs, answers))


def worker_part(settings: Settings, number: int, logs: Path) -> AbstractContextManager[Part]:
    program = replace(programs.worker(settings), name=f"worker{number}")
    return _running(Part(program, logs, programs.worker_polls))
