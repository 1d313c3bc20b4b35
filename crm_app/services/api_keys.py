"""API keys: `trl_<prefix>_<secret>`. Only a hash of the whole key is kept; the prefix names it in lists and logs."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

from sqlalchemy import insert, select, update

from crm_app.kernel import clock
from crm_app.kernel.actor import KeyActor
from crm_app.kernel.errors import Forbidden, Invalid, NotFound, Problem
from crm_app.kernel.ids import new_id, new_secret, secret_hash
from crm_app.services.accounts import find_user
from crm_app.services.definitions import WORKSPACE
from crm_app.services.unit_of_work import UnitOfWork
from crm_app.storage.system_tables import ApiKeyRow, AuditRow, UserRow, table_of

MAX_LABEL = 100
MAX_DAYS = 3_650
_PREFIX_LENGTH = 8
_KEYS, _USERS = table_of(ApiKeyRow), table_of(UserRow)


@dataclass(frozen=True)
class NewKey:
    """`key` is shown once and kept nowhere."""

    key: str
    prefix: str
    email: str
    expires_at: datetime | None


@dataclass(frozen=True)
class KeySummary:
    prefix: str
    label: str
    email: str
    created_at: datetime
    expires_at: datetime | None
    revoked_at: datetime | None

    @property
    def state(self) -> str:
        if self.revoked_at is not None:
            return "revoked"
        if self.expires_at is not None and self.expires_at <= clock.now():
            return "expired"
        return "live"


def key_actor(key: str) -> KeyActor:
    return KeyActor(secret_hash(key))


def create_key(work: UnitOfWork, email: str, label: str = "", days: int | None = None) -> NewKey:
    """A key can do what its person can do, no more, and only while they are active. `days` is its life."""
    problems: list[Problem] = []
    if len(label) > MAX_LABEL or not label.isprintable():
        problems.append(Problem("label", f"At most {MAX_LABEL} printable characters."))
    if days is not None and not 1 <= days <= MAX_DAYS:
        problems.append(Problem("days", f"Between 1 and {MAX_DAYS:,} days."))
    if problems:
        raise Invalid("The key was not made.", problems)
    user_id = find_user(work, email)
    _require_right_over(work, user_id)
    if user_id is None:
        raise NotFound(f"There is no active user with the address {email[:100]}.")
    prefix = secret_hash(new_secret())[:_PREFIX_LENGTH]
    key = f"trl_{prefix}_{new_secret()}"
    now = clock.now()
    expires_at = None if days is None else now + timedelta(days=days)
    body = {"hash": secret_hash(key), "prefix": prefix, "label": label, "user": user_id, "created_at": now}
    work.connection.execute(insert(_KEYS), {**body, "expires_at": expires_at, "revoked_at": None})
    _audit(work, "key.created", prefix, label, user_id)
    return NewKey(key, prefix, email.strip().lower(), expires_at)


def list_keys(work: UnitOfWork) -> list[KeySummary]:
    """An administrator sees every key, anybody else their own; never the key itself."""
    query = (
        select(
            _KEYS.c.prefix, _KEYS.c.label, _USERS.c.email, _KEYS.c.created_at, _KEYS.c.expires_at, _KEYS.c.revoked_at
        )
        .join_from(_KEYS, _USERS, _USERS.c.id == _KEYS.c.user)
        .order_by(_KEYS.c.created_at, _KEYS.c.prefix)
    )
    if not _is_administrator(work):
        query = query.where(_KEYS.c.user == work.who.user_id)
    return [KeySummary(*row) for row in work.connection.execute(query)]


def revoke_key(work: UnitOfWork, prefix: str) -> KeySummary:
    """The next request with it is refused, in every process."""
    chosen = (_KEYS.c.prefix == prefix) & _KEYS.c.revoked_at.is_(None)
    if not _is_administrator(work):
        chosen &= _KEYS.c.user == work.who.user_id
    change = update(_KEYS).where(chosen).values(revoked_at=clock.now()).returning(_KEYS.c.user, _KEYS.c.label)
    row = work.connection.execute(change).first()
    if row is None:
        raise NotFound(f"There is no live key that starts with trl_{prefix[:_PREFIX_LENGTH]}.")
    _audit(work, "key.revoked", prefix, row[1], row[0])
    return next(key for key in list_keys(work) if key.prefix == prefix)


def _is_administrator(work: UnitOfWork) -> bool:
    return work.access(WORKSPACE).allows("administer")


def _require_right_over(work: UnitOfWork, user_id: UUID | None) -> None:
    """A key of somebody else would be a way to act as them; whether they exist is not said either."""
    if not _is_administrator(work) and (user_id is None or user_id != work.who.user_id):
        raise Forbidden("You can make keys for yourself only.")


def _audit(work: UnitOfWork, name: str, prefix: str, label: str, user_id: UUID) -> None:
    entry: dict[str, Any] = {
        "id": new_id(),
        "at": clock.now(),
        "name": name,
        "object": "user",
        "record": user_id,
        "version": 0,
        "actor": work.actor_body(),
        "changes": {"prefix": [None, prefix], "label": [None, label]},
    }
    work.connection.execute(insert(table_of(AuditRow)), entry)
