"""One child process: in a session of its own, tied to this process, logged to a file, stopped for certain.

Start children from the main thread only: the kernel ties a child to the *thread* that made it.
"""

import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from pathlib import Path

from crm_app.kernel.errors import TrellisError

_TIED = Path(__file__).with_name("tied.py")
_POLL_SECONDS = 0.03
_KILL_WAIT_SECONDS = 5.0
LOG_LIMIT_BYTES = 5_000_000
_TAIL_BYTES = 8_000
_PRIVATE = 0o077


class CannotStart(TrellisError):
    """A part of the product cannot start or stay up; the message says which and what to do."""

    code = "cannot_start"


@dataclass(frozen=True)
class Program:
    """What to run. `uid` and `gid` of -1 keep this user; `stop_signal` asks for an orderly end. `make_ready` is called
    before every start, those after a death included.
    """

    name: str
    command: tuple[str, ...]
    directory: Path
    environment: Mapping[str, str] = field(default_factory=dict[str, str])
    stop_signal: signal.Signals = signal.SIGTERM
    uid: int = -1
    gid: int = -1
    make_ready: Callable[[], None] = lambda: None


@dataclass(frozen=True)
class Child:
    """A program that was started; its output is in `log`, this life's part from byte `log_start` on."""

    program: Program
    process: subprocess.Popen[bytes]
    log: Path
    log_start: int

    @property
    def pid(self) -> int:
        return self.process.pid

    @property
    def is_alive(self) -> bool:
        return self.process.poll() is None

    def output(self) -> str:
        with self.log.open("rb") as file:
            file.seek(self.log_start)
            return file.read().decode(errors="replace")


def tied_command(program: Program) -> list[str]:
    """The command line that runs `program` so that it ends when this process does."""
    numbers = (os.getpid(), int(program.stop_signal), program.uid, program.gid)
    return [sys.executable, "-I", "-S", str(_TIED), *map(str, numbers), *program.command]


def start(program: Program, log_dir: Path) -> Child:
    program.make_ready()
    log_dir.mkdir(parents=True, exist_ok=True)
    log = log_dir / f"{program.name}.log"
    shorten(log)
    with log.open("ab") as output:
        log_start = output.tell()
        process = subprocess.Popen(
            tied_command(program),
            cwd=program.directory,
            env=dict(program.environment),
            stdin=subprocess.DEVNULL,
            stdout=output,
            stderr=subprocess.STDOUT,
            start_new_session=True,
            umask=_PRIVATE,
        )
    return Child(program, process, log, log_start)


def stop(child: Child, timeout_seconds: float) -> bool:
    """Asks, waits, then kills whatever is left of its group; true if it ended by itself in time."""
    ask_to_stop(child)
    try:
        child.process.wait(timeout_seconds)
        ended = True
    except subprocess.TimeoutExpired:
        ended = False
    end_group(child)
    return ended


def ask_to_stop(child: Child) -> None:
    if child.is_alive:
        child.process.send_signal(child.program.stop_signal)


def end_group(child: Child) -> None:
    """Kills what the child left behind: a server's own workers outlive a killed parent and keep its port."""
    kill_group(child.pid)
    child.process.wait(_KILL_WAIT_SECONDS)


def kill_group(group: int) -> None:
    try:
        os.killpg(group, signal.SIGKILL)
    except (ProcessLookupError, PermissionError):
        return


def wait_until(
    is_ready: Callable[[], bool], child: Child, label: str, timeout_seconds: float, advice: str = ""
) -> None:
    """Returns when `is_ready`; a child that dies or takes too long is one sentence with its last words."""
    deadline = time.monotonic() + timeout_seconds
    while not is_ready():
        if not child.is_alive:
            raise CannotStart(f"{label} stopped while starting. {last_words(child)} {advice}".rstrip())
        if time.monotonic() > deadline:
            raise CannotStart(
                f"{label} was not ready after {timeout_seconds:.0f} s. {last_words(child)} {advice}".rstrip()
            )
        time.sleep(_POLL_SECONDS)


def last_words(child: Child, lines: int = 3) -> str:
    """The end of a child's log, as a sentence that names the file."""
    with child.log.open("rb") as file:
        file.seek(max(child.log_start, child.log.stat().st_size - _TAIL_BYTES))
        text = file.read().decode(errors="replace")
    said = [line.strip() for line in text.splitlines() if line.strip()][-lines:]
    if not said:
        return f"It wrote nothing to {child.log}."
    return f"Its last lines ({child.log}): {' | '.join(said)}."


def shorten(log: Path) -> None:
    """Keeps a log and one predecessor, each below the limit. Children append, so truncating is safe."""
    if not log.exists() or log.stat().st_size < LOG_LIMIT_BYTES:
        return
    with log.open("rb") as file:
        file.seek(-LOG_LIMIT_BYTES // 2, os.SEEK_END)
        log.with_suffix(".log.1").write_bytes(file.read())
    os.truncate(log, 0)
