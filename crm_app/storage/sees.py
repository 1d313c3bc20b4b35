"""The SQL form of `Visibility`. The rules of scopes are the administrator's: they read what lives, whoever asks, and so
never ask in turn who may see what they read.
"""

from collections.abc import Hashable, Iterator
from dataclasses import dataclass
from typing import cast
from uuid import UUID

from sqlalchemy import ARRAY, ColumnElement, FromClause, Table, Uuid, and_, any_, bindparam, false, or_, true

from crm_app.access.visible import AnyOf, Visibility
from crm_app.definitions.package import Package
from crm_app.rules.inputs import Inputs
from crm_app.storage.link_paths import LinkPaths
from crm_app.storage.rule_sql import to_where
from crm_app.storage.rule_sql_columns import TableColumns
from crm_app.storage.tables import TableSet

Clause = ColumnElement[bool]
# What a rule may name that is another at every moment.
PASSING = frozenset({"now", "today", "rates"})


def key_of(reach: Visibility, inputs: Inputs) -> Hashable | None:
    """Readers of one key get the same SQL, as long as the definitions last; `None` where it changes with the time of
    asking.
    """
    rules = [rule for part in reach.parts for rule in part.rules]
    context = frozenset[str]().union(*(rule.rule.dependencies.context for rule in rules))
    if context & PASSING:
        return None
    return (reach, inputs.time_zone if rules else "", inputs.me if "me" in context else None)


@dataclass(frozen=True)
class Sees:
    """`inputs` say who asks, and when: rules of scopes may name `me`, `today` and `now`."""

    tables: TableSet
    package: Package
    inputs: Inputs

    def visible(self, table: FromClause, reach: Visibility) -> Clause:
        """Of records of the object that the reach is about, in its table or an alias of it."""
        return and_(true(), *(self._part(table, part) for part in reach.parts))

    def live(self, table: FromClause, reach: Visibility, *, with_deleted: bool = False) -> list[Clause]:
        """Not deleted, and visible. What is always true is left out, so that plans stay simple."""
        live = [] if with_deleted else [_lives(table)]
        return live if reach.everyone else [*live, self._kept(table, reach)]

    def _kept(self, table: FromClause, reach: Visibility) -> Clause:
        """For an object's own table it is made once: the SQL of a rule takes longer to write than to run."""
        is_own = isinstance(table, Table)
        key = key_of(reach, self.inputs) if is_own else None
        return self.tables.kept(key and ("sees", table.description, key), lambda: self.visible(table, reach))

    def _part(self, table: FromClause, part: AnyOf) -> Clause:
        ways = list(self._ways(table, part))
        return or_(*ways) if ways else false()

    def _ways(self, table: FromClause, part: AnyOf) -> Iterator[Clause]:
        if part.owners:
            yield _is_one_of(table.c.owner, part.owners)
        if part.records:
            yield _is_one_of(table.c.id, part.records)
        if part.territories:
            yield _is_one_of(table.c[part.place], part.territories)
        for rule in part.rules:
            yield to_where(rule.rule.tree, self._columns(table), rule.inputs(self.inputs))

    def _columns(self, table: FromClause) -> TableColumns:
        paths = LinkPaths(self.tables, self.package)
        return TableColumns(table, self.tables, self.package.inverses, _any_living, paths.path)


def _any_living(_object: str, source: FromClause) -> Clause:
    return _lives(source)


def _lives(table: FromClause) -> Clause:
    return cast("Clause", table.c.deleted_at.is_(None))


def _is_one_of(column: ColumnElement[UUID], ids: frozenset[UUID]) -> Clause:
    """An index gives the records of one id in its own order, those of several only with a sort."""
    if len(ids) == 1:
        return column == next(iter(ids))
    return column == any_(bindparam(None, sorted(ids), ARRAY(Uuid())))
