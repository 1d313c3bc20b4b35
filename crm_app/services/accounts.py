"""People: who there is, how they prove it, and the sessions they hold. Passwords are Argon2id, sessions random secrets
of which only a hash is kept.
"""

from collections.abc import Iterable
from datetime import timedelta
from functools import cache
from uuid import UUID

from argon2 import PasswordHasher
from argon2.exceptions import InvalidHashError, VerifyMismatchError
from sqlalchemy import Connection, delete, func, insert, select, text

from crm_app.kernel import clock
from crm_app.kernel.actor import SessionActor
from crm_app.kernel.errors import Forbidden, Invalid, Problem
from crm_app.kernel.ids import new_id, new_secret, secret_hash
from crm_app.services.definitions import WORKSPACE
from crm_app.services.unit_of_work import UnitOfWork
from crm_app.services.workspace import Workspace
from crm_app.storage.engine import transaction
from crm_app.storage.system_tables import (
    LoginAttemptRow,
    SessionRow,
    TeamMemberRow,
    TeamRow,
    UserRoleRow,
    UserRow,
    table_of,
)

SESSION_HOURS = 12
ATTEMPTS = 5
ATTEMPT_WINDOW = timedelta(minutes=1)
MIN_PASSWORD = 8

_USERS, _SESSIONS, _ATTEMPTS = table_of(UserRow), table_of(SessionRow), table_of(LoginAttemptRow)
_hasher = PasswordHasher()


class LoginRefused(Invalid):
    """One text for every cause, so that nobody learns which accounts exist."""

    code = "login_refused"


class TooManyAttempts(LoginRefused):
    """Refused before the password is looked at."""

    code, status = "too_many_attempts", 429


@cache
def _decoy_hash() -> str:
    return _hasher.hash(new_secret())


def log_in(workspace: Workspace, email: str, password: str, address: str) -> str:
    """The secret of a new session, for an HttpOnly cookie. An unknown account takes as long as a wrong password."""
    subjects = [f"account:{email.strip().casefold()[:254]}", f"address:{address[:64]}"]
    with transaction(workspace.engine) as connection:
        _require_few_attempts(connection, subjects)
        row = connection.execute(
            select(_USERS.c.id, _USERS.c.password_hash, _USERS.c.is_active).where(
                func.lower(_USERS.c.email) == email.strip().lower()
            )
        ).one_or_none()
    is_right = _verify(row[1] if row and row[1] else _decoy_hash(), password)
    with transaction(workspace.engine) as connection:
        if row is not None and row[1] and row[2] and is_right:
            connection.execute(delete(_ATTEMPTS).where(_ATTEMPTS.c.subject == subjects[0]))
            return _open_session(connection, row[0])
        attempts = [{"id": new_id(), "subject": subject, "at": clock.now()} for subject in subjects]
        connection.execute(insert(_ATTEMPTS), attempts)
    raise LoginRefused("The email address or the password is not right.")


def log_out(workspace: Workspace, secret: str) -> None:
    """Ends the session; the next request with it is refused."""
    with transaction(workspace.engine) as connection:
        connection.execute(delete(_SESSIONS).where(_SESSIONS.c.hash == secret_hash(secret)))


def session_actor(secret: str) -> SessionActor:
    return SessionActor(secret_hash(secret))


def add_user(
    work: UnitOfWork,
    name: str,
    email: str,
    *,
    roles: Iterable[str] = (),
    password: str = "",
    manager: UUID | None = None,
) -> UUID:
    """Without a password the person can own records but not log in."""
    _require_administrator(work)
    if password and len(password) < MIN_PASSWORD:
        raise Invalid("The user was not added.", [Problem("password", f"At least {MIN_PASSWORD} characters.")])
    address = email.strip().lower()
    if work.connection.execute(select(_USERS.c.id).where(_USERS.c.email == address)).first():
        raise Invalid("The user was not added.", [Problem("email", f"{address} already has an account.")])
    user_id = new_id()
    body = {
        "id": user_id,
        "name": name.strip(),
        "email": address,
        "password_hash": _hasher.hash(password) if password else "",
        "time_zone": "",
        "manager": manager,
        "is_active": True,
        "created_at": clock.now(),
    }
    work.connection.execute(insert(_USERS), body)
    if granted := [{"user": user_id, "role": role} for role in roles]:
        work.connection.execute(insert(table_of(UserRoleRow)), granted)
    return user_id


def add_team(work: UnitOfWork, name: str, *, manager: UUID | None = None, parent: UUID | None = None) -> UUID:
    """A manager sees what the members of the team, and of the teams under it, own."""
    _require_administrator(work)
    team_id = new_id()
    work.connection.execute(
        insert(table_of(TeamRow)), {"id": team_id, "name": name, "manager": manager, "parent": parent}
    )
    return team_id


def add_member(work: UnitOfWork, team: UUID, user: UUID) -> None:
    _require_administrator(work)
    work.connection.execute(insert(table_of(TeamMemberRow)), {"team": team, "user": user})


def find_user(work: UnitOfWork, email: str) -> UUID | None:
    """The active account with that address."""
    query = select(_USERS.c.id).where(_USERS.c.email == email.strip().lower(), _USERS.c.is_active)
    return work.connection.execute(query).scalar_one_or_none()


def _require_administrator(work: UnitOfWork) -> None:
    if not work.access(WORKSPACE).allows("administer"):
        raise Forbidden("Only an administrator can change accounts and teams.")


def _verify(password_hash: str, password: str) -> bool:
    try:
        return _hasher.verify(password_hash, password)
    except (VerifyMismatchError, InvalidHashError):
        return False


def _require_few_attempts(connection: Connection, subjects: list[str]) -> None:
    now = clock.now()
    connection.execute(text("DELETE FROM crm.login_attempt WHERE at < :old"), {"old": now - ATTEMPT_WINDOW * 10})
    query = (
        select(_ATTEMPTS.c.subject, func.count())
        .where(_ATTEMPTS.c.subject.in_(subjects), _ATTEMPTS.c.at > now - ATTEMPT_WINDOW)
        .group_by(_ATTEMPTS.c.subject)
    )
    limits = {subjects[0]: ATTEMPTS, subjects[1]: ATTEMPTS * 6}
    if any(count >= limits[subject] for subject, count in connection.execute(query)):
        raise TooManyAttempts("Too many attempts. Please wait a minute and try again.")


def _open_session(connection: Connection, user_id: UUID) -> str:
    secret, now = new_secret(), clock.now()
    connection.execute(delete(_SESSIONS).where(_SESSIONS.c.expires_at < now))
    connection.execute(
        insert(_SESSIONS),
        {
            "hash": secret_hash(secret),
            "user": user_id,
            "created_at": now,
            "expires_at": now + timedelta(hours=SESSION_HOURS),
        },
    )
    return secret
