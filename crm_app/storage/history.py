"""What the audit says of one record's past."""

from typing import Any
from uuid import UUID

from sqlalchemy import Connection, text

from crm_app.definitions.object import ObjectDefinition
from crm_app.kernel.events import RecordRef
from crm_app.storage.shape import StoredRecord

_SINCE = text(
    "SELECT changes FROM crm.audit WHERE object = :object AND record = :record AND version > :version "
    "AND name = 'record.updated' ORDER BY id DESC"
)
_RECENT = text(
    "SELECT id, at, name, actor, changes FROM crm.audit WHERE object = :object AND record = :record "
    "ORDER BY id DESC LIMIT :limit"
)


def values_at(
    connection: Connection, ref: RecordRef, current: StoredRecord, version: int, definition: ObjectDefinition
) -> dict[str, Any]:
    """The record's values as they were at an earlier version, by undoing what the audit recorded since."""
    values = dict(current.values)
    for (changes,) in connection.execute(_SINCE, {"object": ref.object, "record": ref.id, "version": version}):
        for name, (before, _after) in changes.items():
            field = definition.all_fields.get(name)
            if field is not None:
                values[name] = None if before is None else field.parse(before)
    return values


def recent(connection: Connection, ref: RecordRef, limit: int) -> list[tuple[UUID, Any, str, dict[str, Any], Any]]:
    """The newest audit entries: id, time, name, actor, changes."""
    rows = connection.execute(_RECENT, {"object": ref.object, "record": ref.id, "limit": limit})
    return [(row[0], row[1], row[2], row[3], row[4]) for row in rows]
