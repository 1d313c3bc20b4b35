"""How the product is doing: what waits, what failed, who works on it, and whether there is room left."""

import shutil
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from pathlib import Path

from sqlalchemy import Connection, text

from crm_app.kernel import clock
from crm_app.services.broken_policies import broken_lines
from crm_app.services.in_person import require_administrator
from crm_app.services.unit_of_work import UnitOfWork
from crm_app.services.worker_beats import WorkerBeat, worker_beats

RECENT = timedelta(hours=24)
LOW_DISK_BYTES = 1_000_000_000
WAITS_LONG = timedelta(seconds=60)
_OUTBOX = text("SELECT count(*), min(at) FROM crm.outbox")
_OPEN = text(
    "SELECT count(*) FILTER (WHERE status = 'pending'), count(*) FILTER (WHERE status = 'started'), "
    "count(*) FILTER (WHERE status = 'pending' AND held), "
    "min(created_at) FILTER (WHERE status = 'pending' AND NOT held) "
    "FROM (SELECT status, created_at, automation IN (SELECT automation FROM crm.automation_pause) AS held "
    "FROM crm.run WHERE status IN ('pending', 'started')) open"
)
_ENDED = text(
    "SELECT status, count(*) AS number FROM crm.run "
    "WHERE status IN ('failed', 'cancelled') AND finished_at >= :since GROUP BY status"
)
_DATABASE = text(
    "SELECT current_setting('server_version'), pg_database_size(current_database()), "
    "(SELECT count(*) FROM pg_stat_activity WHERE datname = current_database()), "
    "current_setting('max_connections')::int"
)


@dataclass(frozen=True)
class Disk:
    free_bytes: int
    total_bytes: int


@dataclass(frozen=True)
class Health:
    """`held` of the pending runs wait while their automation pauses; `failed` and `cancelled` are of the last day."""

    at: datetime
    outbox: int
    outbox_age: timedelta
    pending: int
    held: int
    pending_age: timedelta
    started: int
    failed: int
    cancelled: int
    workers: list[WorkerBeat]
    database_version: str
    database_bytes: int
    connections: int
    max_connections: int
    disk: Disk | None
    problems: list[str] = field(default_factory=list[str])


def health(work: UnitOfWork, data: Path | None) -> Health:
    require_administrator(work, "see how the product is doing")
    found = measured(work.connection, data)
    found.problems.extend(f"{each.sentence} Mend the role." for each in broken_lines(work))
    return found


def measured(connection: Connection, data: Path | None) -> Health:
    """For whoever may know: the page after it asked, and the figures for programs behind their own guard."""
    now = clock.now()
    outbox, oldest = connection.execute(_OUTBOX).one()
    pending, started, held, waiting_since = connection.execute(_OPEN).one()
    ended = {row.status: row.number for row in connection.execute(_ENDED, {"since": now - RECENT})}
    version, size, connections, allowed = connection.execute(_DATABASE).one()
    found = Health(
        at=now,
        outbox=outbox,
        outbox_age=now - oldest if oldest else timedelta(0),
        pending=pending,
        held=held,
        pending_age=now - waiting_since if waiting_since else timedelta(0),
        started=started,
        failed=ended.get("failed", 0),
        cancelled=ended.get("cancelled", 0),
        workers=worker_beats(connection),
        database_version=version,
        database_bytes=size,
        connections=connections,
        max_connections=allowed,
        disk=_disk(data),
    )
    found.problems.extend(_problems(found))
    return found


def _disk(data: Path | None) -> Disk | None:
    try:
        usage = shutil.disk_usage(data) if data else None
    except OSError:
        return None
    return Disk(usage.free, usage.total) if usage else None


def _problems(found: Health) -> list[str]:
    """Each a sentence with what to do."""
    alive = [worker for worker in found.workers if not worker.is_late]
    problems: list[str] = []
    if not alive:
        problems.append("No worker is alive, so no workflow runs. Start one: ./trellis worker")
    away = sorted({worker.temporal for worker in alive if worker.temporal})
    if away and len(away) == len(alive):
        problems.append(f"No worker can use Temporal: {away[0]} Runs wait until it is back.")
    if found.outbox_age > WAITS_LONG:
        problems.append(f"Events wait for {_seconds(found.outbox_age)} s to be looked at. Start more workers.")
    if found.pending_age > WAITS_LONG:
        problems.append(f"Runs wait for {_seconds(found.pending_age)} s to begin. Start more workers.")
    if found.connections > found.max_connections * 0.9:
        problems.append("Nearly all connections of the database are in use. Raise its max_connections.")
    if found.disk and found.disk.free_bytes < LOW_DISK_BYTES:
        problems.append("The disk is nearly full. Free some space: changes are refused when it is full.")
    return problems


def _seconds(length: timedelta) -> int:
    return int(length.total_seconds())
