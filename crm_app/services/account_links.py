"""Invitations and ways to a new password: a link with a secret that is good once. Only its hash is kept."""

from dataclasses import dataclass
from datetime import timedelta
from uuid import UUID

from sqlalchemy import Connection, delete, insert, select, update

from crm_app.kernel import clock
from crm_app.kernel.errors import NotFound
from crm_app.kernel.ids import new_secret, secret_hash
from crm_app.services.account_audit import audit_account, audit_sign_in
from crm_app.services.log_in import Entry, Person, address_of, enter
from crm_app.services.passwords import hashed, minimum_length, require_good
from crm_app.services.second_factors import has_second_factor
from crm_app.services.sessions import Visitor, drop_sessions
from crm_app.services.throttle import PER_ADDRESS, begin_attempt, forgive
from crm_app.services.unit_of_work import UnitOfWork
from crm_app.services.workspace import Workspace
from crm_app.storage.account_tables import AccountLinkRow
from crm_app.storage.engine import transaction
from crm_app.storage.system_tables import UserRow, table_of

INVITE, RESET = "invite", "reset"
LIVES = {INVITE: timedelta(days=7), RESET: timedelta(hours=24)}
_LINKS, _USERS = table_of(AccountLinkRow), table_of(UserRow)
_AUDITED = {INVITE: "user.invited", RESET: "user.reset_link_made"}


class LinkIsOver(NotFound):
    code = "link_is_over"


@dataclass(frozen=True)
class Invited:
    """Whom a live link is for. `minimum` is how long their password must be."""

    user: UUID
    name: str
    email: str
    purpose: str
    minimum: int


def make_link(work: UnitOfWork, user: UUID, purpose: str) -> str:
    """The secret, to be shown once. Earlier links of that person end."""
    drop_links(work.connection, user)
    secret, now = new_secret(), clock.now()
    body = {"hash": secret_hash(secret), "user": user, "purpose": purpose, "created_at": now}
    more = {"created_by": work.who.user_id, "expires_at": now + LIVES[purpose]}
    work.connection.execute(insert(_LINKS), body | more)
    audit_account(work, _AUDITED[purpose], user)
    return secret


def drop_links(connection: Connection, user: UUID) -> None:
    connection.execute(delete(_LINKS).where(_LINKS.c.user == user))


def look_up(workspace: Workspace, secret: str) -> Invited:
    with transaction(workspace.engine) as connection:
        return _invited(connection, secret)


def take_link(workspace: Workspace, secret: str, password: str, visitor: Visitor) -> Entry:
    """Sets the password, ends every session of before and logs in. A refused password leaves the link as it is."""
    with transaction(workspace.engine) as connection:
        begin_attempt(connection, {address_of(visitor): PER_ADDRESS})
    with transaction(workspace.engine) as connection:
        invited = _invited(connection, secret, for_update=True)
        forgive(connection, [], address_of(visitor))
        require_good(password, invited.minimum, (invited.name, invited.email))
        set_password(connection, invited.user, invited.name, password)
        drop_links(connection, invited.user)
        drop_sessions(connection, invited.user)
        person = Person(invited.user, invited.name, "", is_active=True)
        return enter(workspace, connection, person, visitor, "link")


def set_password(connection: Connection, user: UUID, name: str, password: str) -> None:
    """Of a password that was found good. Before sessions are dropped: a log-in with the old one then waits and is
    refused, or has opened a session that is dropped.
    """
    connection.execute(update(_USERS).where(_USERS.c.id == user).values(password_hash=hashed(password)))
    audit_sign_in(connection, "user.password_changed", user, name)


def _invited(connection: Connection, secret: str, *, for_update: bool = False) -> Invited:
    query = (
        select(_USERS.c.id, _USERS.c.name, _USERS.c.email, _LINKS.c.purpose)
        .join_from(_LINKS, _USERS, _USERS.c.id == _LINKS.c.user)
        .where(_LINKS.c.hash == secret_hash(secret), _LINKS.c.expires_at > clock.now(), _USERS.c.is_active)
    )
    row = connection.execute(query.with_for_update(of=_LINKS) if for_update else query).one_or_none()
    if row is None:
        raise LinkIsOver("This link was used already or is too old. Ask an administrator for a new one.")
    minimum = minimum_length(has_second_factor=has_second_factor(connection, row[0]))
    return Invited(row[0], row[1], row[2], row[3], minimum)
