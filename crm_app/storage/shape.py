"""Values ↔ columns. One plan per object and set of fields, so that a page of records costs no look-ups per cell."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any
from uuid import UUID

from sqlalchemy import ColumnElement, Table

from crm_app.definitions.field import FieldDefinition
from crm_app.definitions.object import ObjectDefinition

BOOKKEEPING = ("owner", "created_at", "created_by", "updated_at", "updated_by")


@dataclass(frozen=True)
class StoredRecord:
    """A record as it is in the database: before permission decides what of it may be read."""

    id: UUID
    version: int
    values: dict[str, Any]


class RecordShape:
    """Reads and writes the given fields of one object. Every record's `id`, `version` and owner are always read."""

    def __init__(self, table: Table, definition: ObjectDefinition, names: Iterable[str] | None = None) -> None:
        self.table = table
        chosen = definition.all_fields if names is None else dict.fromkeys([*names, "owner"])
        self.fields = tuple(definition.all_fields[name] for name in chosen)
        self._plan = tuple(self._places())

    def _places(self) -> Iterable[tuple[str, int, int, Any]]:
        at = 2
        for field in self.fields:
            width = len(field.columns)
            yield field.name, at, width, field.field_type.join
            at += width

    def columns(self) -> list[ColumnElement[Any]]:
        c = self.table.c
        return [c.id, c.version, *(c[name] for field in self.fields for name in field.columns)]

    def width(self) -> int:
        return 2 + sum(len(field.columns) for field in self.fields)

    def read(self, row: Any, offset: int = 0) -> StoredRecord:
        values: dict[str, Any] = {}
        for name, at, width, join in self._plan:
            start = offset + at
            first = row[start]
            if first is None:
                values[name] = None
            else:
                values[name] = join(first) if width == 1 else join(*row[start : start + width])
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
