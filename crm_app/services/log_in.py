"""Coming in with an email address and a password, and going out again."""

from dataclasses import dataclass
from typing import NamedTuple
from uuid import UUID

from sqlalchemy import Connection, func, select, update

from crm_app.kernel.actor import UserActor
from crm_app.kernel.ids import new_secret, secret_hash
from crm_app.services.account_audit import audit_sign_in
from crm_app.services.devices import device_words
from crm_app.services.passwords import hashed, is_outdated, is_right
from crm_app.services.second_factors import has_second_factor
from crm_app.services.sessions import Visitor, drop_session, open_session
from crm_app.services.sign_in_settings import roles_with_second_factor
from crm_app.services.throttle import PER_ACCOUNT, PER_ADDRESS, LoginRefused, begin_attempt, forgive
from crm_app.services.workspace import Workspace
from crm_app.storage.engine import transaction
from crm_app.storage.secret_box import CannotOpen
from crm_app.storage.system_tables import UserRow, table_of

_USERS = table_of(UserRow)
_DEVICE = "known device"
_WRONG = "The email address or the password is not right."
_ONE_FACTOR = ("password", "link", "oidc")


class Person(NamedTuple):
    id: UUID
    name: str
    password_hash: str
    is_active: bool


@dataclass(frozen=True)
class Entry:
    """A new session's secret. `need` says what is still to be done before it opens anything; `device` is to be kept by
    the browser, so that others who guess at this account don't slow this device down.
    """

    secret: str
    need: str
    device: str


def log_in(workspace: Workspace, email: str, password: str, visitor: Visitor | None = None) -> Entry:
    """An unknown account takes as long as a wrong password, and is refused in the same words. So is a password that was
    changed while it was looked at: who changed it has ended the sessions that it had opened.
    """
    visitor = visitor or Visitor()
    account = email.strip().lower()[:254]
    with transaction(workspace.engine) as connection:
        person = _person(connection, account)
        whose = who_is_slowed(workspace, account, person.id if person else None, visitor)
        begin_attempt(connection, {whose: PER_ACCOUNT, address_of(visitor): PER_ADDRESS})
    kept = person.password_hash if person is not None and person.is_active else ""
    if not is_right(kept, password) or person is None:
        if person is not None:
            with transaction(workspace.engine) as connection:
                _note(connection, "login.refused", person, visitor)
        raise LoginRefused(_WRONG)
    with transaction(workspace.engine) as connection:
        if not still_has(connection, person):
            raise LoginRefused(_WRONG)
        forgive(connection, [whose], address_of(visitor))
        if is_outdated(person.password_hash):
            renewed = update(_USERS).where(_USERS.c.id == person.id).values(password_hash=hashed(password))
            connection.execute(renewed)
        return enter(workspace, connection, person, visitor, "password")


def still_has(connection: Connection, person: Person) -> bool:
    """Whether the password that was found right is still theirs. It stays so until this transaction is over."""
    query = select(_USERS.c.password_hash).where(_USERS.c.id == person.id, _USERS.c.is_active).with_for_update()
    return connection.execute(query).scalar_one_or_none() == person.password_hash


def enter(workspace: Workspace, connection: Connection, person: Person, visitor: Visitor, method: str) -> Entry:
    """The session of somebody who has proven who they are; where only by one factor, the second may be missing."""
    need = _need(workspace, connection, person.id) if method in _ONE_FACTOR else ""
    secret = open_session(connection, person.id, visitor, method, need)
    if need:
        return Entry(secret, need, "")
    _note(connection, "login", person, visitor)
    return Entry(secret, "", _device_of(workspace, person.id))


def _need(workspace: Workspace, connection: Connection, user: UUID) -> str:
    """What is still to be done: `code`, or `enrol` where one of the person's roles asks for a second factor."""
    if has_second_factor(connection, user):
        return "code"
    asked = roles_with_second_factor(connection)
    if not asked:
        return ""
    with workspace.work(UserActor(user)) as work:
        return "enrol" if work.roles & asked else ""


def log_out(workspace: Workspace, secret: str) -> None:
    """Ends the session; the next request with it is refused."""
    with transaction(workspace.engine) as connection:
        drop_session(connection, secret)


def address_of(visitor: Visitor) -> str:
    return f"address:{visitor.address[:64]}"


def who_is_slowed(workspace: Workspace, account: str, user: UUID | None, visitor: Visitor) -> str:
    """The account; or, where this person was let in before, the device, which others can't use up."""
    if user is not None and visitor.known_device:
        try:
            owner, _, _ = workspace.tools.secrets.open(visitor.known_device, _DEVICE).partition(" ")
        except CannotOpen:
            owner = ""
        if owner == str(user):
            return f"device:{secret_hash(visitor.known_device)}"
    return f"account:{account}"


def _device_of(workspace: Workspace, user: UUID) -> str:
    return workspace.tools.secrets.seal(f"{user} {new_secret()}", _DEVICE)


def _person(connection: Connection, account: str) -> Person | None:
    columns = (_USERS.c.id, _USERS.c.name, _USERS.c.password_hash, _USERS.c.is_active)
    row = connection.execute(select(*columns).where(func.lower(_USERS.c.email) == account)).one_or_none()
    return Person(*row) if row is not None else None


def _note(connection: Connection, name: str, person: Person, visitor: Visitor) -> None:
    where = {"device": (None, device_words(visitor.agent)), "address": (None, visitor.address[:64])}
    audit_sign_in(connection, name, person.id, person.name, where)
