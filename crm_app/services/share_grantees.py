"""With whom a record can be shared: people, teams and roles by their names, for whoever may share it."""

from dataclasses import dataclass

from sqlalchemy import Text, cast, literal, select, union_all

from crm_app.kernel.events import RecordRef
from crm_app.services.shares import GranteeKind, shares_of
from crm_app.services.unit_of_work import UnitOfWork
from crm_app.storage.system_tables import TeamRow, UserRow, table_of

_USERS, _TEAMS = table_of(UserRow), table_of(TeamRow)


@dataclass(frozen=True)
class Grantee:
    kind: GranteeKind
    id: str
    name: str


def grantees(work: UnitOfWork, ref: RecordRef, words: str, limit: int) -> list[Grantee]:
    """By name; refused like the list of shares is."""
    shares_of(work, ref)
    text = words.strip()
    found = union_all(
        select(literal("user").label("kind"), cast(_USERS.c.id, Text()).label("id"), _USERS.c.name).where(
            _USERS.c.is_active, _USERS.c.name.icontains(text, autoescape=True)
        ),
        select(literal("team"), cast(_TEAMS.c.id, Text()), _TEAMS.c.name).where(
            _TEAMS.c.name.icontains(text, autoescape=True)
        ),
    ).subquery()
    rows = work.connection.execute(select(found).order_by(found.c.name, found.c.id).limit(limit))
    people = [Grantee(*row) for row in rows]
    roles = [role for role in work.catalog.roles if text.casefold() in role.label.casefold()]
    named = [Grantee("role", role.name, role.label) for role in roles]
    return sorted([*people, *named], key=lambda each: each.name.casefold())[:limit]
