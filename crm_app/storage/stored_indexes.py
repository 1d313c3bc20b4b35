"""The indexes that customers' tables have, and the statements that change them without making anybody wait."""

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import Connection, delete, select, text
from sqlalchemy.dialects.postgresql import insert

from crm_app.storage.index_tables import IndexFailureRow
from crm_app.storage.system_tables import RECORD_SCHEMA, table_of
from crm_app.storage.wanted_indexes import WantedIndex

_FAILURES = table_of(IndexFailureRow)
_STORED = text("""
SELECT i.relname, t.relname, x.indisvalid, x.indisunique, pg_relation_size(i.oid), coalesce(s.idx_scan, 0),
       p.pid IS NOT NULL,
       CASE WHEN p.blocks_total > 0 THEN least(100, 100 * p.blocks_done / p.blocks_total) ELSE 0 END
FROM pg_index x
JOIN pg_class i ON i.oid = x.indexrelid
JOIN pg_class t ON t.oid = x.indrelid
JOIN pg_namespace n ON n.oid = t.relnamespace
LEFT JOIN pg_stat_user_indexes s ON s.indexrelid = i.oid
LEFT JOIN pg_stat_progress_create_index p ON p.index_relid = i.oid
WHERE n.nspname = :schema AND NOT EXISTS (SELECT FROM pg_constraint c WHERE c.conindid = i.oid AND c.contype <> 'f')
ORDER BY t.relname, i.relname
""")
_UNPROVEN_KEYS = text("""
SELECT t.relname, c.conname FROM pg_constraint c
JOIN pg_class t ON t.oid = c.conrelid JOIN pg_namespace n ON n.oid = t.relnamespace
WHERE c.contype = 'f' AND NOT c.convalidated AND n.nspname = :schema
""")


@dataclass(frozen=True)
class StoredIndex:
    """`scans` since the database's statistics began; `percent` of a build that is under way."""

    name: str
    table: str
    is_valid: bool
    is_unique: bool
    size_bytes: int
    scans: int
    is_building: bool
    percent: int


def stored_indexes(connection: Connection) -> dict[str, StoredIndex]:
    """By name; without those that belong to a primary key."""
    rows = connection.execute(_STORED, {"schema": RECORD_SCHEMA})
    return {row[0]: StoredIndex(*row) for row in rows}


def build(connection: Connection, index: WantedIndex) -> None:
    """On a connection without transactions and time limits; raises what PostgreSQL raises, leaving nothing valid."""
    connection.exec_driver_sql(index.create(concurrently=True))
    if "(" in index.keys[0]:  # the planner knows nothing of an expression's values until they are counted
        connection.exec_driver_sql(f'ANALYZE "{RECORD_SCHEMA}"."{index.table}"')


def drop(connection: Connection, name: str) -> None:
    connection.exec_driver_sql(f'DROP INDEX CONCURRENTLY IF EXISTS "{RECORD_SCHEMA}"."{name}"')


def prove_keys(connection: Connection) -> int:
    """Looks through the records that were there before a relation's constraint; the number of constraints proven."""
    found = connection.execute(_UNPROVEN_KEYS, {"schema": RECORD_SCHEMA}).all()
    for table, name in found:
        connection.exec_driver_sql(f'ALTER TABLE "{RECORD_SCHEMA}"."{table}" VALIDATE CONSTRAINT "{name}"')
    return len(found)


def note_failure(connection: Connection, name: str, error: str, at: datetime) -> None:
    row = insert(_FAILURES).values(name=name, error=error, at=at)
    changed = {"error": error, "at": at}
    connection.execute(row.on_conflict_do_update(index_elements=["name"], set_=changed))


def forget_failure(connection: Connection, name: str) -> None:
    connection.execute(delete(_FAILURES).where(_FAILURES.c.name == name))


def failures(connection: Connection) -> dict[str, tuple[str, datetime]]:
    found = connection.execute(select(_FAILURES.c.name, _FAILURES.c.error, _FAILURES.c.at))
    return {name: (error, at) for name, error, at in found}
