"""Permanent entries about what is no change of one record: log-ins, keys, policies, publications, exports, imports."""

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from typing import Any
from uuid import UUID

from sqlalchemy import Connection, insert

from crm_app.kernel import clock
from crm_app.kernel.ids import new_id
from crm_app.services.event_rows import Cause
from crm_app.services.unit_of_work import UnitOfWork
from crm_app.storage.system_tables import AuditRow, table_of

MAX_REASON = 500
_AUDIT = table_of(AuditRow)


@dataclass(frozen=True)
class Entry:
    """`after` is what it is now, by name; `before` what it was, where that is known."""

    name: str
    object: str = ""
    record: UUID | None = None
    after: Mapping[str, Any] = field(default_factory=dict[str, Any])
    before: Mapping[str, Any] = field(default_factory=dict[str, Any])
    reason: str = ""
    version: int = 0

    @property
    def changes(self) -> dict[str, list[Any]]:
        names = dict.fromkeys((*self.before, *self.after))
        return {name: [self.before.get(name), self.after.get(name)] for name in names}


def write_entry(work: UnitOfWork, entry: Entry) -> UUID:
    """In the transaction of what it tells of, under the actor's name."""
    return _write(work.connection, work.actor_body(), entry, work.cause)


def write_entry_of(connection: Connection, actor: Mapping[str, str], entry: Entry) -> UUID:
    """By itself: part of no run, import or bulk change, and not in need of a unit of work."""
    return _write(connection, actor, entry, Cause())


def begin_together(work: UnitOfWork, entry: Entry) -> None:
    """An entry that heads all that follows in this unit of work: its id is the correlation of the others."""
    write_head(work, correlate(work), entry)


def correlate(work: UnitOfWork) -> UUID:
    """What follows belongs together, under an entry that `write_head` writes once it is known what there is to say."""
    identifier = new_id()
    work.cause = replace(work.cause, correlation=identifier)
    return identifier


def write_head(work: UnitOfWork, identifier: UUID, entry: Entry) -> None:
    _write(work.connection, work.actor_body(), entry, Cause(reason=work.cause.reason), identifier)


def with_reason(work: UnitOfWork, reason: str) -> None:
    """Why what follows in this unit of work is done, as somebody said; kept with every change."""
    work.cause = replace(work.cause, reason=" ".join(reason.split())[:MAX_REASON])


def _write(
    connection: Connection, actor: Mapping[str, str], entry: Entry, cause: Cause, known_as: UUID | None = None
) -> UUID:
    identifier = known_as or new_id()
    row = {
        "id": identifier,
        "at": clock.now(),
        "name": entry.name,
        "object": entry.object,
        "record": entry.record,
        "version": entry.version,
        "actor": dict(actor),
        "changes": entry.changes,
        "correlation": cause.correlation,
        "reason": entry.reason or cause.reason,
    }
    connection.execute(insert(_AUDIT), row)
    return identifier
