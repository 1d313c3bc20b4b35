"""People by what they are: the members of a team, the holders of a role, those who look after a territory. Only those
with an active account.
"""

from collections.abc import Sequence
from uuid import UUID

from sqlalchemy import select, text

from crm_app.services.unit_of_work import UnitOfWork
from crm_app.storage.system_tables import TeamMemberRow, TeamRow, UserRoleRow, UserRow, table_of

_KEEPERS = text("""
WITH RECURSIVE above AS (
    SELECT id, parent, 0 AS far FROM crm.territory WHERE id = :territory
    UNION ALL SELECT t.id, t.parent, above.far + 1 FROM crm.territory t JOIN above ON t.id = above.parent
)
SELECT above.id, m."user" FROM above JOIN crm.territory_member m ON m.territory = above.id
JOIN crm.app_user u ON u.id = m."user" AND u.is_active ORDER BY above.far, m."user"
""")
_USERS, _TEAMS = table_of(UserRow), table_of(TeamRow)
_MEMBERS, _ROLES = table_of(TeamMemberRow), table_of(UserRoleRow)


def members_of_team(work: UnitOfWork, team: UUID) -> list[UUID]:
    """In the order of their accounts, which never changes."""
    query = select(_USERS.c.id).join(_MEMBERS, _MEMBERS.c.user == _USERS.c.id).where(_MEMBERS.c.team == team)
    return list(work.connection.execute(query.where(_USERS.c.is_active).order_by(_USERS.c.id)).scalars())


def keepers_of_territory(work: UnitOfWork, territory: UUID) -> tuple[UUID, list[UUID]]:
    """Who looks after it; where nobody does, who looks after the nearest that it lies in. Which one, and who."""
    rows = work.connection.execute(_KEEPERS, {"territory": territory}).all()
    nearest = rows[0][0] if rows else territory
    return nearest, [user for each, user in rows if each == nearest]


def team_named(work: UnitOfWork, name: str) -> UUID | None:
    return work.connection.execute(select(_TEAMS.c.id).where(_TEAMS.c.name == name)).scalar_one_or_none()


def holders_of_role(work: UnitOfWork, role: str) -> list[UUID]:
    """Those who were given it themselves."""
    query = select(_USERS.c.id).join(_ROLES, _ROLES.c.user == _USERS.c.id).where(_ROLES.c.role == role)
    return list(work.connection.execute(query.where(_USERS.c.is_active).order_by(_USERS.c.id)).scalars())


def emails_of(work: UnitOfWork, users: Sequence[UUID]) -> list[str]:
    """In the order of the people."""
    query = select(_USERS.c.id, _USERS.c.email).where(_USERS.c.id.in_(users), _USERS.c.is_active)
    found = {row.id: row.email for row in work.connection.execute(query)}
    return [found[user] for user in users if user in found]


def person_with_email(work: UnitOfWork, email: str) -> UUID | None:
    query = select(_USERS.c.id).where(_USERS.c.email == email.lower(), _USERS.c.is_active)
    return work.connection.execute(query).scalar_one_or_none()


def roles_of_email(work: UnitOfWork, email: str) -> tuple[str, ...]:
    """What the person with an active account was given; nothing where there is none."""
    query = select(_ROLES.c.role).join(_USERS, _USERS.c.id == _ROLES.c.user).where(_USERS.c.email == email.lower())
    return tuple(work.connection.execute(query.where(_USERS.c.is_active).order_by(_ROLES.c.role)).scalars())
