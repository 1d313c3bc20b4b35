"""Many rows in one statement. A batch travels as one JSON text that PostgreSQL spreads over the columns, which is
several times faster than a round of parameters per row and leaves every cast to the table's own types.
"""

import json
from collections.abc import Mapping, Sequence
from datetime import timedelta
from functools import cache
from typing import Any
from uuid import UUID

import orjson
from sqlalchemy import Connection, Table, TextClause, text

from crm_app.kernel.times import duration_text

BATCH = 1_000
_NOTHING_MOVED = (
    "NOT EXISTS (SELECT FROM crm.publication p WHERE p.version > :version AND CAST(p.plan ->> 'moves' AS boolean))"
)
_HAS_NOTHING_MOVED = text(f"SELECT {_NOTHING_MOVED}")


@cache
def _statement(schema: str, table: str, columns: tuple[str, ...]) -> TextClause:
    return text(_insert(schema, table, columns, "rows"))


@cache
def _statement_of_all(targets: tuple[tuple[str, str, tuple[str, ...]], ...]) -> TextClause:
    *others, last = (_insert(*target, f"rows_{number}") for number, target in enumerate(targets))
    named = ", ".join(f"target_{number} AS ({insert})" for number, insert in enumerate(others))
    return text(f"{f'WITH {named} ' if named else ''}{last} WHERE {_NOTHING_MOVED}")


@cache
def _statement_of_new(schema: str, table: str, columns: tuple[str, ...]) -> TextClause:
    return text(f"{_insert(schema, table, columns, 'rows')} ON CONFLICT DO NOTHING")


def _insert(schema: str, table: str, columns: tuple[str, ...], rows: str) -> str:
    """Names are API names of published definitions, or the system's own: letters, digits and underscores."""
    target = f'"{schema}"."{table}"'
    names = ", ".join(f'"{column}"' for column in columns)
    return (
        f"INSERT INTO {target} ({names}) "  # noqa: S608 - only checked identifiers, quoted; values are bound
        f"SELECT {names} FROM json_populate_recordset(NULL::{target}, CAST(:{rows} AS json))"
    )


def insert_rows(
    connection: Connection, table: Table, rows: Sequence[Mapping[str, Any]], *, doubles: bool = False
) -> None:
    """All rows name the same columns; those left out are null. With `doubles`, a row that is there already stays."""
    rows = _stored(table, rows)
    for start in range(0, len(rows), BATCH):
        batch = rows[start : start + BATCH]
        make = _statement_of_new if doubles else _statement
        connection.execute(make(*_target(table, batch)), {"rows": _body(batch)})


def update_rows(connection: Connection, table: Table, rows: Sequence[Mapping[str, Any]]) -> set[UUID]:
    """Gives records, known by `id`, other cells in the database's own columns; never waits. Returns those that have
    them now: a record that somebody else is writing to, or that is gone, is left out.
    """
    if not rows:
        return set()
    found = connection.execute(_update(table.schema or "", table.name, tuple(rows[0])), {"rows": _body(rows)})
    return {record for (record,) in found}


@cache
def _update(schema: str, table: str, columns: tuple[str, ...]) -> TextClause:
    target, written = f'"{schema}"."{table}"', [name for name in columns if name != "id"]
    sets = ", ".join(f'"{name}" = new."{name}"' for name in written)
    differs = " OR ".join(f'target."{name}" IS DISTINCT FROM new."{name}"' for name in written)
    return text(
        f"WITH new AS MATERIALIZED (SELECT * FROM json_populate_recordset(NULL::{target}, CAST(:rows AS json))), "  # noqa: S608 - only checked identifiers, quoted; values are bound
        f"held AS MATERIALIZED (SELECT id FROM {target} WHERE id IN (SELECT id FROM new) "
        "FOR NO KEY UPDATE SKIP LOCKED), "
        f"written AS (UPDATE {target} AS target SET {sets} FROM new JOIN held ON held.id = new.id "
        f"WHERE target.id = new.id AND ({differs})) SELECT id FROM held"
    )


def insert_together(connection: Connection, *batches: tuple[Table, Sequence[Mapping[str, Any]]], version: int) -> bool:
    """Rows of several tables in one round trip, as long as each fits one batch. A table without rows is left out.
    False, and the transaction must not be committed, when a publication after `version` has moved values: what this
    transaction wrote may have gone to where nobody looks any more.
    """
    filled = [(table, _stored(table, rows)) for table, rows in batches if rows]
    if not filled:
        return True
    if any(len(rows) > BATCH for _, rows in filled):
        for table, rows in filled:
            insert_rows(connection, table, rows)
        return bool(connection.execute(_HAS_NOTHING_MOVED, {"version": version}).scalar_one())
    statement = _statement_of_all(tuple(_target(table, rows) for table, rows in filled))
    bodies = {f"rows_{number}": _body(rows) for number, (_, rows) in enumerate(filled)}
    return connection.execute(statement, {**bodies, "version": version}).rowcount > 0


def _stored(table: Table, rows: Sequence[Mapping[str, Any]]) -> Sequence[Mapping[str, Any]]:
    """The rows with the columns as the database calls them."""
    names = {key: str(table.c[key].name) for key in rows[0]} if rows else {}
    if all(key == name for key, name in names.items()):
        return rows
    return [{names[key]: value for key, value in row.items()} for row in rows]


def _target(table: Table, rows: Sequence[Mapping[str, Any]]) -> tuple[str, str, tuple[str, ...]]:
    return table.schema or "", table.name, tuple(rows[0])


def _body(rows: Sequence[Mapping[str, Any]]) -> str:
    try:
        return orjson.dumps(rows, default=_written, option=orjson.OPT_PASSTHROUGH_SUBCLASS).decode()
    except orjson.JSONEncodeError:
        return json.dumps(rows, default=_written, ensure_ascii=False)  # it takes integers of any length


def _written(value: object) -> str:
    """Whatever JSON has no word for, as PostgreSQL reads it."""
    return duration_text(value) if isinstance(value, timedelta) else str(value)
