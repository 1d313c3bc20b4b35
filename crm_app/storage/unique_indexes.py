"""Unique indexes of tables that hold records: they are there before the version that asks for them is."""

import time
from collections.abc import Sequence
from contextlib import suppress
from typing import Any, cast

from sqlalchemy import Connection, func, select, text
from sqlalchemy.exc import IntegrityError, OperationalError

from crm_app.definitions.field import FieldDefinition
from crm_app.kernel.errors import Conflict
from crm_app.storage.engine import connected, opened_to_records, without_transactions
from crm_app.storage.quick_locks import KEEPER_LOCK, PATIENCE_SECONDS, TableBusy
from crm_app.storage.tables import TableSet
from crm_app.storage.wanted_indexes import WantedIndex, further_columns

EXAMPLES = 3
_PAUSE_SECONDS = 0.1
_DROP_MS = 500
_TAKE = text("SELECT pg_try_advisory_xact_lock(:key)")
_CANCEL = text("""
SELECT pg_cancel_backend(pid) FROM pg_locks
WHERE locktype = 'advisory' AND objid = :key AND granted AND pid <> pg_backend_pid()
  AND database = (SELECT oid FROM pg_database WHERE datname = current_database())
""")
_WE_WRITE = text("""
SELECT EXISTS (SELECT FROM pg_locks WHERE pid = pg_backend_pid() AND locktype = 'relation' AND mode IN
               ('RowExclusiveLock', 'ShareRowExclusiveLock', 'ExclusiveLock', 'AccessExclusiveLock')
               AND relation = CAST(:table AS regclass))
""")


class DuplicateValues(Conflict):
    """Records share a value that should be unique; nothing was published."""

    code = "duplicate_values"


def duplicates(
    connection: Connection, tables: TableSet, name: str, fields: Sequence[FieldDefinition]
) -> list[tuple[str, int]]:
    """At most a few values that several live records hold, each with their number; text without regard to case."""
    c = tables[name].c
    columns = [[c[each] for each in field.columns[: 1 + len(further_columns(field))]] for field in fields]
    keys = [
        func.lower(own[0]) if field.rule_type.kind == "text" else own[0]
        for field, own in zip(fields, columns, strict=True)
    ]
    groups = [each for key, own in zip(keys, columns, strict=True) for each in (key, *own[1:])]
    query = (
        select(func.count(), *groups)
        .where(c.deleted_at.is_(None), *(own[0].is_not(None) for own in columns))
        .group_by(*groups)
        .having(func.count() > 1)
        .order_by(func.count().desc(), *groups)
        .limit(EXAMPLES + 1)
    )
    return [(_shown(fields, list(row[1:])), row[0]) for row in connection.execute(query)]


def _shown(fields: Sequence[FieldDefinition], cells: list[Any]) -> str:
    shown: list[str] = []
    for field in fields:
        own, cells = cells[: 1 + len(further_columns(field))], cells[1 + len(further_columns(field)) :]
        shown.append(str(own[0]) if len(own) == 1 else field.text(field.field_type.join(*own)))
    return ", ".join(shown)


def build_beforehand(connection: Connection, indexes: Sequence[WantedIndex]) -> None:
    """Beside the publishing transaction, so that writers go on meanwhile and no value slips in afterwards. Should the
    transaction fail after all, the keeper, which must be kept away, drops what nobody wants.
    """
    for index in indexes:
        if connection.execute(_WE_WRITE, {"table": f'data."{index.table}"'}).scalar_one():
            connection.execute(text(index.create(concurrently=False)))
        else:
            _let_go_of_the_past(connection)
            with connected(without_transactions(connection.engine)) as other:
                _build(opened_to_records(other), index)


def _build(connection: Connection, index: WantedIndex) -> None:
    connection.exec_driver_sql("SET statement_timeout = 0")
    connection.exec_driver_sql(f"SET lock_timeout = '{PATIENCE_SECONDS:.0f}s'")
    try:
        connection.exec_driver_sql(index.drop(concurrently=True))
        connection.exec_driver_sql(index.create(concurrently=True))
    except IntegrityError as error:
        connection.exec_driver_sql(f"SET lock_timeout = {_DROP_MS}")
        with suppress(OperationalError):  # waits for whoever reads the table; then the keeper drops it
            connection.exec_driver_sql(index.drop(concurrently=True))
        raise DuplicateValues(f"{index.reasons[0]}, but some do. Publish again to see which.") from error
    except OperationalError as error:
        raise TableBusy(
            f"Nothing was published: a long transaction keeps {index.table} busy. Try again when it has ended."
        ) from error
    finally:
        connection.invalidate()


def _let_go_of_the_past(connection: Connection) -> None:
    """The last query of a transaction holds on to what it saw, and building would wait for that forever; a query of the
    simple protocol lets go of it.
    """
    driver = cast("Any", connection.connection.driver_connection)
    driver.execute("SELECT", prepare=False)


def keep_the_keeper_away(connection: Connection) -> None:
    """Until the end of this transaction: it would take an index for unwanted that no live version asks for yet."""
    deadline = time.monotonic() + PATIENCE_SECONDS
    while not connection.execute(_TAKE, {"key": KEEPER_LOCK}).scalar_one():
        if time.monotonic() > deadline:
            raise TableBusy("Nothing was published: indexes are being built. Try again in a moment.")
        connection.execute(_CANCEL, {"key": KEEPER_LOCK})
        time.sleep(_PAUSE_SECONDS)
