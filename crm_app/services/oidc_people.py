"""Who somebody from another sign-in service is here: known by that service's subject, never by an address alone."""

from dataclasses import dataclass
from uuid import UUID

from sqlalchemy import ColumnElement, insert, select, update

from crm_app.kernel import clock
from crm_app.kernel.actor import SystemActor
from crm_app.kernel.errors import Forbidden
from crm_app.services.account_audit import audit_account
from crm_app.services.accounts import MAX_NAME, add_user
from crm_app.services.oidc_settings import Provider, may_administer
from crm_app.services.role_people import give_role, take_role
from crm_app.services.unit_of_work import UnitOfWork
from crm_app.services.workspace import Workspace
from crm_app.storage.account_tables import IdentityRow
from crm_app.storage.system_tables import UserRoleRow, UserRow, table_of

_USERS, _ROLES, _IDENTITIES = table_of(UserRow), table_of(UserRoleRow), table_of(IdentityRow)


class NoAccountHere(Forbidden):
    code = "no_account_here"


@dataclass(frozen=True)
class Claims:
    subject: str
    email: str
    is_verified: bool
    name: str
    groups: frozenset[str]
    has_second_factor: bool = False


def person_of(workspace: Workspace, found: Provider, claims: Claims) -> tuple[UUID, str]:
    """The account that belongs to the subject. The first time, the one with the verified address is linked, or a new
    one made where that is allowed. Nobody comes to an administrator's account by an address, whenever it was
    linked, for whoever runs the other service could take it; they connect it themselves (`oidc_connection`).
    """
    with workspace.work(SystemActor(f"sign-in by {found.issuer}")) as work:
        known = linked(work, found, claims)
        user = known.user if known is not None else _by_address(work, claims)
        if user is not None and not (known is not None and known.is_proven):
            _refuse_administrator(work, user)
        if user is None:
            user = _created(work, found, claims)
        if known is None:
            link(work, found, claims, user, is_proven=False)
        query = select(_USERS.c.name).where(_USERS.c.id == user, _USERS.c.is_active)
        name = work.connection.execute(query).scalar_one_or_none()
        if name is None:
            raise NoAccountHere("Your account here is deactivated. Ask an administrator.")
        _follow_groups(work, found, claims, user)
        return user, name


@dataclass(frozen=True)
class Linked:
    user: UUID
    is_proven: bool


def linked(work: UnitOfWork, found: Provider, claims: Claims) -> Linked | None:
    query = select(_IDENTITIES.c.user, _IDENTITIES.c.is_proven).where(*_is(found, claims))
    row = work.connection.execute(query).one_or_none()
    return Linked(*row) if row is not None else None


def prove(work: UnitOfWork, found: Provider, claims: Claims) -> None:
    work.connection.execute(update(_IDENTITIES).where(*_is(found, claims)).values(is_proven=True))


def _is(found: Provider, claims: Claims) -> tuple[ColumnElement[bool], ...]:
    return _IDENTITIES.c.issuer == found.issuer, _IDENTITIES.c.subject == claims.subject


def _by_address(work: UnitOfWork, claims: Claims) -> UUID | None:
    if not claims.email or not claims.is_verified:
        raise NoAccountHere("The sign-in service has not verified your email address.")
    query = select(_USERS.c.id).where(_USERS.c.email == claims.email)
    return work.connection.execute(query).scalar_one_or_none()


def _refuse_administrator(work: UnitOfWork, user: UUID) -> None:
    if any(may_administer(work, role) for role in _roles_of(work, user)):
        raise NoAccountHere("An administrator connects it first, on the page of their account, logged in by password.")


def _created(work: UnitOfWork, found: Provider, claims: Claims) -> UUID:
    if not found.creates:
        raise NoAccountHere("You have no account here. Ask an administrator to invite you.")
    name = (claims.name or claims.email.partition("@")[0])[:MAX_NAME]
    return add_user(work, name, claims.email, roles=[found.default_role] if found.default_role else [])


def link(work: UnitOfWork, found: Provider, claims: Claims, user: UUID, *, is_proven: bool) -> None:
    body = {"issuer": found.issuer, "subject": claims.subject, "user": user, "is_proven": is_proven}
    taken = select(_IDENTITIES.c.subject).where(_IDENTITIES.c.issuer == found.issuer, _IDENTITIES.c.user == user)
    if work.connection.execute(taken).first() is not None:
        raise NoAccountHere("That account belongs to somebody else at the sign-in service. Ask an administrator.")
    work.connection.execute(insert(_IDENTITIES), {**body, "email": claims.email, "created_at": clock.now()})
    audit_account(work, "user.sign_in_linked", user, {"issuer": (None, found.issuer)})


def _follow_groups(work: UnitOfWork, found: Provider, claims: Claims, user: UUID) -> None:
    """Only the roles that groups give are given and taken; what was given by hand stays. A role that has come to
    administer since it was set is not given.
    """
    ruled = set(found.group_roles.values()) - {found.default_role}
    wanted = {role for group, role in found.group_roles.items() if group in claims.groups}
    has = _roles_of(work, user)
    for role in sorted(wanted - has):
        if not may_administer(work, role):
            give_role(work, role, user)
    for role in sorted((has & ruled) - wanted):
        take_role(work, role, user)


def _roles_of(work: UnitOfWork, user: UUID) -> set[str]:
    return set(work.connection.execute(select(_ROLES.c.role).where(_ROLES.c.user == user)).scalars())
