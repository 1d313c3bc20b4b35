"""An administrator's session may for a while look as somebody else, who then sees what both may see and can change
nothing; or break the glass, and reach everything. Both end by themselves, with the session, and with the right to
administer; both are in the audit with both names, the reason and the end.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from uuid import UUID

from sqlalchemy import delete, insert, select

from crm_app.kernel import clock
from crm_app.kernel.actor import SessionActor
from crm_app.kernel.errors import Forbidden, Invalid, NotFound, Problem
from crm_app.kernel.ids import secret_hash
from crm_app.services.audit_entries import MAX_REASON, Entry, write_entry
from crm_app.services.identification import BREAK_GLASS, LOOK_AS
from crm_app.services.in_person import person_in_person, require_administrator, require_in_person
from crm_app.services.live import load_person
from crm_app.services.proving import doubt
from crm_app.services.unit_of_work import UnitOfWork
from crm_app.services.workspace import Workspace
from crm_app.storage.account_tables import SessionRow
from crm_app.storage.delegation_tables import SessionModeRow
from crm_app.storage.system_tables import UserRow, table_of

LOOK_MINUTES, GLASS_MINUTES = 60, 30
MIN_REASON = 10
_MODES, _SESSIONS, _USERS = table_of(SessionModeRow), table_of(SessionRow), table_of(UserRow)
_WORDS = {LOOK_AS: ("looking.started", "looking.stopped"), BREAK_GLASS: ("glass.broken", "glass.mended")}


@dataclass(frozen=True)
class CurrentMode:
    """Of any administrator's session; `target` is empty where the glass is broken."""

    session: UUID
    kind: str
    person: str
    target: str
    reason: str
    since: datetime
    until: datetime


def look_as(work: UnitOfWork, user: UUID, reason: str = "", minutes: int = LOOK_MINUTES) -> None:
    """From the next request on, for this session."""
    session = _own_session(work, "look as somebody else")
    person = load_person(work.connection, user)
    if person is None:
        raise NotFound("There is no active user whom you could look as.")
    if user == work.who.user_id:
        raise Invalid("You are yourself already.")
    _begin(work, session, LOOK_AS, person.name, user, _reason(reason, 0), _minutes(minutes, LOOK_MINUTES))


def break_glass(
    workspace: Workspace, secret: str, password: str, reason: str, minutes: int = GLASS_MINUTES, code: str = ""
) -> None:
    """Everything is open to this session, after the person said again who they are, and why: with the second factor
    too, where they have one. Guesses are slowed down like those of a log-in.
    """
    actor = SessionActor(secret_hash(secret), is_oneself=True)
    with workspace.work(actor) as work:
        _own_session(work, "break the glass")
        reason, length = _reason(reason, MIN_REASON), _minutes(minutes, GLASS_MINUTES)
        user = person_in_person(work, "break the glass")
    problem = doubt(workspace, user, "glass", password, code)
    if problem is not None:
        with workspace.work(actor) as work:
            write_entry(work, Entry("glass.refused", "user", user, reason=reason))
        raise Invalid("The glass was not broken.", [problem])
    with workspace.work(actor) as work:
        _begin(work, _own_session(work, "break the glass"), BREAK_GLASS, "", None, reason, length)


def stop_mode(work: UnitOfWork) -> None:
    """For a unit of work of oneself (`SessionActor.is_oneself`)."""
    if isinstance(work.actor, SessionActor):
        _end(work, work.actor.session_hash)


def current_modes(work: UnitOfWork) -> Sequence[CurrentMode]:
    require_administrator(work, "see who looks as whom")
    target = _USERS.alias("target")
    query = (
        select(
            _SESSIONS.c.id, _MODES.c.kind, _USERS.c.name, target.c.name, _MODES.c.reason, _MODES.c.since, _MODES.c.until
        )
        .join_from(_MODES, _SESSIONS, _SESSIONS.c.hash == _MODES.c.session)
        .join(_USERS, _USERS.c.id == _SESSIONS.c.user)
        .outerjoin(target, target.c.id == _MODES.c.target)
        .where(_MODES.c.until > clock.now())
        .order_by(_MODES.c.since.desc())
    )
    return [
        CurrentMode(session, kind, person, seen or "", reason, since, until)
        for session, kind, person, seen, reason, since, until in work.connection.execute(query)
    ]


def end_mode(work: UnitOfWork, session: UUID) -> None:
    """Any administrator ends that of another."""
    require_administrator(work, "end what another administrator does")
    found = select(_SESSIONS.c.hash).where(_SESSIONS.c.id == session)
    if not _end(work, work.connection.execute(found).scalar_one_or_none() or ""):
        raise NotFound("That has ended already.")


def _own_session(work: UnitOfWork, what: str) -> str:
    require_in_person(work, what)
    require_administrator(work, what)
    if not isinstance(work.actor, SessionActor):
        raise Forbidden(f"Only from a page, by who is logged in, can somebody {what}.")
    return work.actor.session_hash


def _begin(
    work: UnitOfWork, session: str, kind: str, seen: str, target: UUID | None, reason: str, length: timedelta
) -> None:
    _end(work, session)
    now = clock.now()
    until = now + length
    row = {"session": session, "kind": kind, "target": target, "reason": reason, "since": now, "until": until}
    work.connection.execute(insert(_MODES), row)
    after = {**({"seen": seen} if seen else {}), "until": until.isoformat(timespec="minutes")}
    write_entry(work, Entry(_WORDS[kind][0], "user", target or work.who.user_id, after=after, reason=reason))


def _end(work: UnitOfWork, session: str) -> bool:
    ended = delete(_MODES).where(_MODES.c.session == session).returning(_MODES.c.kind, _MODES.c.target)
    row = work.connection.execute(ended).one_or_none()
    if row is not None:
        write_entry(work, Entry(_WORDS[row.kind][1], "user", row.target or work.who.user_id))
    return row is not None


def _reason(text: str, shortest: int) -> str:
    reason = " ".join(text.split())[:MAX_REASON]
    if len(reason) < shortest:
        raise Invalid("A reason is needed.", [Problem("reason", f"Say why, in at least {shortest} characters.")])
    return reason


def _minutes(minutes: int, longest: int) -> timedelta:
    if not 1 <= minutes <= longest:
        raise Invalid("It can't be that long.", [Problem("minutes", f"Between 1 and {longest} minutes.")])
    return timedelta(minutes=minutes)
