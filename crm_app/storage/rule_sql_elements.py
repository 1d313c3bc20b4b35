"""What lists hold, as the FROM of a subquery."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy import ColumnElement, FromClause, Select, Text, column, func, literal, select
from sqlalchemy.dialects.postgresql import array

from crm_app.rules.tree import ListOf, Member, Name, Node, is_related
from crm_app.storage.rule_sql_emitter import Emitter
from crm_app.storage.rule_sql_names import hop
from crm_app.storage.rule_sql_values import Element, MoneySql, Sql, conjunction, money, sql_type


@dataclass(frozen=True)
class Elements:
    """What a quantifier goes over: `element` is a record's table or a value; the rest is the FROM and
    WHERE.
    """

    element: FromClause | Sql
    source: FromClause
    conditions: tuple[ColumnElement[bool], ...] = ()

    def select(self, what: Element, *more: ColumnElement[bool]) -> Select[Any]:
        query = select(what).select_from(self.source).where(conjunction((*self.conditions, *more)))
        return query.correlate_except(self.source)


def elements(emitter: Emitter, source: Node) -> Elements:
    item = source.type.item
    if item is not None and isinstance(source, (Name, Member)) and is_related(source):
        return _records(emitter, source, item.object)
    if isinstance(source, ListOf) and item is not None and item.kind == "money":
        return _amounts(emitter, source)
    values = _unnested((emitter.plain(source),), (_item_type(source),))
    return Elements(values.c.element, values)


def _item_type(source: Node) -> Any:
    return sql_type(source.type.item) if source.type.item is not None else Text()


def _unnested(arrays: Sequence[Element], types: Sequence[Any]) -> FromClause:
    names = ("element", "currency")
    columns = [column(name, kind) for name, kind in zip(names, types, strict=False)]
    return func.unnest(*arrays).table_valued(*columns).render_derived()


def _amounts(emitter: Emitter, source: ListOf) -> Elements:
    amounts = [money(emitter.emit(item)) for item in source.items]
    values = _unnested(
        (
            array([amount.guarded() for amount in amounts], type_=sql_type(source.items[0].type)),
            array([amount.currency() for amount in amounts], type_=Text()),
        ),
        (sql_type(source.items[0].type), Text()),
    )
    return Elements(MoneySql(values.c.element, (values.c.currency,)), values)


def _records(emitter: Emitter, source: Name | Member, target: str) -> Elements:
    inner = emitter.columns.source(target)
    seen = emitter.columns.visible(target, inner)
    records, holder = emitter.columns.related(source.object, source.name, inner)
    if isinstance(source, Name):
        outer = emitter.table(source.level)
        return Elements(inner, records, (holder == emitter.columns.column(outer, "id"), seen))
    outer, is_there = hop(emitter, source)
    both = outer.join(records, holder == emitter.columns.column(outer, "id"))
    return Elements(inner, both, (is_there, seen))


def exists(found: Elements, *more: ColumnElement[bool]) -> ColumnElement[bool]:
    return found.select(literal(1), *more).exists()
