"""A field's values, read from where they are and put where its new type stores them, page by page: memory stays the
same however many records there are, and nobody waits longer than for one page.
"""

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from typing import Any
from uuid import UUID

from sqlalchemy import Column, Connection, Executable, MetaData, Table, Text, Uuid, column, or_, select

from crm_app.definitions.field import FieldDefinition
from crm_app.definitions.object import ObjectDefinition
from crm_app.storage.bulk import update_rows
from crm_app.storage.system_tables import RECORD_SCHEMA
from crm_app.storage.tables import SQL_TYPES

PAGE = 500


@dataclass(frozen=True)
class OldValue:
    """What one record holds: `value` where the field is now, `kept` in the column that its new type had before."""

    id: UUID
    name: str
    value: Any
    kept: Any


class Conversion:
    """Of one field of the object as it is before. `has_kept` says that the columns of `new` have been there before."""

    def __init__(
        self, definition: ObjectDefinition, old: FieldDefinition, new: FieldDefinition, *, has_kept: bool
    ) -> None:
        self._old = old
        self._new = new
        name = definition.all_fields[definition.name_field]
        self._source = Table(definition.stored, MetaData(), Column("id", Uuid()), schema=RECORD_SCHEMA)
        fields = [old, new] if has_kept else [old]
        self._cells: list[Any] = [column(stored, SQL_TYPES[kind]) for f in fields for stored, kind in _stored(f)]
        self._query: Any = select(
            self._source.c.id, column(name.stored_columns[0], Text()), *self._cells
        ).select_from(self._source)  # fmt: skip

    def page(self, connection: Connection, after: UUID | None) -> list[OldValue]:
        """The next records that hold something in either place, trashed ones too."""
        query = self._query.where(or_(*(cell.is_not(None) for cell in self._cells)))
        if after is not None:
            query = query.where(self._source.c.id > after)
        return self._read(connection, query.order_by(self._source.c.id).limit(PAGE))

    def some(self, connection: Connection, records: Collection[UUID]) -> list[OldValue]:
        return self._read(connection, self._query.where(self._source.c.id.in_(records))) if records else []

    def write(self, connection: Connection, values: Sequence[tuple[UUID, Any]]) -> set[UUID]:
        """The old columns stay as they are. Returns the records that somebody else is writing to: those are left."""
        split = self._new.field_type.split
        rows = [
            {"id": record, **dict(zip(self._new.stored_columns, split(value), strict=True))} for record, value in values
        ]
        return {record for record, _ in values} - update_rows(connection, self._source, rows)

    def _read(self, connection: Connection, query: Executable) -> list[OldValue]:
        width = 2 + len(self._old.stored_columns)
        rows: list[Any] = list(connection.execute(query))
        return [
            OldValue(row[0], str(row[1] or ""), _joined(self._old, row[2:width]), _joined(self._new, row[width:]))
            for row in rows
        ]


def _stored(field: FieldDefinition) -> list[tuple[str, Any]]:
    return [(name, spec.kind) for name, spec in zip(field.stored_columns, field.field_type.columns, strict=True)]


def _joined(field: FieldDefinition, cells: Sequence[Any]) -> Any:
    if not cells or cells[0] is None:
        return None
    return field.field_type.join(*cells)
