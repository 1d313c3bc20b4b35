"""Facts of the past, rebuilt from the audit as the outbox held them: to try an automation on what really happened."""

from collections.abc import Collection, Mapping
from typing import Any
from uuid import UUID

from sqlalchemy import text

from crm_app.access.visible import EVERYONE
from crm_app.definitions.object import ObjectDefinition
from crm_app.kernel import clock
from crm_app.kernel.events import EventName, RecordRef
from crm_app.kernel.ids import new_id
from crm_app.services.automation_outbox import OutboxEvent
from crm_app.services.unit_of_work import UnitOfWork

MAX_SCANNED = 20_000
_SINCE = text(
    "SELECT id, at, name, record, actor, changes FROM crm.audit WHERE object = ANY(:names) AND record IS NOT NULL "
    "AND (CAST(:record AS uuid) IS NULL OR record = :record) ORDER BY id DESC LIMIT :limit"
)
_GONE = ("record.deleted",)


def past_events(
    work: UnitOfWork, definition: ObjectDefinition, kinds: Collection[str], limit: int, record: UUID | None = None
) -> list[OutboxEvent]:
    """The newest `limit` of these kinds, newest first, of one record or of all; records that were removed for good are
    left out. One pass back through the audit undoes what it passes.
    """
    names = [definition.name, *definition.former_names]
    rows = work.connection.execute(_SINCE, {"names": names, "record": record, "limit": MAX_SCANNED}).all()
    wanted = [row for row in rows if row.name in kinds][:limit]
    if not wanted:
        return []
    rows = rows[: rows.index(wanted[-1]) + 1]
    values = _as_they_are(work, definition, {row.record for row in rows})
    asked, found = {row.id for row in wanted}, list[OutboxEvent]()
    for row in rows:
        after = values.get(row.record)
        if after is None:
            continue
        before = {name: pair[0] for name, pair in row.changes.items()}
        if row.id in asked:
            found.append(_event(definition, row, before, after))
        values[row.record] = {**after, **before}
    return found


def event_now(work: UnitOfWork, definition: ObjectDefinition, record: UUID, name: EventName) -> OutboxEvent:
    """As if it happened to the record, as it is now, at this moment."""
    values = _as_they_are(work, definition, {record})[record]
    return OutboxEvent(new_id(), clock.now(), name, RecordRef(definition.name, record), {}, values, {}, 0)


def _event(definition: ObjectDefinition, row: Any, before: Mapping[str, Any], after: Mapping[str, Any]) -> OutboxEvent:
    is_gone, is_new = row.name in _GONE, row.name not in ("record.updated", *_GONE)
    return OutboxEvent(
        id=row.id,
        at=row.at,
        name=row.name,
        ref=RecordRef(definition.name, row.record),
        before={} if is_new else {**after, **before} if is_gone else before,
        after={} if is_gone else dict(after),
        actor=row.actor,
        depth=0,
    )


def _as_they_are(work: UnitOfWork, definition: ObjectDefinition, ids: Collection[UUID]) -> dict[UUID, dict[str, Any]]:
    """As JSON, also of the deleted ones."""
    name = definition.name
    records = work.records.fetch(name, list(ids), EVERYONE)
    gone = [each for each in ids if each not in records]
    records |= work.removal.hidden(name, gone, [EVERYONE]) if gone else {}
    fields = definition.all_fields
    return {
        record.id: {key: fields[key].dump(value) for key, value in record.values.items() if key in fields}
        for record in records.values()
    }
