"""Facts about records. `UnitOfWork.tell` writes them to the audit and the outbox in the transaction of the change."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Literal
from uuid import UUID

NO_RECORD = UUID(int=0)
"""Stands where a record would, for what is about none or about many."""

EventName = Literal["record.created", "record.updated", "record.deleted", "record.restored"]


@dataclass(frozen=True)
class RecordRef:
    object: str
    id: UUID


@dataclass(frozen=True)
class RecordEvent:
    """`before` and `after` are whole records by field name; empty where there is none."""

    name: EventName
    ref: RecordRef
    before: Mapping[str, Any]
    after: Mapping[str, Any]

    def changed(self) -> list[str]:
        """The fields that differ, in the record's own order."""
        names = [*self.after, *(name for name in self.before if name not in self.after)]
        return [name for name in names if self.before.get(name) != self.after.get(name)]
