"""Who works under whom and with whom: teams, their members, and the circles that neither may make."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from uuid import UUID

from sqlalchemy import ColumnElement, Table, delete, exists, select, update
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.exc import IntegrityError

from crm_app.kernel.errors import Conflict, Invalid, NotFound, Problem
from crm_app.services.account_audit import audit_account
from crm_app.services.accounts import MAX_NAME, add_team, require_administrator
from crm_app.services.unit_of_work import UnitOfWork
from crm_app.storage.access_tables import ShareRow
from crm_app.storage.system_tables import TeamMemberRow, TeamRow, UserRow, table_of

_TEAMS, _MEMBERS, _USERS = table_of(TeamRow), table_of(TeamMemberRow), table_of(UserRow)
_SHARES = table_of(ShareRow)


def ensure_team(work: UnitOfWork, name: str, *, manager: UUID | None = None, parent: UUID | None = None) -> UUID:
    """The team of that name, with this manager and parent where they are given."""
    require_administrator(work)
    found = work.connection.execute(select(_TEAMS.c.id).where(_TEAMS.c.name == name)).scalar_one_or_none()
    if found is None:
        return add_team(work, name, manager=manager, parent=parent)
    wanted = {key: value for key, value in (("manager", manager), ("parent", parent)) if value is not None}
    if wanted:
        work.connection.execute(update(_TEAMS).where(_TEAMS.c.id == found).values(wanted))
    return found


def join_team(work: UnitOfWork, team: UUID, user: UUID) -> None:
    """Does nothing for who is a member already."""
    require_administrator(work)
    work.connection.execute(insert(_MEMBERS).values(team=team, user=user).on_conflict_do_nothing())


def set_manager(work: UnitOfWork, user: UUID, manager: UUID | None) -> None:
    """Puts the person under somebody else, and out of the teams that the former manager leads."""
    require_administrator(work)
    former = work.connection.execute(select(_USERS.c.manager).where(_USERS.c.id == user)).scalar_one()
    if former == manager:
        return
    if former is not None:
        led = select(_TEAMS.c.id).where(_TEAMS.c.manager == former)
        work.connection.execute(delete(_MEMBERS).where(_MEMBERS.c.user == user, _MEMBERS.c.team.in_(led)))
    work.connection.execute(update(_USERS).where(_USERS.c.id == user).values(manager=manager))


@dataclass(frozen=True)
class Team:
    id: UUID
    name: str
    manager: UUID | None
    parent: UUID | None
    members: Mapping[UUID, str]


def list_teams(work: UnitOfWork) -> Sequence[Team]:
    """By name, with their members by name."""
    require_administrator(work)
    members: dict[UUID, dict[UUID, str]] = {}
    query = select(_MEMBERS.c.team, _USERS.c.id, _USERS.c.name).join(_USERS, _USERS.c.id == _MEMBERS.c.user)
    for team, user, name in work.connection.execute(query.order_by(_USERS.c.name, _USERS.c.id)):
        members.setdefault(team, {})[user] = name
    rows = work.connection.execute(select(_TEAMS).order_by(_TEAMS.c.name)).mappings()
    return [Team(r["id"], r["name"], r["manager"], r["parent"], members.get(r["id"], {})) for r in rows]


def save_team(
    work: UnitOfWork,
    team: UUID | None,
    name: str,
    *,
    manager: UUID | None,
    parent: UUID | None,
    members: Iterable[UUID],
) -> UUID:
    """A new one where `team` is none; exactly these members. A team can't be part of one that is part of it."""
    require_administrator(work)
    wanted = name.strip()
    _require_usable(work, team, wanted, parent)
    _require_known(work, manager, parent)
    before = next((each for each in list_teams(work) if each.id == team), None)
    if team is None:
        team = add_team(work, wanted, manager=manager, parent=parent)
    elif before is None:
        raise NotFound("There is no such team.")
    else:
        values = {"name": wanted, "manager": manager, "parent": parent}
        work.connection.execute(update(_TEAMS).where(_TEAMS.c.id == team).values(values))
        changes = {"name": (before.name, wanted), "manager": (_text(before.manager), _text(manager))}
        audit_account(work, "team.changed", team, {**changes, "parent": (_text(before.parent), _text(parent))}, "team")
    _set_members(work, team, set(before.members) if before else set(), set(members))
    return team


def remove_team(work: UnitOfWork, team: UUID) -> None:
    """One that people, other teams or records belong to stays. What was shared with it is shared no longer."""
    require_administrator(work)
    found = next((each for each in list_teams(work) if each.id == team), None)
    if found is None:
        raise NotFound("There is no such team.")
    if found.members:
        raise Conflict("It can't be removed: people are in it. Take them out first.")
    if work.connection.execute(select(exists().where(_TEAMS.c.parent == team))).scalar_one():
        raise Conflict("It can't be removed: other teams are part of it. Move those first.")
    work.connection.execute(delete(_SHARES).where(_SHARES.c.kind == "team", _SHARES.c.grantee == str(team)))
    try:
        with work.savepoint():
            work.connection.execute(delete(_TEAMS).where(_TEAMS.c.id == team))
    except IntegrityError:
        raise Conflict("It can't be removed: records name it, deleted ones among them. Change those first.") from None
    audit_account(work, "team.removed", team, {"name": (found.name, None)}, "team")


def move_to_teams(work: UnitOfWork, user: UUID, teams: Iterable[UUID]) -> None:
    """Exactly these."""
    require_administrator(work)
    has = set(work.connection.execute(select(_MEMBERS.c.team).where(_MEMBERS.c.user == user)).scalars())
    wanted = set(teams)
    for team in sorted(wanted - has):
        _change_member(work, team, user, joins=True)
    for team in sorted(has - wanted):
        _change_member(work, team, user, joins=False)


def require_no_circle(
    work: UnitOfWork, table: Table, above: ColumnElement[UUID], start: UUID, wanted: UUID | None, path: str
) -> None:
    """Going up from `wanted` must never come back to `start`."""
    seen: set[UUID] = set()
    at = wanted
    while at is not None and at not in seen:
        if at == start:
            text = "That would make a circle: it stands, directly or not, below this one."
            raise Invalid("Nothing was changed.", [Problem(path, text)])
        seen.add(at)
        at = work.connection.execute(select(above).where(table.c.id == at)).scalar_one_or_none()


def _require_usable(work: UnitOfWork, team: UUID | None, name: str, parent: UUID | None) -> None:
    if not name or len(name) > MAX_NAME or not name.isprintable():
        raise Invalid("The team was not saved.", [Problem("name", f"A name has 1 to {MAX_NAME} printable characters.")])
    query = select(_TEAMS.c.id).where(_TEAMS.c.name == name)
    if work.connection.execute(query.where(_TEAMS.c.id != team) if team else query).first():
        raise Invalid("The team was not saved.", [Problem("name", f"There is a team '{name}' already.")])
    if team is not None:
        require_no_circle(work, _TEAMS, _TEAMS.c.parent, team, parent, "parent")


def _require_known(work: UnitOfWork, manager: UUID | None, parent: UUID | None) -> None:
    """What a program names may not be there."""
    wanted = (
        ("manager", manager, _USERS, "There is no such person."),
        ("parent", parent, _TEAMS, "There is no such team."),
    )
    problems = [
        Problem(path, text)
        for path, identifier, table, text in wanted
        if identifier and work.connection.execute(select(table.c.id).where(table.c.id == identifier)).first() is None
    ]
    if problems:
        raise Invalid("The team was not saved.", problems)


def _set_members(work: UnitOfWork, team: UUID, before: set[UUID], wanted: set[UUID]) -> None:
    for user in sorted(wanted - before):
        _change_member(work, team, user, joins=True)
    for user in sorted(before - wanted):
        _change_member(work, team, user, joins=False)


def _change_member(work: UnitOfWork, team: UUID, user: UUID, *, joins: bool) -> None:
    known = select(_TEAMS.c.name).where(_TEAMS.c.id == team)
    name = work.connection.execute(known).scalar_one_or_none()
    person = work.connection.execute(select(_USERS.c.id).where(_USERS.c.id == user)).scalar_one_or_none()
    if name is None or person is None:
        raise NotFound("There is no such team." if name is None else "There is no such person.")
    if joins:
        join_team(work, team, user)
    else:
        work.connection.execute(delete(_MEMBERS).where(_MEMBERS.c.team == team, _MEMBERS.c.user == user))
    audit_account(work, "user.changed", user, {"team": (None, name) if joins else (name, None)})


def _text(value: UUID | None) -> str | None:
    return None if value is None else str(value)
