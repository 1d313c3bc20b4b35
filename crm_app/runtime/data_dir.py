"""The folder that holds everything `./trellis up` makes, and the one `up` that may use it."""

import fcntl
import json
import os
import shutil
from collections.abc import Generator, Mapping
from contextlib import contextmanager
from dataclasses import asdict, dataclass
from pathlib import Path

import psutil

from crm_app.runtime import process
from crm_app.runtime.process import CannotStart

CHECKOUT = Path(__file__).resolve().parents[2]
DEFAULT_DATA = CHECKOUT / ".trellis"
NEEDED_BYTES = 500_000_000
OWNER = "up"
_PASS_ONLY = 0o711


@dataclass(frozen=True)
class Servers:
    """Where the running parts answer; written when they do, removed when they stop."""

    database_url: str
    temporal_address: str
    port: int


@dataclass(frozen=True)
class DataDir:
    path: Path

    @property
    def logs(self) -> Path:
        return self.path / "logs"

    @property
    def pids_file(self) -> Path:
        return self.path / "pids.json"

    @property
    def servers_file(self) -> Path:
        return self.path / "servers.json"

    @property
    def first_link_file(self) -> Path:
        return self.path / "first-account.txt"

    def pids(self) -> dict[str, int]:
        """Which child is which process, as the running `up` wrote it; empty when nothing runs."""
        try:
            return dict(json.loads(self.pids_file.read_text()))
        except (FileNotFoundError, ValueError):
            return {}

    def servers(self) -> Servers | None:
        try:
            return Servers(**json.loads(self.servers_file.read_text()))
        except (FileNotFoundError, ValueError, TypeError):
            return None

    def write_pids(self, children: Mapping[str, int]) -> None:
        _write_private(self.pids_file, json.dumps({OWNER: os.getpid(), **children}, indent=1))

    def write_servers(self, servers: Servers) -> None:
        _write_private(self.servers_file, json.dumps(asdict(servers), indent=1))

    def keep_first_link(self, link: str) -> None:
        """For who did not see what `up` said; gone with the next start after it was used."""
        if link:
            _write_private(self.first_link_file, link + "\n")
        else:
            self.first_link_file.unlink(missing_ok=True)

    def forget(self) -> None:
        """Nothing runs any more."""
        self.servers_file.unlink(missing_ok=True)
        self.pids_file.unlink(missing_ok=True)

    @property
    def is_in_use(self) -> bool:
        """Whether an `up` holds this folder now."""
        if not self.path.exists():
            return False
        with _lock_file(self.path).open("a") as lock:
            return not is_locked_by_us(lock.fileno())


@contextmanager
def claimed(path: Path) -> Generator[DataDir]:
    """Makes the folder, checks that it can be used, and holds it against every other `up`."""
    data = DataDir(path.resolve())
    try:
        data.path.mkdir(mode=_PASS_ONLY, parents=True, exist_ok=True)
        lock = _lock_file(data.path).open("a")
    except OSError as error:
        raise CannotStart(
            f"{data.path} cannot be written ({error.strerror}). Make it writable or choose another --data."
        ) from error
    with lock:
        if not is_locked_by_us(lock.fileno()):
            raise CannotStart(_already_running(data))
        check_space(data.path)
        end_strays(data)
        try:
            yield data
        finally:
            data.forget()


def check_space(path: Path) -> None:
    free = shutil.disk_usage(path).free
    if free < NEEDED_BYTES:
        raise CannotStart(
            f"The disk that holds {path} has {free // 1_000_000} MB left and Trellis needs "
            f"{NEEDED_BYTES // 1_000_000} MB. Free some space or choose another --data."
        )


def end_strays(data: DataDir) -> None:
    """Kills what outlived a killed `up` on this folder; a child is known by the folder in its environment."""
    for name, pid in data.pids().items():
        if name != OWNER and _is_ours(pid, data.path):
            process.kill_group(pid)
    data.forget()


def _is_ours(pid: int, path: Path) -> bool:
    try:
        return psutil.Process(pid).environ().get("TRELLIS_DATA") == str(path)
    except psutil.Error:
        return False


def _already_running(data: DataDir) -> str:
    pid = data.pids().get(OWNER)
    servers = data.servers()
    who = f"process {pid}" if pid else "another process"
    where = f" It answers at http://localhost:{servers.port}." if servers else ""
    return f"Trellis already runs on {data.path} ({who}).{where} Stop that one or choose another --data."


def _lock_file(path: Path) -> Path:
    return path / "up.lock"


def is_locked_by_us(descriptor: int) -> bool:
    """Takes the lock unless another process holds it. The system frees it when its holder dies."""
    try:
        fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        return False
    return True


def _write_private(file: Path, text: str) -> None:
    """Whole or not at all, and for this account only: the addresses hold a password."""
    making = file.with_suffix(".making")
    making.unlink(missing_ok=True)
    descriptor = os.open(making, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    with os.fdopen(descriptor, "w") as output:
        output.write(text)
    making.replace(file)
