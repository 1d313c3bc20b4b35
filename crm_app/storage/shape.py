"""Values ↔ columns. One plan per object and set of fields, so that a page of records costs no look-ups per cell."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any
from uuid import UUID

from sqlalchemy import ColumnElement, Table

from crm_app.definitions.field import FieldDefinition
from crm_app.definitions.object import ObjectDefinition
from crm_app.fields.field_type import FieldType

BOOKKEEPING = ("owner", "created_at", "created_by", "updated_at", "updated_by")


@dataclass(frozen=True)
class StoredRecord:
    """A record as it is in the database: before permission decides what of it may be read."""

    id: UUID
    version: int
    values: dict[str, Any]


def is_stored_as_is(field_type: FieldType) -> bool:
    """One column, and what it holds is the value."""
    return len(field_type.columns) == 1 and field_type.join is FieldType.join


class RecordShape:
    """Reads and writes the given fields of one object. Every record's `id`, `version` and owner are always read; the
    fields in `linked` have no column and are read beside it.
    """

    def __init__(self, table: Table, definition: ObjectDefinition, names: Iterable[str] | None = None) -> None:
        self.table = table
        chosen = definition.all_fields if names is None else dict.fromkeys([*names, "owner"])
        self.fields = tuple(definition.all_fields[name] for name in chosen)
        self.linked = tuple(field for field in self.fields if field.field_type.is_linked)
        self._names = tuple(name for field in self.fields for name in field.columns)
        self._joined = tuple(
            (field.name, field.columns[1:], field.field_type.join)
            for field in self.fields
            if field.columns and not is_stored_as_is(field.field_type)
        )

    def columns(self) -> list[ColumnElement[Any]]:
        c = self.table.c
        return [c.id, c.version, *(c[name] for name in self._names)]

    def width(self) -> int:
        return 2 + len(self._names)

    def read(self, row: Any, offset: int = 0) -> StoredRecord:
        """Most fields are one column that holds the value itself; only the others are put together one by one."""
        cells = row[offset + 2 : offset + 2 + len(self._names)]
        values: dict[str, Any] = dict(zip(self._names, cells, strict=True))
        for name, others, join in self._joined:
            rest = [values.pop(other) for other in others]
            if values[name] is not None:
                values[name] = join(values[name], *rest)
        return StoredRecord(row[offset], row[offset + 1], values)


def to_columns(fields: Mapping[str, FieldDefinition], values: Mapping[str, Any]) -> dict[str, Any]:
    """Field values spread over their columns."""
    columns: dict[str, Any] = {}
    for name, value in values.items():
        field = fields[name]
        parts = field.field_type.split(value)
        if len(parts) == 1:
            columns[field.columns[0]] = parts[0]
        else:
            columns.update(zip(field.columns, parts, strict=True))
    return columns
