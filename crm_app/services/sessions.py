"""The sessions that people hold: listed by device, ended one by one or all. The next request of an ended one, and the
next event of its open pages, is refused in every process.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from uuid import UUID

from sqlalchemy import Connection, delete, insert, select

from crm_app.kernel import clock
from crm_app.kernel.actor import SessionActor
from crm_app.kernel.errors import Forbidden, NotFound
from crm_app.kernel.ids import new_id, new_secret, secret_hash
from crm_app.services.account_audit import audit_account
from crm_app.services.devices import LONGEST, device_words
from crm_app.services.in_person import is_administrator
from crm_app.services.session_uses import IDLE, SESSION_HOURS
from crm_app.services.unit_of_work import UnitOfWork
from crm_app.storage.account_tables import SessionRow
from crm_app.storage.system_tables import table_of

PENDING = timedelta(minutes=10)
_SESSIONS = table_of(SessionRow)


@dataclass(frozen=True)
class Visitor:
    """Where a log-in comes from. `known_device` is what the last log-in on this device left there."""

    address: str = ""
    agent: str = ""
    known_device: str = ""


@dataclass(frozen=True)
class HeldSession:
    id: UUID
    device: str
    address: str
    method: str
    created_at: datetime
    last_used_at: datetime
    expires_at: datetime
    is_this: bool


def session_actor(secret: str) -> SessionActor:
    return SessionActor(secret_hash(secret))


def open_session(connection: Connection, user: UUID, visitor: Visitor, method: str, need: str = "") -> str:
    """The secret of a new session, for an HttpOnly cookie."""
    secret, now = new_secret(), clock.now()
    connection.execute(
        delete(_SESSIONS).where((_SESSIONS.c.expires_at < now) | (_SESSIONS.c.last_used_at < now - IDLE))
    )
    body = {
        "hash": secret_hash(secret),
        "id": new_id(),
        "user": user,
        "created_at": now,
        "last_used_at": now,
        "expires_at": now + (PENDING if need else timedelta(hours=SESSION_HOURS)),
        "address": visitor.address[:64],
        "agent": visitor.agent[:LONGEST],
        "method": method,
        "need": need,
    }
    connection.execute(insert(_SESSIONS), body)
    return secret


def drop_session(connection: Connection, secret: str) -> UUID | None:
    """Whose it was."""
    ended = delete(_SESSIONS).where(_SESSIONS.c.hash == secret_hash(secret)).returning(_SESSIONS.c.user)
    return connection.execute(ended).scalar_one_or_none()


def drop_sessions(connection: Connection, user: UUID, but: str = "") -> int:
    """All of a person's, or all but that with the hash `but`."""
    ended = delete(_SESSIONS).where(_SESSIONS.c.user == user, _SESSIONS.c.hash != but)
    return connection.execute(ended).rowcount


def list_sessions(work: UnitOfWork, user: UUID | None = None) -> Sequence[HeldSession]:
    """One's own; an administrator may look at anybody's. The one last used comes first."""
    now = clock.now()
    query = (
        select(_SESSIONS)
        .where(_SESSIONS.c.user == _whose(work, user), _SESSIONS.c.need == "")
        .where(_SESSIONS.c.expires_at > now, _SESSIONS.c.last_used_at > now - IDLE)
        .order_by(_SESSIONS.c.last_used_at.desc(), _SESSIONS.c.id)
    )
    return [
        HeldSession(
            id=row["id"],
            device=device_words(row["agent"]),
            address=row["address"],
            method=row["method"],
            created_at=row["created_at"],
            last_used_at=row["last_used_at"],
            expires_at=row["expires_at"],
            is_this=row["hash"] == _own_hash(work),
        )
        for row in work.connection.execute(query).mappings()
    ]


def end_session(work: UnitOfWork, session: UUID, user: UUID | None = None) -> None:
    whose = _whose(work, user)
    ended = delete(_SESSIONS).where(_SESSIONS.c.id == session, _SESSIONS.c.user == whose)
    agent = work.connection.execute(ended.returning(_SESSIONS.c.agent)).scalar_one_or_none()
    if agent is None:
        raise NotFound("That session has already ended.")
    audit_account(work, "session.ended", whose, {"device": (device_words(agent), None)})


def end_sessions(work: UnitOfWork, user: UUID | None = None) -> int:
    """All others of one's own, or all of somebody else's; how many there were."""
    whose = _whose(work, user)
    count = drop_sessions(work.connection, whose, but=_own_hash(work))
    if count:
        audit_account(work, "session.ended", whose, {"sessions": (count, 0)})
    return count


def _own_hash(work: UnitOfWork) -> str:
    return work.actor.session_hash if isinstance(work.actor, SessionActor) else ""


def _whose(work: UnitOfWork, user: UUID | None) -> UUID:
    """Own sessions, unless an administrator asks for somebody else's. Whether those exist is not said to others."""
    found = user or work.who.user_id
    if work.standing.only_looks:
        raise Forbidden("The sessions of the person whom you look as are not shown.")
    if found is None or (found != work.who.user_id and not is_administrator(work)):
        raise Forbidden("Only an administrator can look at the sessions of others.")
    return found
