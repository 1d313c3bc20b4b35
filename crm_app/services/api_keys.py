"""API keys: `trl_<prefix>_<secret>`. Only a hash of the whole key is kept; the prefix names it in lists and logs.

A key acts for its person and never beyond them: at each call its rights are the person's of that moment, less what its
roles and scopes leave out (`standing`).
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from uuid import UUID

from sqlalchemy import insert, select, update

from crm_app.access.policy import ACTIONS, ANY
from crm_app.kernel import clock
from crm_app.kernel.actor import KeyActor
from crm_app.kernel.errors import Forbidden, Invalid, NotFound, Problem
from crm_app.kernel.ids import new_secret, secret_hash
from crm_app.services.accounts import find_user
from crm_app.services.audit_entries import Entry, write_entry
from crm_app.services.in_person import is_administrator, require_in_person
from crm_app.services.live import load_person
from crm_app.services.unit_of_work import UnitOfWork
from crm_app.storage.delegation_tables import ApiKeyRow
from crm_app.storage.system_tables import UserRow, table_of

MAX_LABEL = 100
MAX_DAYS = 3_650
MAX_SCOPES = 200
_PREFIX_LENGTH = 8
_KEYS, _USERS = table_of(ApiKeyRow), table_of(UserRow)


@dataclass(frozen=True)
class KeyWish:
    """`days` is its life; `roles` and `scopes` (`object:action`, `*` for any) are what it keeps of its person's."""

    label: str = ""
    days: int | None = None
    roles: Sequence[str] | None = None
    scopes: Sequence[str] | None = None


_ALL = KeyWish()


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
    user: UUID
    email: str
    created_at: datetime
    expires_at: datetime | None
    revoked_at: datetime | None
    last_used_at: datetime | None
    roles: Sequence[str] | None
    scopes: Sequence[str] | None

    @property
    def state(self) -> str:
        if self.revoked_at is not None:
            return "revoked"
        if self.expires_at is not None and self.expires_at <= clock.now():
            return "expired"
        return "live"


def key_actor(key: str) -> KeyActor:
    return KeyActor(secret_hash(key))


def create_key(work: UnitOfWork, email: str, wish: KeyWish = _ALL) -> NewKey:
    """A key can do what its person can do, no more, and only while they are active."""
    require_in_person(work, "make a key")
    problems = list(_problems(work, wish))
    if problems:
        raise Invalid("The key was not made.", problems)
    user_id = find_user(work, email)
    _require_right_over(work, user_id)
    if user_id is None:
        raise NotFound(f"There is no active user with the address {email[:100]}.")
    _require_held(work, user_id, wish.roles or ())
    prefix, key = new_key_text()
    now = clock.now()
    expires_at = None if wish.days is None else now + timedelta(days=wish.days)
    limits = {"roles": _listed(wish.roles), "scopes": _listed(wish.scopes)}
    body = {"hash": secret_hash(key), "prefix": prefix, "label": wish.label, "user": user_id, "created_at": now}
    work.connection.execute(insert(_KEYS), {**body, **limits, "expires_at": expires_at, "revoked_at": None})
    kept = {name: value for name, value in limits.items() if value is not None}
    write_entry(work, Entry("key.created", "user", user_id, after={"prefix": prefix, "label": wish.label, **kept}))
    return NewKey(key, prefix, email.strip().lower(), expires_at)


def new_key_text() -> tuple[str, str]:
    """A new prefix, and the key that begins with it."""
    prefix = secret_hash(new_secret())[:_PREFIX_LENGTH]
    return prefix, f"trl_{prefix}_{new_secret()}"


def list_keys(work: UnitOfWork, *, own: bool = False) -> list[KeySummary]:
    """An administrator sees every key, unless `own`; anybody else their own. Never the key itself."""
    if work.standing.only_looks:
        raise Forbidden("The keys of the person whom you look as are not shown.")
    names = ("created_at", "expires_at", "revoked_at", "last_used_at", "roles", "scopes")
    query = (
        select(_KEYS.c.prefix, _KEYS.c.label, _KEYS.c.user, _USERS.c.email, *(_KEYS.c[name] for name in names))
        .join_from(_KEYS, _USERS, _USERS.c.id == _KEYS.c.user)
        .order_by(_KEYS.c.created_at, _KEYS.c.prefix)
    )
    if own or not is_administrator(work):
        query = query.where(_KEYS.c.user == work.who.user_id)
    return [KeySummary(*row) for row in work.connection.execute(query)]


def revoke_key(work: UnitOfWork, prefix: str) -> KeySummary:
    """The next request with it is refused, in every process."""
    chosen = (_KEYS.c.prefix == prefix) & _KEYS.c.revoked_at.is_(None)
    if not is_administrator(work):
        chosen &= _KEYS.c.user == work.who.user_id
    change = update(_KEYS).where(chosen).values(revoked_at=clock.now()).returning(_KEYS.c.user, _KEYS.c.label)
    row = work.connection.execute(change).first()
    if row is None:
        raise NotFound(f"There is no live key that starts with trl_{prefix[:_PREFIX_LENGTH]}.")
    write_entry(work, Entry("key.revoked", "user", row[0], after={"prefix": prefix, "label": row[1]}))
    return next(key for key in list_keys(work) if key.prefix == prefix)


def _problems(work: UnitOfWork, wish: KeyWish) -> Iterator[Problem]:
    if len(wish.label) > MAX_LABEL or not wish.label.isprintable():
        yield Problem("label", f"At most {MAX_LABEL} printable characters.")
    if wish.days is not None and not 1 <= wish.days <= MAX_DAYS:
        yield Problem("days", f"Between 1 and {MAX_DAYS:,} days.")
    if wish.roles is not None and not wish.roles:
        yield Problem("roles", "Choose at least one role, or leave all of them.")
    if wish.scopes is not None and not 1 <= len(wish.scopes) <= MAX_SCOPES:
        yield Problem("scopes", f"Between 1 and {MAX_SCOPES} scopes, or none to leave all.")
    for scope in wish.scopes or ():
        name, _, action = scope.partition(":")
        is_known = name == ANY or (name in work.catalog.by_name and work.access(name).allows("read"))
        if not is_known or action not in (*ACTIONS, ANY):
            yield Problem("scopes", f"'{scope[:60]}' is not an object and an action, such as company:read.")


def _require_right_over(work: UnitOfWork, user_id: UUID | None) -> None:
    """A key of somebody else would be a way to act as them; whether they exist is not said either."""
    if not work.who.is_system and (user_id is None or user_id != work.who.user_id):
        raise Forbidden("You can make keys for yourself only.")


def _require_held(work: UnitOfWork, user_id: UUID, roles: Sequence[str]) -> None:
    person = load_person(work.connection, user_id)
    held = person.roles if person else ()
    problems = [Problem("roles", f"'{role[:60]}' is not a role of this person.") for role in roles if role not in held]
    if problems:
        raise Invalid("The key was not made.", problems)


def _listed(names: Sequence[str] | None) -> list[str] | None:
    return None if names is None else sorted(set(names))
