"""What one field of a record was, newest first: who set it, when, and through what."""

from dataclasses import dataclass
from datetime import datetime

from crm_app.kernel.errors import NotFound
from crm_app.kernel.events import RecordRef
from crm_app.services.audit_words import actor_text
from crm_app.services.records import get_record
from crm_app.services.timeline import Say, plain, value_of
from crm_app.services.unit_of_work import UnitOfWork
from crm_app.storage.history import changes_of

MOST_SHOWN = 50


@dataclass(frozen=True)
class PastValue:
    at: datetime
    by: str
    before: str
    after: str
    reason: str


def field_history(work: UnitOfWork, ref: RecordRef, name: str, say: Say = plain) -> list[PastValue]:
    """A field that is hidden from the reader, or masked, today is so in the past as well: for them it has none. Nor has
    one that pointed from one thing to another that they can't see.
    """
    get_record(work, ref, names=False)
    definition = work.definition(ref.object)
    field = definition.all_fields.get(name)
    if field is None or name not in (work.fields(ref.object) or {}):
        raise NotFound(f"There is no field '{name[:50]}'.")
    past = [
        PastValue(
            at,
            actor_text(work, actor),
            value_of(work, field, before, say),
            value_of(work, field, after, say),
            reason,
        )
        for at, actor, before, after, reason in changes_of(work.connection, definition, ref.id, field, MOST_SHOWN)
    ]
    return [each for each in past if each.before != each.after or not field.targets]
