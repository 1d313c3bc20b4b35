"""Facts about records as the audit and the outbox keep them."""

from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from crm_app.kernel.events import RecordEvent
from crm_app.kernel.ids import id_of_moment, new_id


@dataclass(frozen=True)
class Cause:
    """What a change is part of (a run, or the audit entry of an import or a bulk change), and the reason that somebody
    gave for it.
    """

    correlation: UUID | None = None
    reason: str = ""


def audit_row(
    event: RecordEvent,
    version: int,
    dumped: tuple[dict[str, Any], dict[str, Any]],
    at: datetime,
    actor: object,
    cause: Cause,
    *,
    is_past: bool = False,
) -> dict[str, Any]:
    before, after = dumped
    if event.before:
        changes = {name: [value, after.get(name)] for name, value in before.items()}
    else:
        changes = {name: [None, value] for name, value in after.items() if value is not None}
    identifier = id_of_moment(at, version) if is_past else new_id()
    return {
        "id": identifier, "at": at, "name": event.name, "object": event.ref.object, "record": event.ref.id,
        "version": version, "actor": actor, "changes": changes,
        "correlation": cause.correlation, "reason": cause.reason,
    }  # fmt: skip


def outbox_row(
    event: RecordEvent, dumped: tuple[dict[str, Any], dict[str, Any]], at: object, actor: object, depth: int
) -> dict[str, Any]:
    before, after = dumped
    return {
        "id": new_id(), "at": at, "name": event.name, "object": event.ref.object, "record": event.ref.id,
        "before": before, "after": after, "actor": actor, "depth": depth,
    }  # fmt: skip
