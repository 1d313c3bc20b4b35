"""What the audit says of one record's past."""

from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import Connection, text

from crm_app.definitions.field import FieldDefinition
from crm_app.definitions.object import ObjectDefinition
from crm_app.fields.field_type import FieldValueError
from crm_app.kernel.events import RecordRef
from crm_app.storage.shape import StoredRecord

_SINCE = text(
    "SELECT changes FROM crm.audit WHERE object = ANY(:objects) AND record = :record AND version > :version "
    "AND name = 'record.updated' ORDER BY version DESC, id DESC"
)
_RECENT = text(
    "SELECT id, at, name, actor, changes FROM crm.audit WHERE object = ANY(:objects) AND record = :record "
    "ORDER BY id DESC LIMIT :limit"
)
_OF_FIELD = text(
    "SELECT at, actor, changes, reason FROM crm.audit WHERE object = ANY(:objects) AND record = :record "
    "AND jsonb_exists_any(changes, :names) AND name IN ('record.created', 'record.updated') "
    "ORDER BY id DESC LIMIT :limit"
)


def values_at(
    connection: Connection, ref: RecordRef, current: StoredRecord, version: int, definition: ObjectDefinition
) -> dict[str, Any]:
    """The record's values as they were at an earlier version, by undoing what the audit recorded since."""
    values = dict(current.values)
    names = {"objects": [definition.name, *definition.former_names]}
    for (changes,) in connection.execute(_SINCE, {**names, "record": ref.id, "version": version}):
        for name, (before, _after) in by_new_names(changes, definition).items():
            field = definition.all_fields.get(name)
            if field is not None:
                values[name] = _parsed(field, before)
    return values


def _parsed(field: FieldDefinition, dumped: Any) -> Any:
    """Empty where a conversion since then has left no place for it."""
    try:
        return None if dumped is None else field.parse(dumped)
    except FieldValueError:
        return None


def recent(
    connection: Connection, definition: ObjectDefinition, record: UUID, limit: int
) -> list[tuple[UUID, Any, str, dict[str, Any], Any]]:
    """The newest audit entries: id, time, name, actor, changes."""
    names = [definition.name, *definition.former_names]
    rows = connection.execute(_RECENT, {"objects": names, "record": record, "limit": limit})
    return [(row[0], row[1], row[2], row[3], by_new_names(row[4], definition)) for row in rows]


def changes_of(
    connection: Connection, definition: ObjectDefinition, record: UUID, field: FieldDefinition, limit: int
) -> list[tuple[datetime, dict[str, Any], Any, Any, str]]:
    """The newest changes of one field: time, actor, before, after, reason."""
    values = {"objects": [definition.name, *definition.former_names], "names": [field.name, *field.former_names]}
    rows = connection.execute(_OF_FIELD, {**values, "record": record, "limit": limit})
    found = ((row, by_new_names(row.changes, definition).get(field.name)) for row in rows)
    return [(row.at, row.actor, change[0], change[1], row.reason) for row, change in found if change]


def by_new_names(changes: dict[str, Any], definition: ObjectDefinition) -> dict[str, Any]:
    """The audit is never rewritten: a field that has been renamed since is found by what it was called."""
    former = {old: field.name for field in definition.fields for old in field.former_names}
    return {former.get(name, name) if name not in definition.all_fields else name: c for name, c in changes.items()}
