"""Where records belong: a tree of territories, and who looks after which."""

from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from uuid import UUID

from sqlalchemy import delete, exists, insert, select, update
from sqlalchemy.exc import IntegrityError

from crm_app.definitions.object import ObjectDefinition
from crm_app.kernel.errors import Conflict, Invalid, NotFound, Problem
from crm_app.kernel.ids import new_id
from crm_app.services.accounts import require_administrator
from crm_app.services.audit_entries import Entry, write_entry
from crm_app.services.lists import aggregate_records
from crm_app.services.record_query import RecordQuery
from crm_app.services.unit_of_work import UnitOfWork
from crm_app.storage.access_tables import TerritoryMemberRow, TerritoryRow
from crm_app.storage.system_tables import UserRow, table_of

_TERRITORIES, _MEMBERS, _USERS = table_of(TerritoryRow), table_of(TerritoryMemberRow), table_of(UserRow)
MAX_NAME = 100


@dataclass(frozen=True)
class Territory:
    id: UUID
    name: str
    parent: UUID | None
    members: tuple[UUID, ...] = ()


def territories(work: UnitOfWork) -> list[Territory]:
    """By name; everybody may know them."""
    members: dict[UUID, list[UUID]] = {}
    for territory, user in work.connection.execute(select(_MEMBERS).order_by(_MEMBERS.c.user)):
        members.setdefault(territory, []).append(user)
    rows = work.connection.execute(select(_TERRITORIES).order_by(_TERRITORIES.c.name))
    return [Territory(row.id, row.name, row.parent, tuple(members.get(row.id, ()))) for row in rows]


def in_order(found: Iterable[Territory]) -> Iterator[tuple[Territory, int]]:
    """Each below the one that it lies in, with how deep that is; those beside each other as they come."""
    inside: dict[UUID | None, list[Territory]] = defaultdict(list)
    for each in found:
        inside[each.parent].append(each)

    def below(parent: UUID | None, depth: int) -> Iterator[tuple[Territory, int]]:
        for each in inside[parent]:
            yield each, depth
            yield from below(each.id, depth + 1)

    return below(None, 0)


def placing_objects(work: UnitOfWork) -> list[ObjectDefinition]:
    """Those whose records lie in territories, as far as the actor may know."""
    return [d for d in work.catalog.objects if d.access.territory and d.access.territory in (work.fields(d.name) or {})]


def records_in(work: UnitOfWork) -> Mapping[UUID, Mapping[str, int]]:
    """How many records of each object lie in each territory itself."""
    require_administrator(work)
    found: dict[UUID, dict[str, int]] = defaultdict(dict)
    for definition in placing_objects(work):
        for group in aggregate_records(work, RecordQuery(definition.name), definition.access.territory):
            if group.key is not None:
                found[group.key][definition.name] = group.count
    return found


def save_territory(work: UnitOfWork, name: str, parent: UUID | None = None, territory: UUID | None = None) -> UUID:
    """A new one, or one that is called or placed otherwise from now on."""
    require_administrator(work)
    known = {each.id: each for each in territories(work)}
    text = name.strip()
    problems: list[Problem] = []
    if not 1 <= len(text) <= MAX_NAME:
        problems.append(Problem("name", f"A name has 1 to {MAX_NAME} characters."))
    if any(each.name == text and each.id != territory for each in known.values()):
        problems.append(Problem("name", f"There is a territory '{text}' already."))
    if parent is not None and parent not in known:
        problems.append(Problem("parent", "There is no such territory."))
    if territory is not None and territory in _above(known, parent):
        problems.append(Problem("parent", "A territory can't lie in itself, or in one that lies in it."))
    if problems:
        raise Invalid("The territory was not saved.", problems)
    if territory is None:
        made = new_id()
        work.connection.execute(insert(_TERRITORIES), {"id": made, "name": text, "parent": parent})
    else:
        made, here = territory, _TERRITORIES.c.id == territory
        if work.connection.execute(update(_TERRITORIES).where(here).values(name=text, parent=parent)).rowcount == 0:
            raise NotFound("There is no such territory.")
    after = {"name": text, "parent": str(parent) if parent else None}
    write_entry(work, Entry("territory.saved", "territory", made, after=after))
    return made


def remove_territory(work: UnitOfWork, territory: UUID) -> None:
    """One that has others in it stays, and one in which records lie."""
    require_administrator(work)
    if work.connection.execute(select(exists().where(_TERRITORIES.c.parent == territory))).scalar_one():
        raise Conflict("It can't be removed: other territories lie in it. Move those first.")
    work.connection.execute(delete(_MEMBERS).where(_MEMBERS.c.territory == territory))
    try:
        with work.savepoint():
            gone = work.connection.execute(delete(_TERRITORIES).where(_TERRITORIES.c.id == territory)).rowcount
    except IntegrityError:
        said = "It can't be removed: records lie in it, deleted ones among them. Move those first."
        raise Conflict(said) from None
    if gone == 0:
        raise NotFound("There is no such territory.")
    write_entry(work, Entry("territory.removed", "territory", territory))


def set_members(work: UnitOfWork, territory: UUID, users: set[UUID]) -> None:
    """Exactly these people look after it from now on."""
    require_administrator(work)
    _require_known(work, territory, users)
    before = set(work.connection.execute(select(_MEMBERS.c.user).where(_MEMBERS.c.territory == territory)).scalars())
    if before == users:
        return
    work.connection.execute(delete(_MEMBERS).where(_MEMBERS.c.territory == territory))
    if users:
        rows = [{"territory": territory, "user": user} for user in sorted(users)]
        work.connection.execute(insert(_MEMBERS), rows)
    was, now = ({"members": [str(user) for user in sorted(each)]} for each in (before, users))
    write_entry(work, Entry("territory.members", "territory", territory, after=now, before=was))


def _require_known(work: UnitOfWork, territory: UUID, users: set[UUID]) -> None:
    if not work.connection.execute(select(exists().where(_TERRITORIES.c.id == territory))).scalar_one():
        raise NotFound("There is no such territory.")
    people = set(work.connection.execute(select(_USERS.c.id).where(_USERS.c.id.in_(users))).scalars())
    if users - people:
        raise NotFound("There is no such person.")


def _above(known: dict[UUID, Territory], start: UUID | None) -> set[UUID]:
    """The territory and all that it lies in."""
    found: set[UUID] = set()
    while start is not None and start not in found:
        found.add(start)
        start = known[start].parent if start in known else None
    return found
