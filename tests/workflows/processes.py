"""The processes of the product, started as it starts them, and killed as nobody should."""

import time
from collections.abc import Callable, Generator
from contextlib import contextmanager
from dataclasses import dataclass, replace
from pathlib import Path

import httpx

from crm_app.kernel.settings import Settings
from crm_app.runtime import process, programs
from crm_app.runtime.process import Child, Program

WAIT_SECONDS = 60


@dataclass
class Running:
    """A program that is started again after it was killed, at the same address."""

    program: Program
    logs: Path
    child: Child

    def kill(self) -> None:
        process.kill_group(self.child.pid)
        self.child.process.wait(10)

    def start(self) -> None:
        self.child = process.start(self.program, self.logs)


@contextmanager
def running(program: Program, logs: Path) -> Generator[Running]:
    found = Running(program, logs, process.start(program, logs))
    try:
        yield found
    finally:
        process.stop(found.child, timeout_seconds=10)


def worker(settings: Settings, *arguments: str) -> Program:
    program = programs.worker(settings)
    return replace(program, command=(*program.command, *arguments))


def wait_until(holds: Callable[[], bool], what: str, seconds: float = WAIT_SECONDS) -> None:
    deadline = time.monotonic() + seconds
    while not holds():
        assert time.monotonic() < deadline, f"Not within {seconds} s: {what}"
        time.sleep(0.05)


def wait_until_polling(found: Running) -> None:
    wait_until(lambda: programs.worker_polls(found.child), "the worker asks for work")


def answers(url: str) -> bool:
    try:
        return httpx.get(url, timeout=1, trust_env=False).status_code == httpx.codes.UNAUTHORIZED
    except httpx.HTTPError:
        return False
