"""The servers that tests share: one PostgreSQL and one Temporal for the whole run, one database per test."""

import shutil
import socket
import tempfile
from collections.abc import Iterator
from itertools import count
from pathlib import Path
from typing import Any

import psycopg
import pytest

from crm_app.runtime import postgres, process
from crm_app.runtime.postgres import EmbeddedPostgres

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
    """A server without durability; `url_of(name)` is a database on it."""
    server, _ = postgres.prepare(server_dir, is_for_tests=True)
    child = postgres.start(server, server_dir / "logs")
    postgres.wait_until_ready(server, child)
    with psycopg.connect(server.url_of("postgres"), autocommit=True) as connection:
        connection.execute("CREATE DATABASE empty TEMPLATE template0")
    yield server
    process.stop(child, timeout_seconds=10)


@pytest.fixture
def database_url(postgres_server: EmbeddedPostgres) -> Iterator[str]:
    """An empty database of this test's own."""
    name = f"test_{next(_numbers)}"
    with psycopg.connect(postgres_server.url_of("postgres"), autocommit=True) as connection:
        connection.execute(f'CREATE DATABASE "{name}" TEMPLATE empty STRATEGY file_copy')
        yield postgres_server.url_of(name)
        connection.execute(f'DROP DATABASE "{name}" WITH (FORCE)')


@pytest.fixture(autouse=True)
def _only_loopback(monkeypatch: pytest.MonkeyPatch) -> None:
    """A test that reaches out to the network fails, wherever it runs."""

    def connect(self: socket.socket, address: Any) -> None:
        if self.family in {socket.AF_INET, socket.AF_INET6} and not str(address[0]).startswith(_LOOPBACK):
            pytest.fail(f"A test tried to connect to {address}; tests may only use this machine.")
        _connect(self, address)

    monkeypatch.setattr(socket.socket, "connect", connect)
