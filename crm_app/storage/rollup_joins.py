"""Rollups of a record beside it rather than inside expressions: one subquery for all that go over the same related
records, so that an amount and its currency, and several rollups, cost one reading of them.
"""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from itertools import groupby
from typing import Any

from sqlalchemy import ColumnElement, FromClause, Select, Subquery, and_, case, func, literal, select, true

from crm_app.rules.inputs import Inputs
from crm_app.rules.tree import Name, Node, Quantifier, children, is_related, walk
from crm_app.storage.rule_sql import emitter_of
from crm_app.storage.rule_sql_columns import TableColumns
from crm_app.storage.rule_sql_elements import elements
from crm_app.storage.rule_sql_emitter import Emitter
from crm_app.storage.rule_sql_quantifiers import NUMERIC, concluded, over_nothing
from crm_app.storage.rule_sql_values import Element, MoneySql, Sql

_KNOWN = frozenset({"count", "sum", "min", "max", "avg"})


def rollups_in(node: Node) -> Iterator[Quantifier]:
    """What the rule sums up over records related to the one it is about, in formulas of that record's too."""
    if isinstance(node, Quantifier):
        if node.name in _KNOWN and _is_own(node.source) and is_related(node.source):
            yield node
        return
    if _is_own(node) and isinstance(node, Name) and node.computed is not None:
        yield from rollups_in(node.computed.tree)
    for child in children(node):
        yield from rollups_in(child)


def _is_own(node: Node) -> bool:
    return isinstance(node, Name) and node.root == "record" and node.level == 0


@dataclass(frozen=True)
class Joined:
    """The table with its rollups, and what they are called there."""

    source: FromClause
    values: Mapping[Node, Sql]


@dataclass(frozen=True)
class RollupJoins:
    """For the records of `columns.root`, as one reader sees what is related to them."""

    columns: TableColumns
    inputs: Inputs

    def each(self, rollups: Iterable[Quantifier]) -> Joined:
        """Worked out record by record: for a page, or a list that stops early."""
        source, values = self.columns.root, dict[Node, Sql]()
        for same in _by_source(rollups):
            rows = _Rows.each(emitter_of(self.columns, self.inputs), same)
            answer = select(*rows.answers()).select_from(rows.table).lateral()
            source = source.join(answer, true())
            values |= _named(same, answer)
        return Joined(source, values)

    def at_once(self, rollups: Iterable[Quantifier], among: Select[Any] | None) -> Joined:
        """Worked out for all records in one pass over what is related to them: for a list sorted by them. `among` gives
        the ids of those that matter, where not all do.
        """
        found = tuple(rollups)
        joined = self.each(each for each in found if not _is_alone(each))
        source, values = joined.source, dict(joined.values)
        for same in _by_source(each for each in found if _is_alone(each)):
            rows = _Rows.at_once(emitter_of(self.columns, self.inputs), self.columns, same, among)
            key = rows.table.c.key
            answer = select(key, *rows.answers()).select_from(rows.table).group_by(key).subquery()
            source = source.outerjoin(answer, answer.c.key == self.columns.root.c.id)
            values |= _named(same, answer)
        return Joined(source, values)


def _is_alone(node: Quantifier) -> bool:
    """Whether it says nothing about the record around it, so that one pass serves all."""
    inside = [part for part in (node.where, node.body) if part is not None]
    return not any(_is_own(each) for part in inside for each in walk(part))


def _by_source(rollups: Iterable[Quantifier]) -> Iterator[list[Quantifier]]:
    def source(node: Quantifier) -> str:
        return node.source.name if isinstance(node.source, Name) else ""

    for _, same in groupby(sorted(dict.fromkeys(rollups), key=source), key=source):
        yield list(same)


@dataclass(frozen=True)
class _Rows:
    """The related records, with a value and for amounts a currency for each of the rollups."""

    rollups: list[Quantifier]
    table: Subquery

    @classmethod
    def each(cls, emitter: Emitter, rollups: list[Quantifier]) -> "_Rows":
        found = elements(emitter, rollups[0].source)
        inner = emitter.within(found.element)
        query = select(*_values(inner, rollups)).select_from(found.source)
        query = query.where(*found.conditions, *_shared(inner, rollups)).correlate_except(found.source)
        return cls(rollups, query.subquery())

    @classmethod
    def at_once(
        cls, emitter: Emitter, columns: TableColumns, rollups: list[Quantifier], among: Select[Any] | None
    ) -> "_Rows":
        source = rollups[0].source
        if not isinstance(source, Name) or source.type.item is None:
            raise TypeError("a rollup goes over a field of related records")
        target = source.type.item.object
        element = columns.source(target)
        records, key = columns.related(source.object, source.name, element)
        inner = emitter.within(element)
        chosen = () if among is None else (key.in_(among),)
        query = select(key.label("key"), *_values(inner, rollups)).select_from(records)
        query = query.where(columns.visible(target, element), *chosen, *_shared(inner, rollups))
        return cls(rollups, query.subquery())

    def answers(self) -> list[ColumnElement[Any]]:
        found: list[ColumnElement[Any]] = []
        for at, node in enumerate(self.rollups):
            values: Element = self.table.c[f"value_{at}"]
            if node.type.kind == "money":
                currency = self.table.c[f"currency_{at}"]
                is_one = func.min(currency) == func.max(currency)
                found.append(case((is_one, NUMERIC[node.name](values))).label(f"answer_{at}"))
                found.append(case((is_one, func.min(currency))).label(f"answer_{at}_currency"))
            else:
                answer = func.count(values) if node.name == "count" else concluded(node, values)
                found.append(answer.label(f"answer_{at}"))
        return found


def _shared(inner: Emitter, rollups: list[Quantifier]) -> tuple[ColumnElement[bool], ...]:
    """The condition that all of them have."""
    first = rollups[0].where
    return () if first is None or not _is_shared(rollups) else (inner.where(first),)


def _is_shared(rollups: list[Quantifier]) -> bool:
    return all(each.where == rollups[0].where for each in rollups)


def _values(inner: Emitter, rollups: list[Quantifier]) -> Iterator[ColumnElement[Any]]:
    """Null in a record that the rollup's condition leaves out, which no aggregate counts."""
    for at, node in enumerate(rollups):
        kept = [] if node.where is None or _is_shared(rollups) else [inner.where(node.where)]
        value = literal(1) if node.body is None or node.name == "count" else inner.emit(node.body)
        if isinstance(value, MoneySql):
            amount, currency = value.guarded(), value.currency()
            yield _if(kept, amount).label(f"value_{at}")
            yield _if([*kept, amount.is_not(None)], currency).label(f"currency_{at}")
        else:
            yield _if(kept, value).label(f"value_{at}")


def _if(kept: list[ColumnElement[bool]], value: Element) -> Element:
    return case((and_(*kept), value)) if kept else value


def _named(rollups: list[Quantifier], answer: FromClause) -> dict[Node, Sql]:
    """A record that nothing points at isn't in a table of groups: nothing is said of it there."""
    found: dict[Node, Sql] = {}
    for at, node in enumerate(rollups):
        value: Sql = answer.c[f"answer_{at}"]
        if node.type.kind == "money":
            value = MoneySql(value, (answer.c[f"answer_{at}_currency"],))
        found[node] = over_nothing(node, value)
    return found
