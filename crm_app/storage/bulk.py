"""Many rows in one statement. A batch travels as one JSON text that PostgreSQL spreads over the columns, which is
several times faster than a round of parameters per row and leaves every cast to the table's own types.
"""

from collections.abc import Mapping, Sequence
from datetime import timedelta
from functools import cache
from typing import Any

import orjson
from sqlalchemy import Connection, Table, TextClause, text

from crm_app.kernel.times import duration_text

BATCH = 1_000


@cache
def _statement(schema: str, table: str, columns: tuple[str, ...]) -> TextClause:
    return text(_insert(schema, table, columns, "rows"))


@cache
def _statement_of_two(first: tuple[str, str, tuple[str, ...]], second: tuple[str, str, tuple[str, ...]]) -> TextClause:
    return text(f"WITH first AS ({_insert(*first, 'first_rows')}) {_insert(*second, 'rows')}")


def _insert(schema: str, table: str, columns: tuple[str, ...], rows: str) -> str:
    """Names are API names of published definitions, or the system's own: letters, digits and underscores."""
    target = f'"{schema}"."{table}"'
    names = ", ".join(f'"{column}"' for column in columns)
    return (
        f"INSERT INTO {target} ({names}) "  # noqa: S608 - only checked identifiers, quoted; values are bound
        f"SELECT {names} FROM json_populate_recordset(NULL::{target}, CAST(:{rows} AS json))"
    )


def insert_rows(connection: Connection, table: Table, rows: Sequence[Mapping[str, Any]]) -> None:
    """All rows name the same columns; those left out are null."""
    rows = _stored(table, rows)
    for start in range(0, len(rows), BATCH):
        batch = rows[start : start + BATCH]
        connection.execute(_statement(*_target(table, batch)), {"rows": _body(batch)})


def insert_both(
    connection: Connection,
    first: tuple[Table, Sequence[Mapping[str, Any]]],
    second: tuple[Table, Sequence[Mapping[str, Any]]],
) -> None:
    """Rows of two tables in one round trip, as long as each fits one batch."""
    if not first[1] or not second[1] or max(len(first[1]), len(second[1])) > BATCH:
        insert_rows(connection, *first)
        insert_rows(connection, *second)
        return
    first, second = (first[0], _stored(*first)), (second[0], _stored(*second))
    statement = _statement_of_two(_target(*first), _target(*second))
    connection.execute(statement, {"first_rows": _body(first[1]), "rows": _body(second[1])})


def _stored(table: Table, rows: Sequence[Mapping[str, Any]]) -> Sequence[Mapping[str, Any]]:
    """The rows with the columns as the database calls them."""
    names = {key: table.c[key].name for key in rows[0]} if rows else {}
    if all(key == name for key, name in names.items()):
        return rows
    return [{names[key]: value for key, value in row.items()} for row in rows]


def _target(table: Table, rows: Sequence[Mapping[str, Any]]) -> tuple[str, str, tuple[str, ...]]:
    return table.schema or "", table.name, tuple(rows[0])


def _body(rows: Sequence[Mapping[str, Any]]) -> str:
    return orjson.dumps(rows, default=_written, option=orjson.OPT_PASSTHROUGH_SUBCLASS).decode()


def _written(value: object) -> str:
    """Whatever JSON has no word for, as PostgreSQL reads it."""
    return duration_text(value) if isinstance(value, timedelta) else str(value)
