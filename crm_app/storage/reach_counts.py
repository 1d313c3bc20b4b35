"""How many records each of many readers reaches, counted for all of them at once."""

from collections.abc import Iterable
from dataclasses import dataclass
from functools import cached_property
from uuid import UUID

from sqlalchemy import ColumnElement, Connection, FromClause, Uuid, any_, bindparam, false, func, or_, select
from sqlalchemy.dialects.postgresql import ARRAY

from crm_app.access.visible import Visibility
from crm_app.rules.inputs import Inputs
from crm_app.storage.sees import Clause, Sees


@dataclass(frozen=True)
class Seen:
    """What somebody reaches. Who they are matters where rules do, which may name `me`."""

    reach: Visibility
    me: UUID | None = None
    time_zone: str = "UTC"


@dataclass(frozen=True)
class Gap:
    """The records in `reach` and not in `other`."""

    reach: Seen
    other: Seen

    @property
    def is_by_owner(self) -> bool:
        return self.reach.reach.is_by_owner and self.other.reach.is_by_owner


class ReachCounts:
    """The live records of one object. Where only owners matter, one pass over the table answers for any number of
    readers; anything else is one count each.
    """

    def __init__(self, connection: Connection, table: FromClause, sees: Sees) -> None:
        self._connection, self._table, self._sees = connection, table, sees

    @cached_property
    def _counts(self) -> dict[UUID | None, int]:
        table = self._table
        query = select(table.c.owner, func.count()).where(table.c.deleted_at.is_(None)).group_by(table.c.owner)
        return dict(row for row in self._connection.execute(query))

    def of(self, gaps: Iterable[Gap]) -> int:
        """How many different records lie in at least one of the gaps."""
        owners, others = self._split(gaps)
        if not others:
            return sum(self._counts[owner] for owner in owners)
        query = select(func.count()).select_from(self._table).where(self._lives, self._in(owners, others))
        return self._connection.execute(query).scalar_one()

    def newest(self, gaps: Iterable[Gap], name: str, reach: Visibility, limit: int) -> dict[UUID, str]:
        """The latest of them within reach, by what their field `name` says."""
        table, (owners, others) = self._table, self._split(gaps)
        query = select(table.c.id, table.c[name]).where(*self._sees.live(table, reach), self._in(owners, others))
        query = query.order_by(table.c.id.desc()).limit(limit)
        return {found: str(text or "") for found, text in self._connection.execute(query)}

    @property
    def _lives(self) -> ColumnElement[bool]:
        return self._table.c.deleted_at.is_(None)

    def _split(self, gaps: Iterable[Gap]) -> tuple[set[UUID | None], list[Gap]]:
        found = list(dict.fromkeys(gaps))
        owners = {
            owner
            for gap in found
            if gap.is_by_owner
            for owner in self._counts
            if gap.reach.reach.includes_owner(owner) and not gap.other.reach.includes_owner(owner)
        }
        return owners, [gap for gap in found if not gap.is_by_owner]

    def _in(self, owners: set[UUID | None], gaps: Iterable[Gap]) -> Clause:
        owner = self._table.c.owner
        of_nobody = [owner.is_(None)] if None in owners else []
        owned = owner == any_(bindparam(None, [each for each in owners if each], ARRAY(Uuid())))
        return or_(false(), owned, *of_nobody, *map(self._gap, gaps))

    def _gap(self, gap: Gap) -> Clause:
        return self._visible(gap.reach) & self._visible(gap.other).is_not(True)

    def _visible(self, seen: Seen) -> Clause:
        inputs = Inputs(record={}, me=seen.me, now=self._sees.inputs.now, time_zone=seen.time_zone)
        return Sees(self._sees.tables, self._sees.package, inputs).visible(self._table, seen.reach)
