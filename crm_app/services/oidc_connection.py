"""Connecting one's own account with the other sign-in service, and taking that apart again. Who runs the other service
can't do it: it begins here, by somebody who is logged in and says again who they are.
"""

from dataclasses import dataclass
from uuid import UUID

from sqlalchemy import delete, select

from crm_app.kernel.actor import SessionActor
from crm_app.kernel.errors import Conflict, Invalid, Unauthenticated
from crm_app.kernel.ids import secret_hash
from crm_app.services.account_audit import audit_account
from crm_app.services.in_person import is_administrator, person_in_person
from crm_app.services.oidc_people import Claims, link, linked, prove
from crm_app.services.oidc_settings import Provider, provider
from crm_app.services.proving import doubt
from crm_app.services.second_factors import has_second_factor
from crm_app.services.sessions import session_actor
from crm_app.services.unit_of_work import UnitOfWork
from crm_app.services.users import get_user
from crm_app.services.workspace import Workspace
from crm_app.storage.account_tables import IdentityRow
from crm_app.storage.system_tables import UserRow, table_of

_CONNECT = "connect a sign-in service"
_IDENTITIES, _USERS = table_of(IdentityRow), table_of(UserRow)


class BelongsToAnother(Conflict):
    code = "belongs_to_another"


@dataclass(frozen=True)
class Connected:
    """`service` is empty where there is none to connect with, `as_email` where one is not connected: an
    administrator's is not by its address alone.
    """

    service: str
    as_email: str
    needs_code: bool


def connection_of(work: UnitOfWork) -> Connected:
    found = provider(work.connection)
    if found is None:
        return Connected("", "", needs_code=False)
    mine = (_IDENTITIES.c.user == work.who.user_id) & (_IDENTITIES.c.issuer == found.issuer)
    if is_administrator(work):
        mine &= _IDENTITIES.c.is_proven
    email = work.connection.execute(select(_IDENTITIES.c.email).where(mine)).scalar_one_or_none()
    needs_code = work.who.user_id is not None and has_second_factor(work.connection, work.who.user_id)
    return Connected(found.label, "" if email is None else email or "an account there", needs_code)


def is_connected(work: UnitOfWork, user: UUID) -> bool:
    mine = select(_IDENTITIES.c.subject).where(_IDENTITIES.c.user == user)
    return work.connection.execute(mine).first() is not None


def require_connectable(workspace: Workspace, secret: str, password: str, code: str) -> str:
    """The session that may now go to the service and come back with an account of it."""
    with workspace.work(session_actor(secret)) as work:
        user = person_in_person(work, _CONNECT)
        if provider(work.connection) is None:
            raise Conflict("There is no other sign-in service.")
    problem = doubt(workspace, user, "connect", password, code)
    if problem is not None:
        raise Invalid("Nothing was connected.", [problem])
    return secret_hash(secret)


def connect(workspace: Workspace, found: Provider, claims: Claims, session: str, secret: str) -> None:
    """The address need not be the same: whoever is logged in here has just logged in there, too."""
    if session != secret_hash(secret):
        raise Unauthenticated("You are not logged in any more. Please begin again.")
    with workspace.work(SessionActor(session)) as work:
        user = person_in_person(work, _CONNECT)
        known = linked(work, found, claims)
        if known is None:
            link(work, found, claims, user, is_proven=True)
        elif known.user != user:
            raise BelongsToAnother("That account of the sign-in service is connected with somebody else's here.")
        else:
            prove(work, found, claims)


def disconnect(work: UnitOfWork) -> None:
    """From then on the password alone counts, so there has to be one."""
    user = person_in_person(work, "disconnect a sign-in service")
    password = select(_USERS.c.password_hash).where(_USERS.c.id == user)
    if not work.connection.execute(password).scalar_one():
        raise Conflict("You have no password to log in with. Ask an administrator for a password link first.")
    _drop(work, user)


def disconnect_user(work: UnitOfWork, user: UUID) -> None:
    """By an administrator, for somebody who has another account at the service now."""
    _drop(work, get_user(work, user).id)


def _drop(work: UnitOfWork, user: UUID) -> None:
    gone = delete(_IDENTITIES).where(_IDENTITIES.c.user == user).returning(_IDENTITIES.c.issuer)
    issuers = work.connection.execute(gone).scalars().all()
    if not issuers:
        raise Conflict("That account is not connected with a sign-in service.")
    audit_account(work, "user.sign_in_unlinked", user, {"issuer": (", ".join(issuers), None)})
