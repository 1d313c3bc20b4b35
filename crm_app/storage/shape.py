"""Values ↔ columns. One plan per object and set of fields, so that a page of records costs no look-ups per cell."""

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any
from uuid import UUID

from sqlalchemy import ColumnElement, FromClause, Table

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
    """Reads and writes the given fields of one object. Every record's `id`, `version` and owner are always read;
    `beside` gives the expressions for fields that have no column of their own, which `parts` keeps; `source` is the
    table with what they need joined to it. Without them computed fields are left out, and links to `unread`.
    """

    def __init__(
        self,
        table: Table,
        definition: ObjectDefinition,
        names: Iterable[str] | None = None,
        beside: Callable[[FieldDefinition], Sequence[ColumnElement[Any]]] | None = None,
        source: FromClause | None = None,
    ) -> None:
        self.table = table
        self.source: FromClause = table if source is None else source
        chosen = definition.all_fields if names is None else dict.fromkeys([*names, "owner"])
        known = tuple(definition.all_fields[name] for name in chosen)
        fields = tuple(field for field in known if beside or not field.is_computed)
        stored = tuple(name for field in fields if not field.is_computed for name in field.columns)
        self.unread = tuple(field for field in fields if not beside and field.field_type.is_linked)
        self.computed = tuple(field for field in fields if field.is_computed)
        self.parts = {
            field.name: beside(field)
            for field in fields
            if beside and (field.is_computed or field.field_type.is_linked)
        }
        others = [
            part.label(name)
            for field in fields
            for name, part in zip(field.columns or (field.name,), self.parts.get(field.name, ()), strict=False)
        ]
        self._names = (*stored, *(other.name for other in others))
        self._columns: list[ColumnElement[Any]] = [
            table.c.id,
            table.c.version,
            *(table.c[name] for name in stored),
            *others,
        ]
        self._joined = tuple(
            (field.name, field.columns[1:], field.field_type.join)
            for field in fields
            if field.columns and not is_stored_as_is(field.field_type)
        )

    @property
    def is_joined(self) -> bool:
        """Reading a record costs more than its row, so a page is found first."""
        return self.source is not self.table

    def columns(self) -> list[ColumnElement[Any]]:
        return self._columns

    def width(self) -> int:
        return len(self._columns)

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
