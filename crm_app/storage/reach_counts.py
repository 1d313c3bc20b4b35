"""How many records each of many readers reaches, counted for all of them at once."""

from collections import defaultdict
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Any
from uuid import UUID

from sqlalchemy import (
    ColumnElement,
    Connection,
    FromClause,
    Uuid,
    any_,
    bindparam,
    case,
    func,
    literal_column,
    or_,
    select,
)
from sqlalchemy.dialects.postgresql import ARRAY

from crm_app.access.visible import AnyOf, ScopeRule, Visibility
from crm_app.rules.inputs import Inputs
from crm_app.storage.sees import Clause, Sees

# So many rules are looked at in one pass; more come only from rules that name whoever asks.
MOST_RULES = 24
_GAPS_AT_ONCE = 20


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


@dataclass(frozen=True)
class _Asked:
    """A rule, asked by somebody as far as that matters for its answer."""

    rule: ScopeRule
    me: UUID | None
    time_zone: str


class ReachCounts:
    """The live records of one object. One pass sorts them into groups that are alike for all these gaps: by owner, by
    territory, by each rule, and those that are shared one by one. Every gap is a set of groups.
    """

    def __init__(self, connection: Connection, table: FromClause, sees: Sees, gaps: Iterable[Gap]) -> None:
        self._connection, self._table, self._sees = connection, table, sees
        self._seen = list(dict.fromkeys(seen for gap in gaps for seen in (gap.reach, gap.other)))
        self._groups: dict[Seen, frozenset[int]] = {}

    def of(self, gaps: Iterable[Gap]) -> int:
        """How many different records lie in at least one of the gaps."""
        found = list(dict.fromkeys(gaps))
        if len(self._asked) > MOST_RULES:
            return self._one_by_one(found)
        groups = frozenset[int]().union(*(self._reached(gap.reach) - self._reached(gap.other) for gap in found))
        return sum(self._counts[at] for at in groups)

    def newest(self, gaps: Iterable[Gap], name: str, reach: Visibility, limit: int) -> dict[UUID, str]:
        """The latest of them within reach, by what their field `name` says."""
        table, found = self._table, list(dict.fromkeys(gaps))[:_GAPS_AT_ONCE]
        query = select(table.c.id, table.c[name]).where(*self._sees.live(table, reach), or_(*map(self._gap, found)))
        query = query.order_by(table.c.id.desc()).limit(limit)
        return {record: str(text or "") for record, text in self._connection.execute(query)}

    @cached_property
    def _parts(self) -> list[tuple[Seen, AnyOf]]:
        return [(seen, part) for seen in self._seen for part in seen.reach.parts]

    @cached_property
    def _asked(self) -> list[_Asked]:
        return list(dict.fromkeys(_asked(seen, rule) for seen, part in self._parts for rule in part.rules))

    @cached_property
    def _place(self) -> str:
        """The field that names the territory: an object has one at most."""
        return next((part.place for _, part in self._parts if part.territories), "")

    @cached_property
    def _rows(self) -> Sequence[Any]:
        table = self._table
        shared = sorted({record for _, part in self._parts for record in part.records})
        of_id = table.c.id == any_(bindparam(None, shared, ARRAY(Uuid())))
        keys: list[ColumnElement[Any]] = [
            table.c.owner,
            table.c[self._place] if self._place else literal_column("NULL"),
            case((of_id, table.c.id)) if shared else literal_column("NULL"),
            *(self._asks(asked).is_(True) for asked in self._asked),
        ]
        named = [key.label(f"k{at}") for at, key in enumerate(keys)]
        inner = select(*named).where(table.c.deleted_at.is_(None)).subquery()
        return self._connection.execute(select(func.count(), *inner.c).group_by(*inner.c)).all()

    @cached_property
    def _counts(self) -> list[int]:
        return [row[0] for row in self._rows]

    @cached_property
    def _by_key(self) -> dict[tuple[int, object], set[int]]:
        """For each key's value, the groups that have it."""
        found: dict[tuple[int, object], set[int]] = defaultdict(set)
        for at, (_count, *keys) in enumerate(self._rows):
            for key, value in enumerate(keys):
                found[key, value].add(at)
        return found

    def _reached(self, seen: Seen) -> frozenset[int]:
        if seen not in self._groups:
            reached = frozenset(range(len(self._rows)))
            for part in seen.reach.parts:
                reached &= frozenset[int]().union(*self._ways(seen, part))
            self._groups[seen] = reached
        return self._groups[seen]

    def _ways(self, seen: Seen, part: AnyOf) -> Iterator[set[int]]:
        known, named = self._by_key, (part.owners, part.territories, part.records)
        keys: list[tuple[int, object]] = [(key, value) for key, values in enumerate(named) for value in values]
        keys += [(len(named) + self._asked.index(_asked(seen, rule)), True) for rule in part.rules]
        yield from (known[key] for key in keys if key in known)

    def _one_by_one(self, gaps: list[Gap]) -> int:
        """All that is not in one pass: a statement for some of them, of what is in none before."""
        found = 0
        before: list[Clause] = []
        for start in range(0, len(gaps), _GAPS_AT_ONCE):
            clause = or_(*map(self._gap, gaps[start : start + _GAPS_AT_ONCE]))
            where = [self._table.c.deleted_at.is_(None), clause, *(each.is_not(True) for each in before)]
            query = select(func.count()).select_from(self._table).where(*where)
            found += self._connection.execute(query).scalar_one()
            before.append(clause)
        return found

    def _gap(self, gap: Gap) -> Clause:
        return self._visible(gap.reach) & self._visible(gap.other).is_not(True)

    def _visible(self, seen: Seen) -> Clause:
        return self._as(seen.me, seen.time_zone).visible(self._table, seen.reach)

    def _asks(self, asked: _Asked) -> Clause:
        return self._as(asked.me, asked.time_zone).visible(self._table, Visibility((AnyOf(rules=(asked.rule,)),)))

    def _as(self, me: UUID | None, time_zone: str) -> Sees:
        inputs = Inputs(record={}, me=me, now=self._sees.inputs.now, time_zone=time_zone)
        return Sees(self._sees.tables, self._sees.package, inputs)


def _asked(seen: Seen, rule: ScopeRule) -> _Asked:
    context = rule.rule.dependencies.context
    is_about_time = bool(context & {"now", "today"})
    return _Asked(rule, seen.me if "me" in context else None, seen.time_zone if is_about_time else "UTC")
