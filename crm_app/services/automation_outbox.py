"""The outbox as the relay sees it: facts to look at, each once."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import text

from crm_app.kernel.events import EventName, RecordRef
from crm_app.services.unit_of_work import UnitOfWork

_CLAIM = text(
    "SELECT id, at, name, object, record, before, after, actor, depth FROM crm.outbox "
    "ORDER BY id LIMIT :limit FOR UPDATE SKIP LOCKED"
)
_FORGET = text("DELETE FROM crm.outbox WHERE id = ANY(:ids)")


@dataclass(frozen=True)
class OutboxEvent:
    """A fact as it was written: `before` holds the changed fields as they were, `after` the whole record."""

    id: UUID
    at: datetime
    name: EventName
    ref: RecordRef
    before: Mapping[str, Any]
    after: Mapping[str, Any]
    actor: Mapping[str, Any]
    depth: int


def claim_events(work: UnitOfWork, limit: int) -> list[OutboxEvent]:
    """The oldest facts, kept from other relays until this transaction ends."""
    rows = work.connection.execute(_CLAIM, {"limit": limit})
    return [
        OutboxEvent(r.id, r.at, r.name, RecordRef(r.object, r.record), r.before, r.after, r.actor, r.depth)
        for r in rows
    ]


def forget_events(work: UnitOfWork, events: Sequence[OutboxEvent]) -> None:
    work.connection.execute(_FORGET, {"ids": [event.id for event in events]})
