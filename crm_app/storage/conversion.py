"""A field's values, read from where they are and put where its new type stores them, page by page: memory stays the
same however many records there are. Readers go on until the new column is filled; writers wait.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any
from uuid import UUID

from sqlalchemy import Column, Connection, Executable, MetaData, Table, Text, Uuid, column, or_, select, text
from sqlalchemy.schema import CreateTable

from crm_app.definitions.field import FieldDefinition
from crm_app.definitions.object import ObjectDefinition
from crm_app.storage.bulk import insert_rows
from crm_app.storage.quick_locks import lock_quickly
from crm_app.storage.system_tables import RECORD_SCHEMA
from crm_app.storage.tables import SQL_TYPES

PAGE = 2_000
FILL_TIMEOUT_MS = 600_000


@dataclass(frozen=True)
class OldValue:
    """What one record holds: `value` where the field is now, `kept` in the column that its new type had before."""

    id: UUID
    name: str
    value: Any
    kept: Any


class Conversion:
    """Of one field. `staged` values are put into place by `fill`, once the new column is there."""

    def __init__(
        self, connection: Connection, definition: ObjectDefinition, old: FieldDefinition, new: FieldDefinition
    ) -> None:
        self._connection = connection
        self._definition = definition
        self._old = old
        self._new = new
        self._staging = Table(
            f"retyped_{new.stored}"[:60],
            MetaData(),
            Column("id", Uuid(), primary_key=True),
            *_columns(new),
            schema="pg_temp",
        )

    def hold_writers(self) -> None:
        hold_writers(self._connection, self._definition.stored)

    def values(self, existing: frozenset[str]) -> Iterator[OldValue]:
        """Every record that holds something in either place, trashed ones too; `existing` are the table's columns."""
        has_kept = set(self._new.stored_columns) <= existing and self._new.stored != self._old.stored
        fields = [self._old, self._new] if has_kept else [self._old]
        definition = self._definition
        name = definition.all_fields[definition.name_field]
        source = Table(definition.stored, MetaData(), Column("id", Uuid()), schema=RECORD_SCHEMA)
        cells: list[Any] = [column(stored, _type(kind)) for field in fields for stored, kind in _stored(field)]
        shown: list[Any] = [source.c.id, column(name.stored_columns[0], Text())]
        query: Any = (
            select(*shown, *cells)
            .select_from(source)
            .where(or_(*(cell.is_not(None) for cell in cells)))
            .order_by(source.c.id)
            .limit(PAGE)
        )
        last: UUID | None = None
        width = len(self._old.stored_columns)
        while rows := self._page(query if last is None else query.where(source.c.id > last)):
            for row in rows:
                value = _joined(self._old, row[2 : 2 + width])
                yield OldValue(row[0], str(row[1] or ""), value, _joined(self._new, row[2 + width :]))
            last = rows[-1][0]

    def _page(self, query: Executable) -> list[Any]:
        return list(self._connection.execute(query))

    def begin(self) -> None:
        self._connection.execute(CreateTable(self._staging))

    def stage(self, values: Sequence[tuple[UUID, Any]]) -> None:
        split = self._new.field_type.split
        rows = [
            {"id": record, **dict(zip(self._new.stored_columns, split(value), strict=True))} for record, value in values
        ]
        insert_rows(self._connection, self._staging, rows)

    def fill(self) -> None:
        """One statement over all records; the old column stays as it is."""
        self._connection.execute(text(f"SET LOCAL statement_timeout = {FILL_TIMEOUT_MS}"))
        sets = ", ".join(f'"{name}" = staged."{name}"' for name in self._new.stored_columns)
        staged = f'pg_temp."{self._staging.name}"'
        update = f"UPDATE {self._table} AS target SET {sets} FROM {staged} AS staged WHERE target.id = staged.id"  # noqa: S608 - quoted identifiers
        self._connection.execute(text(update))
        self._connection.execute(text(f"DROP TABLE {staged}"))

    @property
    def _table(self) -> str:
        return f'"{RECORD_SCHEMA}"."{self._definition.stored}"'


def hold_writers(connection: Connection, stored: str) -> None:
    """Until the end of the transaction: whoever writes to the table has finished, and nobody begins."""
    lock_quickly(connection, [], [Table(stored, MetaData(), schema=RECORD_SCHEMA)])


def _stored(field: FieldDefinition) -> list[tuple[str, Any]]:
    return [(name, spec.kind) for name, spec in zip(field.stored_columns, field.field_type.columns, strict=True)]


def _type(kind: Any) -> Any:
    return SQL_TYPES[kind]


def _columns(field: FieldDefinition) -> list[Column[Any]]:
    return [Column(name, SQL_TYPES[kind], quote=True) for name, kind in _stored(field)]


def _joined(field: FieldDefinition, cells: Sequence[Any]) -> Any:
    if not cells or cells[0] is None:
        return None
    return field.field_type.join(*cells)
