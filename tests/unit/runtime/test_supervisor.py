import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import psutil
import pytest

from crm_app.runtime import process, supervisor
from crm_app.runtime.process import CannotStart, Program
from crm_app.runtime.supervisor import Restarts, Supervisor


class Watched:
    """A supervisor whose sentences and processes a test can read."""

    def __init__(self, logs: Path, restarts: Restarts) -> None:
        self.said: list[str] = []
        self.pids: dict[str, int] = {}
        self.supervisor = Supervisor(logs, self.said.append, self.pids.update, restarts)


@pytest.fixture
def watched(tmp_path: Path) -> Watched:
    return Watched(tmp_path, Restarts())


def shell(name: str, script: str) -> Program:
    return Program(name, ("/bin/sh", "-c", script), Path("/"), {"PATH": os.defpath})


def check_until(watched: Watched, is_done: object, seconds: float = 5) -> None:
    deadline = time.monotonic() + seconds
    while not is_done():  # type: ignore[operator]
        assert time.monotonic() < deadline
        watched.supervisor.check()
        time.sleep(0.02)


def test_a_dead_child_is_started_again_and_its_last_words_are_told(watched: Watched) -> None:
    child = watched.supervisor.start(shell("worker", "echo busy; sleep 60"))
    watched.supervisor.watch(child)
    process.wait_until(lambda: "busy" in child.output(), child, "It", 5)
    os.kill(child.pid, signal.SIGKILL)
    check_until(watched, lambda: watched.pids["worker"] != child.pid)
    assert watched.said == [
        f"worker was killed by signal 9. Its last lines ({child.log}): busy. Starting it again in 0.5 s."
    ]
    assert watched.supervisor.stop_all() == []


def test_a_child_that_keeps_dying_stops_everything(tmp_path: Path) -> None:
    watched = Watched(tmp_path, Restarts(first_delay_seconds=0.0))
    child = watched.supervisor.start(shell("worker", "echo no settings; exit 3"))
    watched.supervisor.watch(child)
    with pytest.raises(CannotStart, match=r"no settings.*died 5 times in a minute.*Read .*worker\.log"):
        check_until(watched, lambda: False)
    assert len(watched.said) == 4


def test_children_stop_in_order_and_the_stubborn_are_killed(watched: Watched, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(supervisor, "_STOP_ONE_SECONDS", 0.3)
    stubborn = watched.supervisor.start(shell("worker", "trap '' TERM; echo on; while :; do sleep 0.1; done"))
    willing = watched.supervisor.start(shell("web", "sleep 60"))
    process.wait_until(lambda: "on" in stubborn.output(), stubborn, "It", 5)
    assert watched.supervisor.stop_all() == ["worker"]
    assert not stubborn.is_alive
    assert not willing.is_alive


def test_what_a_dead_child_left_behind_dies_too(watched: Watched) -> None:
    child = watched.supervisor.start(shell("web", "sleep 61 & echo $!; wait"))
    process.wait_until(lambda: child.output().strip().isdigit(), child, "It", 5)
    left_behind = int(child.output())
    os.kill(child.pid, signal.SIGKILL)
    process.end_group(child)
    deadline = time.monotonic() + 5
    while psutil.pid_exists(left_behind) and psutil.Process(left_behind).status() != psutil.STATUS_ZOMBIE:
        assert time.monotonic() < deadline
        time.sleep(0.02)


def test_a_child_that_dies_while_starting_is_one_sentence(watched: Watched) -> None:
    child = watched.supervisor.start(shell("temporal", "echo disk full; exit 1"))
    with pytest.raises(CannotStart, match=r"Temporal stopped while starting\. .*disk full\. Free some space\."):
        process.wait_until(lambda: False, child, "Temporal", 5, "Free some space.")


@pytest.mark.skipif(sys.platform != "linux", reason="the kernel's promise; elsewhere the next start cleans up")
def test_no_child_survives_a_killed_supervisor(tmp_path: Path) -> None:
    script = (
        "from pathlib import Path; from crm_app.runtime import process; import time\n"
        f"p = process.Program('worker', ('/bin/sleep', '62'), Path('/'))\n"
        f"print(process.start(p, Path({str(tmp_path)!r})).pid, flush=True); time.sleep(60)"
    )
    parent = subprocess.Popen([sys.executable, "-c", script], stdout=subprocess.PIPE, text=True)
    with parent:
        assert parent.stdout is not None
        child = psutil.Process(int(parent.stdout.readline()))
        deadline = time.monotonic() + 5
        while child.name() != "sleep":
            assert time.monotonic() < deadline
            time.sleep(0.02)
        parent.kill()
    child.wait(5)


def test_a_long_log_keeps_its_end_and_one_predecessor(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(process, "LOG_LIMIT_BYTES", 100)
    log = tmp_path / "web.log"
    log.write_text("old " * 40 + "end")
    process.shorten(log)
    assert log.read_text() == ""
    assert (tmp_path / "web.log.1").read_text().endswith("end")
