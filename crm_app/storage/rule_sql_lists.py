"""Lists: membership, emptiness and quantifiers, as subqueries."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy import (
    Boolean,
    ColumnElement,
    FromClause,
    Integer,
    Select,
    Subquery,
    Text,
    any_,
    case,
    cast,
    column,
    func,
    literal,
    not_,
    or_,
    select,
    true,
)
from sqlalchemy.dialects.postgresql import array

from crm_app.rules.tree import (
    Emptiness,
    ListOf,
    Member,
    Membership,
    Name,
    Node,
    Quantifier,
    TextTest,
    is_related,
)
from crm_app.storage import rule_sql_tests
from crm_app.storage.rule_sql_emitter import Emitter
from crm_app.storage.rule_sql_names import hop
from crm_app.storage.rule_sql_tests import compared_money
from crm_app.storage.rule_sql_values import (
    Element,
    MoneySql,
    Sql,
    array_of,
    bounded,
    by_code_point,
    conjunction,
    money,
    plain,
    quotient,
    sql_type,
    whole,
)

_FALSE, _UNKNOWN, _TRUE = 0, 1, 2


@dataclass(frozen=True)
class Elements:
    """What a quantifier goes over: `element` is a record's table or a value; the rest is the FROM and
    WHERE.
    """

    element: FromClause | Sql
    froms: tuple[FromClause, ...]
    conditions: tuple[ColumnElement[bool], ...] = ()

    def select(self, what: Element, *more: ColumnElement[bool]) -> Select[Any]:
        query = select(what).select_from(*self.froms).where(conjunction((*self.conditions, *more)))
        return query.correlate_except(*self.froms)


def elements(emitter: Emitter, source: Node) -> Elements:
    item = source.type.item
    if item is not None and isinstance(source, (Name, Member)) and is_related(source):
        return _records(emitter, source, item.object)
    if isinstance(source, ListOf) and item is not None and item.kind == "money":
        return _amounts(emitter, source)
    values = _unnested((emitter.plain(source),), (_item_type(source),))
    return Elements(values.c.element, (values,))


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
    return Elements(MoneySql(values.c.element, (values.c.currency,)), (values,))


def _records(emitter: Emitter, source: Name | Member, target: str) -> Elements:
    inner = emitter.columns.source(target)
    seen = emitter.columns.visible(target, inner)
    if isinstance(source, Name):
        outer = emitter.table(source.level)
        return Elements(inner, (inner,), (emitter.columns.related(source.object, source.name, outer, inner), seen))
    outer, is_there = hop(emitter, source)
    joined = emitter.columns.related(source.object, source.name, outer, inner)
    return Elements(inner, (outer, inner), (is_there, joined, seen))


def listed(emitter: Emitter, node: ListOf) -> Element:
    item = node.type.item or node.type
    return array_of([emitter.plain(each) for each in node.items], item)


def membership(emitter: Emitter, node: Membership) -> Element:
    result = _among(emitter, node.operand, node.items)
    return not_(result) if node.is_negated else result


def text_test(emitter: Emitter, node: TextTest) -> Element:
    if node.left.type.kind != "list":
        return rule_sql_tests.text_test(emitter, node)
    result = _among(emitter, node.right, node.left)
    return not_(result) if node.is_negated else result


def _among(emitter: Emitter, operand: Node, items: Node) -> Element:
    wanted = emitter.emit(operand)
    if isinstance(items, ListOf) and not items.items:
        return literal(value=False, type_=Boolean())
    if isinstance(items, ListOf) and isinstance(wanted, MoneySql):
        return or_(*(compared_money("=", wanted, money(emitter.emit(item))) for item in items.items))
    if is_related(items):
        found = elements(emitter, items)
        inner = emitter.within(found.element)
        is_it = inner.columns.column(inner.table(-1), "id") == plain(wanted)
        return _over(found.select(is_it.label("value")), lambda rows: _three_valued(None, rows.c.value))
    return plain(wanted) == any_(emitter.plain(items))


def emptiness(emitter: Emitter, node: Emptiness) -> Element:
    result = _is_empty(emitter, node.operand)
    return not_(result) if node.is_negated else result


def _is_empty(emitter: Emitter, operand: Node) -> Element:
    if operand.type.kind == "list" and is_related(operand):
        return not_(_exists(elements(emitter, operand)))
    value = emitter.plain(operand)
    if operand.type.kind == "list":
        return func.coalesce(func.cardinality(value), 0) == 0
    if operand.type.kind not in {"text", "enum"}:
        return value.is_(None)
    if isinstance(operand, Name):
        return or_(value.is_(None), value == "")
    return func.coalesce(value, "") == ""


def _exists(found: Elements, *more: ColumnElement[bool]) -> ColumnElement[bool]:
    return found.select(literal(1), *more).exists()


def _inside(emitter: Emitter, node: Quantifier) -> tuple[Elements, Emitter, tuple[ColumnElement[bool], ...]]:
    found = elements(emitter, node.source)
    inner = emitter.within(found.element)
    return found, inner, () if node.where is None else (inner.where(node.where),)


def where_quantifier(emitter: Emitter, node: Quantifier) -> ColumnElement[bool]:
    """Of `any` and `all`, where only true matters: EXISTS, which stops at the first."""
    if node.name not in {"any", "all"}:
        return emitter.plain(node)
    found, inner, kept = _inside(emitter, node)
    if node.name == "all" and node.body is not None:
        return not_(_exists(found, *kept, inner.plain(node.body).is_not(true())))
    return _exists(found, *kept, *(() if node.body is None else (inner.where(node.body),)))


def quantifier(emitter: Emitter, node: Quantifier) -> Sql:
    if node.name == "any" and node.body is None:
        return where_quantifier(emitter, node)
    found, inner, kept = _inside(emitter, node)
    if node.name == "count":
        return found.select(func.count(), *kept).scalar_subquery()
    body = inner.emit(node.body) if node.body is not None else _value(found.element)
    if isinstance(body, MoneySql):
        return _of_money(node.name, found, body, kept)
    conclude = _three_valued if node.name in {"any", "all"} else _concluded
    return _over(found.select(body.label("value"), *kept), lambda rows: conclude(node, rows.c.value))


def _value(element: FromClause | Sql) -> Sql:
    if isinstance(element, (MoneySql, ColumnElement)):
        return element
    raise TypeError("an element that is a record has no value")


def _over(query: Select[Any], conclude: Callable[[Subquery], Element], *kept: Any) -> Element:
    """An aggregate over a query of its own: one whose argument mentions only outer records would be taken for an
    aggregate of the outer query."""
    rows = query.subquery()
    concluded = select(conclude(rows)).select_from(rows)
    concluded = concluded.where(*(keep(rows) for keep in kept))
    return concluded.correlate_except(rows).scalar_subquery()


def _three_valued(node: Quantifier | None, values: Element) -> Element:
    """Two for true, one for unknown, none for false: the greatest decides for `any`, the least for `all`. Over no
    element any is false and all is true."""
    rank = func.coalesce(cast(values, Integer()) * _TRUE, _UNKNOWN)
    is_all = node is not None and node.name == "all"
    decisive = func.coalesce(func.min(rank), _TRUE) if is_all else func.coalesce(func.max(rank), _FALSE)
    return func.nullif(decisive, _UNKNOWN) == _TRUE


def _of_money(name: str, found: Elements, body: MoneySql, kept: tuple[ColumnElement[bool], ...]) -> MoneySql:
    """Null where the amounts have two currencies."""
    query = found.select(body.guarded().label("amount"), *kept).add_columns(body.currency().label("currency"))

    def of_one_currency(value: Callable[[Subquery], Element]) -> Element:
        return _over(
            query,
            lambda rows: case((func.min(rows.c.currency) == func.max(rows.c.currency), value(rows))),
            lambda rows: rows.c.amount.is_not(None),
        )

    amount = of_one_currency(lambda rows: _NUMERIC[name](rows.c.amount))
    return MoneySql(amount, (of_one_currency(lambda rows: func.min(rows.c.currency)),))


def _average(values: Element) -> Element:
    return quotient(func.sum(values), func.count(values))


_NUMERIC: dict[str, Callable[[Element], Element]] = {
    "sum": func.sum,
    "min": func.min,
    "max": func.max,
    "avg": _average,
}


def _concluded(node: Quantifier, values: Element) -> Element:
    kind = node.type.kind
    result = _NUMERIC[node.name](by_code_point(values) if kind == "text" else values)
    if kind == "duration":
        return bounded(func.round(result))
    return whole(result) if kind == "int" else result
