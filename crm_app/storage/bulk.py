"""Many rows in one statement. A batch travels as one JSON text that PostgreSQL spreads over the columns, which is
several times faster than a round of parameters per row and leaves every cast to the table's own types.
"""

from collections.abc import Mapping, Sequence
from functools import cache
from typing import Any

import orjson
from sqlalchemy import Connection, Table, TextClause, text

BATCH = 1_000


@cache
def _statement(schema: str, table: str, columns: tuple[str, ...]) -> TextClause:
    """Names are API names of published definitions, or the system's own: letters, digits and underscores."""
    target = f'"{schema}"."{table}"'
    names = ", ".join(f'"{column}"' for column in columns)
    return text(
        f"INSERT INTO {target} ({names}) "  # noqa: S608 - only checked identifiers, quoted; values are bound
        f"SELECT {names} FROM json_populate_recordset(NULL::{target}, CAST(:rows AS json))"
    )


def insert_rows(connection: Connection, table: Table, rows: Sequence[Mapping[str, Any]]) -> None:
    """All rows name the same columns; those left out are null."""
    for start in range(0, len(rows), BATCH):
        batch = rows[start : start + BATCH]
        statement = _statement(table.schema or "", table.name, tuple(batch[0]))
        body = orjson.dumps(batch, default=str, option=orjson.OPT_PASSTHROUGH_SUBCLASS).decode()
        connection.execute(statement, {"rows": body})
