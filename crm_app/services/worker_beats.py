"""Which workers are alive, as they say themselves."""

from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import Connection, delete, select
from sqlalchemy.dialects.postgresql import insert

from crm_app.kernel import clock
from crm_app.storage.run_tables import WorkerRow
from crm_app.storage.system_tables import table_of

LATE = timedelta(seconds=20)
GONE = timedelta(minutes=10)
_WORKERS = table_of(WorkerRow)
_MAX_PROBLEM = 300


@dataclass(frozen=True)
class WorkerBeat:
    """`relay_at` is when it last emptied the outbox; `temporal` why it can't use Temporal."""

    id: str
    started_at: datetime
    seen_at: datetime
    relay_at: datetime | None
    temporal: str
    is_late: bool


def beat(connection: Connection, identity: str, started_at: datetime, relay_at: datetime | None, temporal: str) -> None:
    """Workers that have not been heard for long are forgotten."""
    now = clock.now()
    said = {
        "started_at": started_at, "seen_at": now, "relay_at": relay_at, "temporal": temporal[:_MAX_PROBLEM],
    }  # fmt: skip
    statement = insert(_WORKERS).values(id=identity, **said)
    connection.execute(statement.on_conflict_do_update(index_elements=["id"], set_=said))
    connection.execute(delete(_WORKERS).where(_WORKERS.c.seen_at < now - GONE))


def worker_beats(connection: Connection) -> list[WorkerBeat]:
    now = clock.now()
    rows = connection.execute(select(_WORKERS).order_by(_WORKERS.c.started_at, _WORKERS.c.id))
    return [
        WorkerBeat(r.id, r.started_at, r.seen_at, r.relay_at, r.temporal, is_late=now - r.seen_at > LATE) for r in rows
    ]
