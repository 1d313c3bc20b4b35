"""Facts about records as the audit and the outbox keep them."""

from typing import Any

from crm_app.kernel.events import RecordEvent
from crm_app.kernel.ids import new_id


def audit_row(
    event: RecordEvent, version: int, dumped: tuple[dict[str, Any], dict[str, Any]], at: object, actor: object
) -> dict[str, Any]:
    before, after = dumped
    if event.before:
        changes = {name: [value, after.get(name)] for name, value in before.items()}
    else:
        changes = {name: [None, value] for name, value in after.items() if value is not None}
    return {
        "id": new_id(), "at": at, "name": event.name, "object": event.ref.object, "record": event.ref.id,
        "version": version, "actor": actor, "changes": changes,
    }  # fmt: skip


def outbox_row(
    event: RecordEvent, dumped: tuple[dict[str, Any], dict[str, Any]], at: object, actor: object, depth: int
) -> dict[str, Any]:
    before, after = dumped
    return {
        "id": new_id(), "at": at, "name": event.name, "object": event.ref.object, "record": event.ref.id,
        "before": before, "after": after, "actor": actor, "depth": depth,
    }  # fmt: skip
