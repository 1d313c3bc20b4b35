"""`./trellis up` as a person meets it: what it says when it cannot start, and what it survives."""

import os
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path

import httpx
import psutil
import pytest

from crm_app.runtime.data_dir import CHECKOUT
from crm_app.runtime.ports import free_port
from crm_app.runtime.postgres import EmbeddedPostgres
from tests.conftest import RunningTrellis, TrellisRunner

pytestmark = pytest.mark.alone

READY = "Trellis is ready"


def pid_after(running: RunningTrellis, name: str, old: int) -> int:
    deadline = time.monotonic() + 30
    while running.data.pids().get(name) == old:
        assert time.monotonic() < deadline
        time.sleep(0.05)
    return running.data.pids()[name]


def wait_until_it_answers(running: RunningTrellis) -> None:
    deadline = time.monotonic() + 30
    while time.monotonic() < deadline:
        try:
            if httpx.get(f"{running.url}/ping", timeout=2).is_success:
                return
        except httpx.HTTPError:
            time.sleep(0.1)
    pytest.fail(f"It does not answer:\n{running.output}")


def children_of(running: RunningTrellis) -> list[psutil.Process]:
    return psutil.Process(running.process.pid).children(recursive=True)


def assert_nothing_is_left(running: RunningTrellis, processes: list[psutil.Process]) -> None:
    _, alive = psutil.wait_procs(processes, timeout=5)
    assert alive == []
    assert running.data.pids() == {}
    assert not running.data.is_in_use


def test_a_port_in_use_is_one_sentence(run_trellis: TrellisRunner, tmp_path: Path) -> None:
    with socket.socket() as listener:
        listener.bind(("127.0.0.1", 0))
        listener.listen()
        port = int(listener.getsockname()[1])
        with run_trellis(tmp_path / "data", port=port) as running:
            assert running.wait_for_end() == 1
        assert f"Port {port} is in use by another program." in running.output
        assert f"./trellis up --port {port + 1}" in running.output
        assert "Traceback" not in running.output


def test_a_wrong_database_url_is_one_sentence(
    run_trellis: TrellisRunner, tmp_path: Path, postgres_server: EmbeddedPostgres
) -> None:
    url = postgres_server.url.replace(postgres_server.password, "wrong")
    with run_trellis(tmp_path / "data", DATABASE_URL=url) as running:
        assert running.wait_for_end() == 1
        assert "refuses the user or password in DATABASE_URL" in running.output
        assert "Traceback" not in running.output
        assert not (running.data.path / "postgres").exists()


def test_a_wrong_temporal_address_is_one_sentence(run_trellis: TrellisRunner, tmp_path: Path) -> None:
    address = f"127.0.0.1:{free_port()}"
    with run_trellis(tmp_path / "data", TEMPORAL_ADDRESS=address) as running:
        assert running.wait_for_end() == 1
        assert f"No Temporal server answers at {address}." in running.output
        assert "Traceback" not in running.output
        assert running.data.pids() == {}


def test_a_corrupt_database_is_one_sentence(run_trellis: TrellisRunner, server_dir: Path) -> None:
    data = server_dir / "corrupt"
    (data / "postgres").mkdir(parents=True)
    (data / "postgres" / "PG_VERSION").write_text("18\n")
    (data / "postgres.password").write_text("x")
    with run_trellis(data) as running:
        assert running.wait_for_end() == 1
        assert "PostgreSQL stopped while starting." in running.output
        assert "restore a backup" in running.output
        assert "Traceback" not in running.output


@pytest.fixture(scope="module")
def running(run_trellis: TrellisRunner, server_dir: Path) -> Iterator[RunningTrellis]:
    with run_trellis(server_dir / "up") as one:
        one.wait_for(READY)
        yield one


def test_a_second_up_on_the_same_data_is_told_where_the_first_answers(
    run_trellis: TrellisRunner, running: RunningTrellis
) -> None:
    with run_trellis(running.data.path) as second:
        assert second.wait_for_end() == 1
        assert f"already runs on {running.data.path} (process {running.process.pid})" in second.output
        assert f"http://localhost:{running.port}" in second.output
    assert httpx.get(f"{running.url}/ping", timeout=5).is_success


@pytest.mark.parametrize("name", ["web", "worker", "temporal", "postgres"])
def test_a_killed_part_is_started_again_and_named(running: RunningTrellis, name: str) -> None:
    old = running.data.pids()[name]
    os.kill(old, signal.SIGKILL)
    assert psutil.pid_exists(pid_after(running, name, old))
    assert f"{name} was killed by signal 9." in running.output
    wait_until_it_answers(running)
    assert running.process.poll() is None


def test_doctor_finds_every_part_of_a_running_trellis(running: RunningTrellis) -> None:
    wait_until_it_answers(running)
    command = [sys.executable, "-m", "crm_app", "doctor", "--data", str(running.data.path)]
    done = subprocess.run(command, cwd=CHECKOUT, capture_output=True, text=True, check=False)
    assert f"Web server         answers at http://localhost:{running.port}" in done.stdout
    assert "PostgreSQL         version 18 answers" in done.stdout
    assert done.returncode == 0, done.stdout


def test_it_stops_cleanly_and_starts_again_in_seconds(run_trellis: TrellisRunner, server_dir: Path) -> None:
    data = server_dir / "twice"
    with run_trellis(data) as first:
        first.wait_for(READY)
        processes = children_of(first)
        began = time.monotonic()
        assert first.stop() == 0
        assert time.monotonic() - began < 10
        assert "Stopped. Your data is kept." in first.output
        assert_nothing_is_left(first, processes)
    # The cores are shared with whatever else runs here: the best of three.
    assert any(seconds_to_start(run_trellis, data) < 10 for _ in range(3))


def seconds_to_start(run_trellis: TrellisRunner, data: Path) -> float:
    began = time.monotonic()
    with run_trellis(data) as running:
        running.wait_for(READY)
        return time.monotonic() - began


def test_a_killed_up_leaves_nothing_that_blocks_the_next(run_trellis: TrellisRunner, server_dir: Path) -> None:
    data = server_dir / "killed"
    with run_trellis(data) as first:
        first.wait_for(READY)
        first.process.kill()
        first.wait_for_end()
    with run_trellis(data, port=first.port) as second:
        second.wait_for(READY)
        wait_until_it_answers(second)
