"""Who has which role: giving and taking, each with what it means beforehand."""

from collections.abc import Iterable
from dataclasses import dataclass, replace
from uuid import UUID

from sqlalchemy import ColumnElement, delete, insert, select

from crm_app.definitions.role import ADMIN
from crm_app.kernel.errors import Conflict, Invalid, NotFound, Problem
from crm_app.services.accounts import require_administrator
from crm_app.services.audit_entries import Entry, write_entry
from crm_app.services.live import load_people
from crm_app.services.policies import compiled, keeping_an_administrator, stored_lines
from crm_app.services.role_difference import Difference, Side, difference
from crm_app.services.session_holds import end_for_more_rights
from crm_app.services.unit_of_work import UnitOfWork
from crm_app.storage.system_tables import UserRoleRow, UserRow, table_of

_USER_ROLES, _USERS = table_of(UserRoleRow), table_of(UserRow)


class AlreadyGiven(Conflict):
    code = "already_given"


@dataclass(frozen=True)
class Holder:
    id: UUID
    name: str
    email: str
    is_active: bool


def holders(work: UnitOfWork, role: str) -> list[Holder]:
    """Who was given the role, by name."""
    require_administrator(work)
    given = select(_USER_ROLES.c.user).where(_USER_ROLES.c.role == role)
    return _people(work, _USERS.c.id.in_(given))


def others(work: UnitOfWork, role: str, words: str, limit: int) -> list[Holder]:
    """Active people without the role whose name or address holds the words."""
    require_administrator(work)
    given = select(_USER_ROLES.c.user).where(_USER_ROLES.c.role == role)
    text = words.strip()
    named = _USERS.c.name.icontains(text, autoescape=True) | _USERS.c.email.icontains(text, autoescape=True)
    return _people(work, _USERS.c.id.not_in(given) & _USERS.c.is_active & named, limit)


def give_role(work: UnitOfWork, role: str, person: UUID) -> None:
    """From the person's next log-in on: their sessions end, so that whoever took one over has no part in it."""
    require_administrator(work)
    holder = _person(work, person)
    _require_role(work, role)
    if role in _roles_of(work, person):
        raise AlreadyGiven(f"{holder.name} has this role already.")
    work.connection.execute(insert(_USER_ROLES), {"user": person, "role": role})
    end_for_more_rights(work, person)
    _tell(work, "role.given", role, holder)


def take_role(work: UnitOfWork, role: str, person: UUID) -> None:
    """From the person's next request on. The last one who may administer the workspace keeps that."""
    require_administrator(work)
    holder = _person(work, person)
    if role not in _roles_of(work, person):
        raise NotFound(f"{holder.name} doesn't have this role.")
    with keeping_an_administrator(work.connection):
        mine = (_USER_ROLES.c.user == person) & (_USER_ROLES.c.role == role)
        work.connection.execute(delete(_USER_ROLES).where(mine))
    _tell(work, "role.taken", role, holder)


def given_difference(work: UnitOfWork, person: UUID, roles: Iterable[str]) -> Difference:
    """What the person would gain and lose with exactly these roles."""
    require_administrator(work)
    _person(work, person)
    policy = compiled(stored_lines(work.connection))
    now = load_people(work.connection, [person])
    then = {each: replace(who, roles=tuple(sorted(set(roles)))) for each, who in now.items()}
    return difference(work, Side(policy, now), Side(policy, then))


def with_role(work: UnitOfWork, person: UUID, role: str) -> set[str]:
    return {*_roles_of(work, person), role}


def without_role(work: UnitOfWork, person: UUID, role: str) -> set[str]:
    return _roles_of(work, person) - {role}


def _roles_of(work: UnitOfWork, person: UUID) -> set[str]:
    query = select(_USER_ROLES.c.role).where(_USER_ROLES.c.user == person)
    return set(work.connection.execute(query).scalars())


def _require_role(work: UnitOfWork, role: str) -> None:
    if role != ADMIN and not any(each.name == role for each in work.catalog.roles):
        known = ", ".join(sorted([ADMIN, *(each.name for each in work.catalog.roles)]))
        raise Invalid("The role was not given.", [Problem("role", f"There is no role '{role[:50]}'. Known: {known}.")])


def _person(work: UnitOfWork, person: UUID) -> Holder:
    found = _people(work, _USERS.c.id == person)
    if not found:
        raise NotFound("There is no such person.")
    return found[0]


def _people(work: UnitOfWork, which: ColumnElement[bool], limit: int | None = None) -> list[Holder]:
    query = select(_USERS.c.id, _USERS.c.name, _USERS.c.email, _USERS.c.is_active).where(which)
    rows = work.connection.execute(query.order_by(_USERS.c.name, _USERS.c.id).limit(limit))
    return [Holder(*row) for row in rows]


def _tell(work: UnitOfWork, name: str, role: str, holder: Holder) -> None:
    said = {"role": role, "person": f"{holder.name} <{holder.email}>"}
    is_given = name == "role.given"
    write_entry(work, Entry(name, "user", holder.id, after=said if is_given else {}, before={} if is_given else said))
