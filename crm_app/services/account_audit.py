"""What happens to accounts, written down in the transaction that does it. Never a secret, nor a hash of one."""

from collections.abc import Mapping
from typing import Any
from uuid import UUID

from sqlalchemy import Connection

from crm_app.services.audit_entries import Entry, write_entry_of
from crm_app.services.unit_of_work import UnitOfWork

Changes = Mapping[str, tuple[Any, Any]]


def audit_account(
    work: UnitOfWork, name: str, user: UUID | None, changes: Changes | None = None, kind: str = "user"
) -> None:
    """`changes` are what was and what is, by field; `kind` is what the entry is about."""
    write_entry_of(work.connection, work.actor_body(), _entry(name, kind, user, changes or {}))


def audit_sign_in(connection: Connection, name: str, user: UUID, person: str, changes: Changes | None = None) -> None:
    """By the person, who is on the way in and so has no unit of work yet."""
    actor = {"kind": "user", "user": str(user), "name": person}
    write_entry_of(connection, actor, _entry(name, "user", user, changes or {}))


def _entry(name: str, kind: str, record: UUID | None, changes: Changes) -> Entry:
    before = {field: was for field, (was, _) in changes.items()}
    return Entry(name, kind, record, after={field: now for field, (_, now) in changes.items()}, before=before)
