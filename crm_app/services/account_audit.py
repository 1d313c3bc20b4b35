"""What happens to accounts, written down in the transaction that does it. Never a secret, nor a hash of one."""

from collections.abc import Mapping
from typing import Any
from uuid import UUID

from sqlalchemy import Connection, insert

from crm_app.kernel import clock
from crm_app.kernel.ids import new_id
from crm_app.services.unit_of_work import UnitOfWork
from crm_app.storage.system_tables import AuditRow, table_of

Changes = Mapping[str, tuple[Any, Any]]


def audit_account(
    work: UnitOfWork, name: str, user: UUID | None, changes: Changes | None = None, kind: str = "user"
) -> None:
    """`changes` are what was and what is, by field; `kind` is what the entry is about."""
    _write(work.connection, name, kind, user, work.actor_body(), changes)


def audit_sign_in(connection: Connection, name: str, user: UUID, person: str, changes: Changes | None = None) -> None:
    """By the person, who is on the way in and so has no unit of work yet."""
    _write(connection, name, "user", user, {"kind": "user", "user": str(user), "name": person}, changes)


def _write(
    connection: Connection,
    name: str,
    kind: str,
    record: UUID | None,
    actor: Mapping[str, str],
    changes: Changes | None,
) -> None:
    entry: dict[str, Any] = {"id": new_id(), "at": clock.now(), "name": name, "object": kind, "record": record}
    entry |= {"version": 0, "actor": dict(actor), "changes": {k: list(v) for k, v in (changes or {}).items()}}
    connection.execute(insert(table_of(AuditRow)), entry)
