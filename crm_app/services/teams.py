"""Who works under whom: beyond `accounts`, what an import needs to bring people and teams to where a file says."""

from uuid import UUID

from sqlalchemy import delete, select, update
from sqlalchemy.dialects.postgresql import insert

from crm_app.services.accounts import add_team, require_administrator
from crm_app.services.unit_of_work import UnitOfWork
from crm_app.storage.system_tables import TeamMemberRow, TeamRow, UserRow, table_of

_TEAMS, _MEMBERS, _USERS = table_of(TeamRow), table_of(TeamMemberRow), table_of(UserRow)


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
