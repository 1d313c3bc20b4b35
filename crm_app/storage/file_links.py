"""Files follow their records: what a change takes away waits a little, in case it is undone, and then goes."""

from collections.abc import Iterable
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

from sqlalchemy import Connection

from crm_app.definitions.package import Package
from crm_app.kernel.events import RecordEvent
from crm_app.storage.file_rows import attach_files, let_go

AFTER_REMOVAL = timedelta(days=1)
AFTER_DELETION = timedelta(days=30)


def follow(connection: Connection, package: Package, events: Iterable[RecordEvent], at: datetime) -> None:
    """Called for every fact that is told, whichever way the change came."""
    for event in events:
        name, record = event.ref.object, event.ref.id
        fields = package.by_name[name].file_fields
        if not fields:
            continue
        if event.name == "record.deleted":
            let_go(connection, name, record, None, at + AFTER_DELETION)
            continue
        for field in fields:
            before, after = _ids(event.before.get(field.name)), _ids(event.after.get(field.name))
            if before - after:
                let_go(connection, name, record, before - after, at + AFTER_REMOVAL)
            if event.name == "record.restored" and after:
                attach_files(connection, after, name, record, field.name)


def _ids(value: Any) -> set[UUID]:
    return {UUID(item["id"]) for item in value or ()}
