"""Temporal: the development server in the data directory, or a check of your own."""

import asyncio
import sqlite3
import sys
import time
from contextlib import closing
from dataclasses import dataclass
from pathlib import Path

from crm_app.kernel.settings import Settings
from crm_app.runtime import process
from crm_app.runtime.ports import LOOPBACK, free_port, is_answered
from crm_app.runtime.process import CannotStart, Child, Program, last_words

_POLL_SECONDS = 0.05
_CHECK_SECONDS = 5.0
_START_SECONDS = 60


@dataclass(frozen=True)
class DevServer:
    """Keeps its runs in `file`; the other ports it needs it finds by itself."""

    file: Path
    port: int
    namespace: str = "default"

    @property
    def address(self) -> str:
        return f"{LOOPBACK}:{self.port}"

    @property
    def settings(self) -> Settings:
        return Settings(self.file.parent, "", self.address, self.namespace)

    def program(self) -> Program:
        pragmas = ("--sqlite-pragma", "journal_mode=WAL", "--sqlite-pragma", "synchronous=NORMAL")
        command = (
            *(str(Path(sys.executable).with_name("temporal")), "server", "start-dev", "--headless"),
            *("--ip", LOOPBACK, "--port", str(self.port), "--namespace", self.namespace),
            *("--db-filename", str(self.file), *pragmas, "--log-level", "warn"),
        )
        home = str(self.file.parent)
        environment = {"HOME": home, "PATH": "", "TRELLIS_DATA": home}
        return Program("temporal", command, self.file.parent, environment, make_ready=self.drop_half_made)

    def drop_half_made(self) -> None:
        """One that was killed while it made its tables would find the file, make no more of them and die at every
        start. The namespace comes after the last table: before there is one, no workflow can be in the file.
        """
        if self.file.exists() and not _may_hold_workflows(self.file):
            for ending in ("-wal", "-shm", ""):
                Path(f"{self.file}{ending}").unlink(missing_ok=True)


def _may_hold_workflows(file: Path) -> bool:
    try:
        with closing(sqlite3.connect(file)) as database:
            tables = {name for (name,) in database.execute("SELECT name FROM sqlite_master")}
            return "namespaces" in tables and database.execute("SELECT 1 FROM namespaces").fetchone() is not None
    except sqlite3.Error:  # A damaged one, which is for a person to move away.
        return True


def dev_server(data_dir: Path, namespace: str = "default") -> DevServer:
    return DevServer(data_dir.resolve() / "temporal.db", free_port(), namespace)


def wait_until_it_listens(server: DevServer, child: Child) -> None:
    """Enough for the worker, which tries again; asking more would load the client, half a second of a start."""
    process.wait_until(lambda: is_answered(server.port), child, "Temporal", _START_SECONDS, _if_damaged(server))


async def wait_until_ready(server: DevServer, child: Child, timeout_seconds: float = _START_SECONDS) -> None:
    """Ready means that the namespace can be described."""
    deadline = time.monotonic() + timeout_seconds
    while await refusal(server.settings, within_seconds=1.0) is not None:
        if not child.is_alive:
            raise CannotStart(f"Temporal stopped while starting. {last_words(child)} {_if_damaged(server)}")
        if time.monotonic() > deadline:
            raise CannotStart(f"Temporal was not ready after {timeout_seconds:.0f} s. {last_words(child)}")
        await asyncio.sleep(_POLL_SECONDS)


def _if_damaged(server: DevServer) -> str:
    return f"If its file is damaged, move {server.file} away: workflows that were waiting are then started again."


async def check_own_server(settings: Settings) -> None:
    """Refuses, in one sentence, a TEMPORAL_ADDRESS that cannot be used."""
    reason = await refusal(settings, within_seconds=_CHECK_SECONDS)
    if reason is not None:
        raise CannotStart(reason)


def check_no_cluster(settings: Settings) -> None:
    """The server of our own speaks to nobody but this machine, so it has no certificates and no keys."""
    if not settings.temporal_access.is_plain:
        raise CannotStart(
            "TEMPORAL_TLS… or TEMPORAL_API_KEY is set, but TEMPORAL_ADDRESS is not. Name the cluster, or unset them."
        )


async def refusal(settings: Settings, within_seconds: float) -> str | None:
    """Why this server cannot be used, or nothing."""
    from temporalio.api.workflowservice.v1 import DescribeNamespaceRequest  # noqa: PLC0415 - see wait_until_it_listens
    from temporalio.service import RPCError, RPCStatusCode  # noqa: PLC0415

    from crm_app.runtime.temporal_client import connect  # noqa: PLC0415

    address, namespace = settings.temporal_address, settings.temporal_namespace
    try:
        async with asyncio.timeout(within_seconds):
            client = await connect(settings)
            await client.workflow_service.describe_namespace(DescribeNamespaceRequest(namespace=namespace))
    except RPCError as error:
        if error.status is RPCStatusCode.NOT_FOUND:
            return f"Temporal at {address} has no namespace '{namespace}'. Create it or set TEMPORAL_NAMESPACE."
        return f"Temporal at {address} refuses: {error.message}. Check TEMPORAL_ADDRESS and your access to it."
    except (RuntimeError, TimeoutError, ValueError):
        hint = "" if settings.temporal_access.is_plain else " If it does, check TEMPORAL_TLS_CA and the certificates."
        return f"No Temporal server answers at {address}. Start it or correct TEMPORAL_ADDRESS (host:port).{hint}"
    return None
