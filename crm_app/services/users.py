"""Who works here: listed, invited, deactivated and let in again. Records stay whose they are."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import Select, func, select, update

from crm_app.kernel import clock
from crm_app.kernel.errors import Conflict, Invalid, NotFound, Problem
from crm_app.services.account_audit import audit_account
from crm_app.services.account_links import INVITE, RESET, drop_links, make_link
from crm_app.services.accounts import MAX_NAME, add_user, require_administrator
from crm_app.services.policies import keeping_an_administrator
from crm_app.services.role_people import give_role, take_role
from crm_app.services.sessions import drop_sessions
from crm_app.services.teams import move_to_teams, require_no_circle
from crm_app.services.unit_of_work import UnitOfWork
from crm_app.storage.account_tables import AccountLinkRow, SecondFactorRow, SessionRow
from crm_app.storage.delegation_tables import ApiKeyRow
from crm_app.storage.system_tables import TeamMemberRow, TeamRow, UserRoleRow, UserRow, table_of

MOST_SHOWN = 500
_USERS, _ROLES, _TEAMS = table_of(UserRow), table_of(UserRoleRow), table_of(TeamRow)
_MEMBERS, _LINKS, _SESSIONS = table_of(TeamMemberRow), table_of(AccountLinkRow), table_of(SessionRow)
_KEYS, _FACTORS = table_of(ApiKeyRow), table_of(SecondFactorRow)


@dataclass(frozen=True)
class User:
    """`state` is active, invited (a link is waiting), locked out (no password and no link) or deactivated."""

    id: UUID
    name: str
    email: str
    state: str
    roles: Sequence[str]
    teams: Mapping[UUID, str]
    manager: UUID | None
    manager_name: str
    last_seen: datetime | None
    has_second_factor: bool


@dataclass(frozen=True)
class Invitation:
    """`secret` is part of the link, and shown once."""

    user: UUID
    secret: str


def list_users(work: UnitOfWork, search: str = "", limit: int = MOST_SHOWN) -> Sequence[User]:
    """By name; the words stand in the name or the address."""
    require_administrator(work)
    text = search.strip()
    named = _USERS.c.name.icontains(text, autoescape=True) | _USERS.c.email.icontains(text, autoescape=True)
    query = select(_USERS.c.id).where(named) if text else select(_USERS.c.id)
    ids = work.connection.execute(query.order_by(_USERS.c.name, _USERS.c.id).limit(limit)).scalars().all()
    return _users(work, ids)


def get_user(work: UnitOfWork, user: UUID) -> User:
    require_administrator(work)
    found = _users(work, [user])
    if not found:
        raise NotFound("There is no such person.")
    return found[0]


def invite_user(
    work: UnitOfWork,
    name: str,
    email: str,
    *,
    roles: Iterable[str] = (),
    manager: UUID | None = None,
    teams: Iterable[UUID] = (),
) -> Invitation:
    """They choose their password themselves, by the link."""
    user = add_user(work, name, email, manager=_known_manager(work, manager))
    for role in sorted(set(roles)):
        give_role(work, role, user)
    move_to_teams(work, user, teams)
    return Invitation(user, make_link(work, user, INVITE))


def new_link(work: UnitOfWork, user: UUID) -> Invitation:
    """Another invitation for who never came, a way to a new password for everybody else."""
    person = get_user(work, user)
    if person.state == "deactivated":
        raise Conflict(f"{person.name} is deactivated. Activate the account first.")
    has_password = work.connection.execute(select(_USERS.c.password_hash != "").where(_USERS.c.id == user)).scalar_one()
    return Invitation(user, make_link(work, user, RESET if has_password else INVITE))


def deactivate_user(work: UnitOfWork, user: UUID) -> None:
    """Sessions, keys and links end with the commit; records, teams and roles stay as they are."""
    person = get_user(work, user)
    if user == work.who.user_id:
        raise Conflict("You can't deactivate yourself. Ask another administrator.")
    if person.state == "deactivated":
        return
    with keeping_an_administrator(work.connection):
        work.connection.execute(update(_USERS).where(_USERS.c.id == user).values(is_active=False))
    drop_sessions(work.connection, user)
    drop_links(work.connection, user)
    live = (_KEYS.c.user == user) & _KEYS.c.revoked_at.is_(None)
    keys = work.connection.execute(update(_KEYS).where(live).values(revoked_at=clock.now())).rowcount
    audit_account(work, "user.deactivated", user, {"is_active": (True, False), "keys": (keys, 0)})


def reactivate_user(work: UnitOfWork, user: UUID) -> None:
    """With the password, roles and teams of before; keys that ended stay ended."""
    if get_user(work, user).state == "deactivated":
        work.connection.execute(update(_USERS).where(_USERS.c.id == user).values(is_active=True))
        audit_account(work, "user.reactivated", user, {"is_active": (False, True)})


def change_user(work: UnitOfWork, user: UUID, name: str, manager: UUID | None) -> None:
    """A manager who is somewhere below the person is refused."""
    person = get_user(work, user)
    wanted = name.strip()
    if not wanted or len(wanted) > MAX_NAME or not wanted.isprintable():
        message = f"A name has 1 to {MAX_NAME} printable characters."
        raise Invalid("The user was not changed.", [Problem("name", message)])
    if manager != person.manager:
        require_no_circle(work, _USERS, _USERS.c.manager, user, _known_manager(work, manager), "manager")
    work.connection.execute(update(_USERS).where(_USERS.c.id == user).values(name=wanted, manager=manager))
    changes = {"name": (person.name, wanted), "manager": (_text(person.manager), _text(manager))}
    differing = {key: value for key, value in changes.items() if value[0] != value[1]}
    if differing:
        audit_account(work, "user.changed", user, differing)


def set_roles(work: UnitOfWork, user: UUID, roles: Iterable[str]) -> None:
    """Exactly these. The last administrator stays one."""
    wanted, has = set(roles), set(get_user(work, user).roles)
    for role in sorted(wanted - has):
        give_role(work, role, user)
    for role in sorted(has - wanted):
        take_role(work, role, user)


def _known_manager(work: UnitOfWork, manager: UUID | None) -> UUID | None:
    if manager is not None:
        query = select(_USERS.c.id).where(_USERS.c.id == manager, _USERS.c.is_active)
        if work.connection.execute(query).first() is None:
            raise Invalid("The user was not changed.", [Problem("manager", "That manager has no active account.")])
    return manager


def _text(user: UUID | None) -> str | None:
    return None if user is None else str(user)


def _users(work: UnitOfWork, ids: Sequence[UUID]) -> list[User]:
    rows = {row["id"]: row for row in work.connection.execute(_facts().where(_USERS.c.id.in_(ids))).mappings()}
    roles: dict[UUID, list[str]] = {}
    teams: dict[UUID, dict[UUID, str]] = {}
    for user, role in work.connection.execute(select(_ROLES).where(_ROLES.c.user.in_(ids)).order_by(_ROLES.c.role)):
        roles.setdefault(user, []).append(role)
    joined = select(_MEMBERS.c.user, _TEAMS.c.id, _TEAMS.c.name).join(_TEAMS, _TEAMS.c.id == _MEMBERS.c.team)
    for user, team, name in work.connection.execute(joined.where(_MEMBERS.c.user.in_(ids)).order_by(_TEAMS.c.name)):
        teams.setdefault(user, {})[team] = name
    return [
        User(
            id=user,
            name=row["name"],
            email=row["email"],
            state=_state(is_active=row["is_active"], has_password=row["has_password"], has_link=row["has_link"]),
            roles=roles.get(user, []),
            teams=teams.get(user, {}),
            manager=row["manager"],
            manager_name=row["manager_name"] or "",
            last_seen=row["last_seen"],
            has_second_factor=row["has_factor"],
        )
        for user, row in ((each, rows[each]) for each in ids if each in rows)
    ]


def _facts() -> Select[*tuple[Any, ...]]:
    boss = _USERS.alias("boss")
    seen = select(func.max(_SESSIONS.c.last_used_at)).where(_SESSIONS.c.user == _USERS.c.id, _SESSIONS.c.need == "")
    link = select(_LINKS.c.hash).where(_LINKS.c.user == _USERS.c.id, _LINKS.c.expires_at > clock.now()).exists()
    factor = select(_FACTORS.c.user).where(_FACTORS.c.user == _USERS.c.id, _FACTORS.c.confirmed_at.is_not(None))
    return select(
        *(_USERS.c.id, _USERS.c.name, _USERS.c.email, _USERS.c.is_active, _USERS.c.manager),
        (_USERS.c.password_hash != "").label("has_password"),
        boss.c.name.label("manager_name"),
        seen.scalar_subquery().label("last_seen"),
        link.label("has_link"),
        factor.exists().label("has_factor"),
    ).join_from(_USERS, boss, boss.c.id == _USERS.c.manager, isouter=True)


def _state(*, is_active: bool, has_password: bool, has_link: bool) -> str:
    if not is_active:
        return "deactivated"
    if has_password:
        return "active"
    return "invited" if has_link else "locked out"
