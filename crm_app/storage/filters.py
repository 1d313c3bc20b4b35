"""What a list, count or group is over, as the FROM and WHERE of a query."""

from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from typing import Any
from uuid import UUID

from sqlalchemy import ColumnElement, FromClause, Select, func, select

from crm_app.access.visible import Visibility
from crm_app.definitions.package import Package
from crm_app.rules.inputs import Inputs
from crm_app.rules.tree import Logic, Node, Quantifier
from crm_app.storage.rollup_joins import RollupJoins, rollups_in
from crm_app.storage.rule_sql import NOTHING, Beside, to_where
from crm_app.storage.rule_sql_columns import TableColumns
from crm_app.storage.sees import Clause, Sees
from crm_app.storage.tables import TableSet


@dataclass(frozen=True)
class Filter:
    """What a list, count or group is over: the reader's reach, a typed rule, words to find in the name, and, where they
    are given, only the records of these ids.
    """

    object: str
    reach: Visibility
    rule: Node | None = None
    search: str = ""
    ids: tuple[UUID, ...] | None = None

    @property
    def is_bare(self) -> bool:
        """Nothing but the reader's reach."""
        return self.rule is None and not self.search and self.ids is None


@dataclass(frozen=True)
class Reached:
    """`source` is the table, with the rollups that `beside` names joined to it."""

    source: FromClause
    where: list[Clause]
    beside: Beside = field(default_factory=lambda: NOTHING)


@dataclass(frozen=True)
class FilterSql:
    package: Package
    tables: TableSet
    columns: Callable[[FromClause], TableColumns]
    sees: Sees
    inputs: Inputs

    def each(self, chosen: Filter) -> Reached:
        """Rollups in the rule are worked out record by record, so that a page that is soon full costs little."""
        rollups = [] if chosen.rule is None else list(rollups_in(chosen.rule))
        table = self.tables[chosen.object]
        if not rollups:
            return Reached(table, self._where(chosen, table, NOTHING))
        joined = RollupJoins(self.columns(table), self.inputs).each(rollups)
        return Reached(joined.source, self._where(chosen, table, joined.values), joined.values)

    def at_once(self, chosen: Filter, rollups: Iterable[Quantifier] = ()) -> Reached:
        """Rollups in the rule, and these, are worked out in one pass: every record's value is needed."""
        found = [*rollups, *(() if chosen.rule is None else rollups_in(chosen.rule))]
        table = self.tables[chosen.object]
        if not found:
            return Reached(table, self._where(chosen, table, NOTHING))
        joined = RollupJoins(self.columns(table), self.inputs).at_once(found, self._among(chosen))
        return Reached(joined.source, self._where(chosen, table, joined.values), joined.values)

    def _among(self, chosen: Filter) -> Select[Any] | None:
        """The ids of those that everything but the rollups lets through; `None` where that is nearly all."""
        rule = chosen.rule
        terms = rule.terms if isinstance(rule, Logic) and rule.operator == "and" else () if rule is None else (rule,)
        plain = [term for term in terms if next(rollups_in(term), None) is None]
        if chosen.reach.everyone and not plain and chosen.ids is None and not chosen.search:
            return None
        table = self.tables[chosen.object].alias()
        where = self._where(Filter(chosen.object, chosen.reach, None, chosen.search, chosen.ids), table, NOTHING)
        terms_sql = [to_where(term, self.columns(table), self.inputs) for term in plain]
        return select(table.c.id).where(*where, *terms_sql)

    def _where(self, chosen: Filter, table: FromClause, beside: Beside) -> list[Clause]:
        where = self.sees.live(table, chosen.reach)
        if chosen.rule is not None:
            where.append(to_where(chosen.rule, self.columns(table), self.inputs, beside))
        if chosen.ids is not None:
            where.append(table.c.id.in_(chosen.ids))
        if chosen.search:
            name_field = self.package.by_name[chosen.object].name_field
            where.append(_named_like(table.c[name_field], chosen.search))
        return where


def _named_like(name: ColumnElement[Any], words: str) -> Clause:
    """Case-insensitive, anywhere in the name; the words' own wildcards are literal."""
    return func.lower(name).contains(words.lower(), autoescape=True)
