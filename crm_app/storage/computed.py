"""Formula and rollup fields in the queries that read, sort, group and sum records: worked out there, never stored."""

from collections.abc import Callable, Hashable, Iterable
from dataclasses import dataclass
from typing import Any

from sqlalchemy import ColumnElement, FromClause, Text, cast, null

from crm_app.access.visible import Visibility
from crm_app.definitions.field import FieldDefinition
from crm_app.rules.inputs import Inputs
from crm_app.rules.tree import Quantifier
from crm_app.storage.rollup_joins import RollupJoins, rollups_in
from crm_app.storage.rule_sql import NOTHING, Beside, money_to_sql, to_sql
from crm_app.storage.rule_sql_columns import TableColumns
from crm_app.storage.sees import PASSING, key_of
from crm_app.storage.tables import TableSet


@dataclass(frozen=True)
class ComputedValues:
    """For one reader: `columns` are a table's, with what `reach` lets them see at every hop."""

    tables: TableSet
    columns: Callable[[FromClause], TableColumns]
    reach: Callable[[str], Visibility]
    inputs: Inputs

    def parts(self, name: str, field: FieldDefinition, beside: Beside = NOTHING) -> list[ColumnElement[Any]]:
        """The value of the field in a row of the object's table: an expression for each of its columns. `beside` has
        the rollups that were joined to the table.
        """
        node, columns = self.tables.computed(name, field.name), self.columns(self.tables[name])
        if node is None:
            return [cast(null(), Text()) for _ in field.columns]
        if node.type.kind == "money":
            return list(money_to_sql(node, columns, self.inputs, beside))
        return [to_sql(node, columns, self.inputs, beside)]

    def rollups(self, name: str, fields: Iterable[str]) -> list[Quantifier]:
        """Those that the fields are, or are made of."""
        nodes = [self.tables.computed(name, field) for field in fields]
        return [each for node in nodes if node is not None for each in rollups_in(node)]

    def joins(self, name: str) -> RollupJoins:
        return RollupJoins(self.columns(self.tables[name]), self.inputs)

    def key(self, name: str, fields: Iterable[FieldDefinition]) -> Hashable | None:
        """Readers of one key get the same expressions; `None` where they change with the time of asking."""
        nodes = [self.tables.computed(name, field.name) for field in fields]
        found = [node.computed for node in nodes if node is not None and node.computed is not None]
        context = frozenset(each for computed in found for each in computed.context)
        if context & PASSING:
            return None
        objects = sorted({owner for computed in found for owner, _ in computed.reads})
        reaches = tuple((each, key_of(self.reach(each), self.inputs)) for each in objects)
        if any(key is None for _, key in reaches):
            return None
        return (reaches, self.inputs.time_zone, self.inputs.me if "me" in context else None)
