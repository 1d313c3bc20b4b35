"""Between the password and the door: showing a second factor, or setting up the one that a role asks for."""

from uuid import UUID

from sqlalchemy import Connection, select

from crm_app.kernel import clock
from crm_app.kernel.errors import Unauthenticated
from crm_app.kernel.ids import secret_hash
from crm_app.services.account_audit import audit_sign_in
from crm_app.services.log_in import Entry, Person, address_of, enter
from crm_app.services.second_factors import SetUp, WrongCode, accept, begin_set_up, confirm_set_up
from crm_app.services.session_holds import ENROL
from crm_app.services.sessions import Visitor, drop_session
from crm_app.services.throttle import PER_ACCOUNT, PER_ADDRESS, begin_attempt, forgive
from crm_app.services.workspace import Workspace
from crm_app.storage.account_tables import SessionRow
from crm_app.storage.engine import transaction
from crm_app.storage.system_tables import UserRow, table_of

CODE = "code"
_SESSIONS, _USERS = table_of(SessionRow), table_of(UserRow)


def waiting_for(workspace: Workspace, secret: str) -> str:
    """What this session still needs before it opens anything; nothing where it is over, or whole."""
    query = select(_SESSIONS.c.need).where(_SESSIONS.c.hash == secret_hash(secret))
    with transaction(workspace.engine) as connection:
        live = query.where(_SESSIONS.c.expires_at > clock.now())
        return connection.execute(live).scalar_one_or_none() or ""


def show_code(workspace: Workspace, secret: str, code: str, visitor: Visitor) -> Entry:
    """The waiting session is exchanged for a whole one under a new secret."""
    person, _ = _attempt(workspace, secret, CODE, visitor)
    with transaction(workspace.engine) as connection:
        method = accept(connection, workspace.tools.secrets, person.id, code)
        if method:
            if method == "recovery":
                audit_sign_in(connection, "second_factor.recovery_code_used", person.id, person.name)
            return _exchange(workspace, connection, person, secret, visitor, method)
        audit_sign_in(connection, "second_factor.refused", person.id, person.name)
    raise WrongCode("The code is not right, or was used already.")


def shown_set_up(workspace: Workspace, secret: str) -> SetUp:
    with transaction(workspace.engine) as connection:
        person, email = _waiting(connection, secret, ENROL)
        return begin_set_up(connection, workspace.tools.secrets, person.id, email, secret_hash(secret))


def finish_set_up(workspace: Workspace, secret: str, code: str, visitor: Visitor) -> Entry:
    person, _ = _attempt(workspace, secret, ENROL, visitor)
    with transaction(workspace.engine) as connection:
        confirm_set_up(connection, workspace.tools.secrets, person.id, code, secret_hash(secret))
        audit_sign_in(connection, "second_factor.set_up", person.id, person.name)
        return _exchange(workspace, connection, person, secret, visitor, "code")


def _attempt(workspace: Workspace, secret: str, need: str, visitor: Visitor) -> tuple[Person, str]:
    """Codes are short, so guessing them is slowed down like guessing passwords."""
    with transaction(workspace.engine) as connection:
        found = _waiting(connection, secret, need)
        begin_attempt(connection, {_slowed(found[0].id): PER_ACCOUNT, address_of(visitor): PER_ADDRESS})
    return found


def _exchange(
    workspace: Workspace, connection: Connection, person: Person, secret: str, visitor: Visitor, method: str
) -> Entry:
    forgive(connection, [_slowed(person.id)], address_of(visitor))
    drop_session(connection, secret)
    return enter(workspace, connection, person, visitor, method)


def _waiting(connection: Connection, secret: str, need: str) -> tuple[Person, str]:
    query = (
        select(_USERS.c.id, _USERS.c.name, _USERS.c.email)
        .join_from(_SESSIONS, _USERS, _USERS.c.id == _SESSIONS.c.user)
        .where(_SESSIONS.c.hash == secret_hash(secret), _SESSIONS.c.need == need)
        .where(_SESSIONS.c.expires_at > clock.now(), _USERS.c.is_active)
    )
    row = connection.execute(query).one_or_none()
    if row is None:
        raise Unauthenticated("Please log in.")
    return Person(row[0], row[1], "", is_active=True), row[2]


def _slowed(user: UUID) -> str:
    return f"code:{user}"
