"""Facts about records → the moves in them, as they are kept. Made where every fact is written, so no way to write a
record is without them.
"""

from collections.abc import Iterator, Sequence
from datetime import datetime
from typing import Any

from crm_app.kernel.events import RecordEvent
from crm_app.kernel.ids import new_id
from crm_app.services.processes import DrivenField, Position

_KEPT = frozenset({"record.created", "record.updated"})


def move_rows(
    driven: Sequence[DrivenField], event: RecordEvent, at: datetime, actor: object
) -> Iterator[dict[str, Any]]:
    """One row per field that brought the record to another stage; a new record comes from nowhere."""
    for each in driven if event.name in _KEPT else ():
        old = Position.of(each, event.before) if event.before else Position(None, None, None)
        new = Position.of(each, event.after)
        if old.is_like(new) or not (old.process or new.process) or (old.value is None and new.value is None):
            continue
        moved_at = event.after.get(each.since) or at
        since = event.before.get(each.since)
        yield {
            "id": new_id(), "object": event.ref.object, "record": event.ref.id,
            "pipeline": new.pipeline_name or old.pipeline_name, "from_stage": old.value or "",
            "to_stage": new.value or "", "at": moved_at, "actor": actor,
            "seconds": None if since is None else int((moved_at - since).total_seconds()),
        }  # fmt: skip
