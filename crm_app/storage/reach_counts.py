"""How many records each of many readers reaches, counted for all of them at once."""

from collections.abc import Collection
from uuid import UUID

from sqlalchemy import Connection, Table, Uuid, any_, bindparam, func, or_, select
from sqlalchemy.dialects.postgresql import ARRAY

from crm_app.access.visible import Visibility
from crm_app.storage.lists import live_clause


class OwnerCounts:
    """The live records of one object by their owner: one pass over the table answers for any number of readers."""

    def __init__(self, connection: Connection, table: Table) -> None:
        self._connection, self._table = connection, table
        query = select(table.c.owner, func.count()).where(table.c.deleted_at.is_(None)).group_by(table.c.owner)
        self._counts: dict[UUID | None, int] = dict(row for row in connection.execute(query))

    def only_in(self, reach: Visibility, other: Visibility) -> frozenset[UUID | None]:
        """Whose records lie in `reach` and not in `other`."""
        return self._owners(reach) - self._owners(other)

    def of(self, owners: Collection[UUID | None]) -> int:
        return sum(self._counts[owner] for owner in owners)

    def newest(self, owners: Collection[UUID | None], name: str, reach: Visibility, limit: int) -> dict[UUID, str]:
        """The latest within reach that one of these owns, by what their field `name` says."""
        table = self._table
        owned = table.c.owner == any_(bindparam(None, [each for each in owners if each], ARRAY(Uuid())))
        mine = or_(owned, table.c.owner.is_(None)) if None in owners else owned
        query = select(table.c.id, table.c[name]).where(mine, *live_clause(table, reach)).order_by(table.c.id.desc())
        return {found: str(text or "") for found, text in self._connection.execute(query.limit(limit))}

    def _owners(self, reach: Visibility) -> frozenset[UUID | None]:
        return frozenset(self._counts) if reach.everyone else frozenset(self._counts.keys() & reach.owners)
