"""The servers that tests share: one PostgreSQL and one Temporal for the whole run, one database per test."""

import asyncio
import os
import shutil
import signal
import socket
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import AbstractContextManager, contextmanager
from dataclasses import dataclass
from itertools import count
from pathlib import Path
from typing import Any

import psycopg
import pytest
from argon2 import PasswordHasher
from hypothesis import HealthCheck, settings

from crm_app.runtime import postgres, process, temporal
from crm_app.runtime.data_dir import CHECKOUT, DataDir
from crm_app.runtime.ports import free_port
from crm_app.runtime.postgres import EmbeddedPostgres
from crm_app.services import passwords
from crm_app.services.prepare import set_up
from crm_app.services.workspace import Workspace
from tests.databases import made_database

# These machines are noisy: how long one example takes says nothing.
settings.register_profile("explore", deadline=None, suppress_health_check=[HealthCheck.too_slow])
# The same examples in every run, as Hypothesis has it for CI; long forms and `--hypothesis-profile explore` find new
# ones.
settings.register_profile("trellis", settings.get_profile("explore"), derandomize=True)
settings.load_profile("trellis")

_numbers = count(1)
_connect = socket.socket.connect
_LOOPBACK = ("127.", "::1", "localhost")


@pytest.fixture(scope="session")
def server_dir() -> Iterator[Path]:
    """Where the run's servers keep their files; short, because socket paths have a limit."""
    folder = Path(tempfile.mkdtemp(prefix="trellis-test-"))
    yield folder
    shutil.rmtree(folder, ignore_errors=True)


@pytest.fixture(scope="session")
def postgres_server(server_dir: Path) -> Iterator[EmbeddedPostgres]:
    """A server without durability; `url_of(name)` is a database on it. Each begins with the system's tables."""
    server, _ = postgres.prepare(server_dir, is_for_tests=True)
    child = postgres.start(server, server_dir / "logs")
    postgres.wait_until_ready(server, child)
    with psycopg.connect(server.owner_url_of("postgres"), autocommit=True) as connection:
        connection.execute("CREATE DATABASE empty TEMPLATE template0")
    workspace = Workspace.open(server.url_of("empty"))
    set_up(workspace, server.owner_url_of("empty"))
    workspace.close()
    yield server
    process.stop(child, timeout_seconds=10)


@pytest.fixture
def database_url(postgres_server: EmbeddedPostgres) -> Iterator[str]:
    """A database of this test's own with nothing but the system's tables, for the product's role."""
    with made_database(postgres_server, "empty") as name:
        yield postgres_server.url_of(name)


@pytest.fixture
def bare_database_url(postgres_server: EmbeddedPostgres) -> Iterator[str]:
    """A database of this test's own without any table, for the role that owns it."""
    with made_database(postgres_server, "template0") as name:
        yield postgres_server.owner_url_of(name)


@pytest.fixture(scope="session")
def temporal_address(server_dir: Path) -> Iterator[str]:
    """A development server of this run's own; tests keep apart by task queue and workflow id."""
    server = temporal.dev_server(server_dir)
    child = process.start(server.program(), server_dir / "logs")
    with ThreadPoolExecutor(1) as outside_of_any_event_loop:
        outside_of_any_event_loop.submit(asyncio.run, temporal.wait_until_ready(server, child)).result()
    yield server.address
    process.stop(child, timeout_seconds=10)


@dataclass
class RunningTrellis:
    """One `./trellis up` as a person starts it. `output` holds what it has said so far."""

    process: subprocess.Popen[bytes]
    data: DataDir
    port: int
    log: Path

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.port}"

    @property
    def output(self) -> str:
        return self.log.read_text()

    def wait_for(self, text: str, timeout_seconds: float = 120) -> None:
        deadline = time.monotonic() + timeout_seconds
        while text not in self.output:
            assert self.process.poll() is None, f"It ended before saying {text!r}:\n{self.output}"
            assert time.monotonic() < deadline, f"It did not say {text!r}:\n{self.output}"
            time.sleep(0.05)

    def wait_for_end(self, timeout_seconds: float = 60) -> int:
        return self.process.wait(timeout_seconds)

    def stop(self) -> int:
        self.process.send_signal(signal.SIGINT)
        return self.process.wait(15)


TrellisRunner = Callable[..., AbstractContextManager[RunningTrellis]]


@pytest.fixture(scope="session")
def run_trellis() -> TrellisRunner:
    """`run_trellis(data, *arguments, port=…, **environment)` starts one and stops it at the end."""

    @contextmanager
    def run(data: Path, *arguments: str, port: int = 0, **environment: str) -> Iterator[RunningTrellis]:
        chosen_port = port or free_port()
        inherited = {k: v for k, v in os.environ.items() if k not in {"DATABASE_URL", "TEMPORAL_ADDRESS"}}
        command = [sys.executable, "-P", "-m", "crm_app", "up", "--data", str(data), "--port", str(chosen_port)]
        log = data.parent / f"{data.name}-{next(_numbers)}.output"
        with log.open("wb") as output:
            child = subprocess.Popen(
                [*command, *arguments],
                stdout=output,
                stderr=subprocess.STDOUT,
                env=inherited | {"PYTHONPATH": str(CHECKOUT)} | environment,
                start_new_session=True,
            )
        running = RunningTrellis(child, DataDir(data.resolve()), chosen_port, log)
        try:
            yield running
        finally:
            if child.poll() is None:
                running.stop()

    return run


@pytest.fixture(scope="session", autouse=True)
def _cheap_hashes() -> Iterator[None]:
    """What a password costs to guess is tests/unit/test_passwords.py's matter; everywhere else it's only waited for."""
    with pytest.MonkeyPatch.context() as patched:
        patched.setattr(passwords, "_hasher", PasswordHasher(time_cost=1, memory_cost=64, parallelism=1))
        yield


@pytest.fixture(autouse=True)
def _only_loopback(monkeypatch: pytest.MonkeyPatch) -> None:
    """A test that reaches out to the network fails, wherever it runs."""

    def connect(self: socket.socket, address: Any) -> None:
        if self.family in {socket.AF_INET, socket.AF_INET6} and not str(address[0]).startswith(_LOOPBACK):
            pytest.fail(f"A test tried to connect to {address}; tests may only use this machine.")
        _connect(self, address)

    monkeypatch.setattr(socket.socket, "connect", connect)
