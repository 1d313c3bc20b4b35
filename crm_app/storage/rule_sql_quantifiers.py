"""Quantifiers, as subqueries of their own."""

from collections.abc import Callable
from typing import Any

from sqlalchemy import (
    ColumnElement,
    FromClause,
    Integer,
    Select,
    Subquery,
    case,
    cast,
    func,
    literal,
    not_,
    select,
    true,
)

from crm_app.rules.tree import Quantifier
from crm_app.storage.rule_sql_elements import Elements, elements, exists
from crm_app.storage.rule_sql_emitter import Emitter
from crm_app.storage.rule_sql_values import Element, MoneySql, Sql, bounded, by_code_point, quotient

_FALSE, _UNKNOWN, _TRUE = 0, 1, 2


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
        return not_(exists(found, *kept, inner.plain(node.body).is_not(true())))
    return exists(found, *kept, *(() if node.body is None else (inner.where(node.body),)))


def quantifier(emitter: Emitter, node: Quantifier) -> Sql:
    if node.name == "any" and node.body is None:
        return where_quantifier(emitter, node)
    if (ready := emitter.ready(node)) is not None:
        return ready
    found, inner, kept = _inside(emitter, node)
    if node.name == "count":
        return found.select(func.count(), *kept).scalar_subquery()
    body = inner.emit(node.body) if node.body is not None else _value(found.element)
    if isinstance(body, MoneySql):
        return over_nothing(node, _of_money(node.name, found, body, kept))
    conclude = three_valued if node.name in {"any", "all"} else concluded
    answer = over(found.select(body.label("value"), *kept), lambda rows: conclude(node, rows.c.value))
    return over_nothing(node, answer)


def _value(element: FromClause | Sql) -> Sql:
    if isinstance(element, (MoneySql, ColumnElement)):
        return element
    raise TypeError("an element that is a record has no value")


def over(
    query: Select[Any], conclude: Callable[[Subquery], Element], *kept: Callable[[Subquery], ColumnElement[bool]]
) -> Element:
    """An aggregate over a query of its own: one whose argument mentions only outer records would be taken
    for an aggregate of the outer query.
    """
    rows = query.subquery()
    answer = select(conclude(rows)).select_from(rows).where(*(keep(rows) for keep in kept))
    return answer.correlate_except(rows).scalar_subquery()


def three_valued(node: Quantifier | None, values: Element) -> Element:
    """Two for true, one for unknown, none for false: the greatest decides for `any`, the least for `all`.
    Over no element any is false and all is true.
    """
    rank = func.coalesce(cast(values, Integer()) * _TRUE, _UNKNOWN)
    is_all = node is not None and node.name == "all"
    decisive = func.coalesce(func.min(rank), _TRUE) if is_all else func.coalesce(func.max(rank), _FALSE)
    return func.nullif(decisive, _UNKNOWN) == _TRUE


def _of_money(name: str, found: Elements, body: MoneySql, kept: tuple[ColumnElement[bool], ...]) -> MoneySql:
    """Null where the amounts have two currencies."""
    query = found.select(body.guarded().label("amount"), *kept).add_columns(body.currency().label("currency"))

    def of_one_currency(value: Callable[[Subquery], Element]) -> Element:
        return over(
            query,
            lambda rows: case((func.min(rows.c.currency) == func.max(rows.c.currency), value(rows))),
            _has_amount,
        )

    amount = of_one_currency(lambda rows: NUMERIC[name](rows.c.amount))
    return MoneySql(amount, (of_one_currency(lambda rows: func.min(rows.c.currency)),))


def over_nothing(node: Quantifier, value: Sql) -> Sql:
    """A count is 0 and a sum zero where it has a unit; all else stays null. Durations that come to more than one may be
    have no sum, which is not nothing.
    """
    if node.name not in {"count", "sum"}:
        return value
    if not isinstance(value, MoneySql):
        known = func.coalesce(value, 0)
        return bounded(known) if node.type.kind == "duration" else known
    unit = node.type.currency
    if not unit:
        return value
    return MoneySql(func.coalesce(value.amount, 0), (func.coalesce(value.currency(), literal(unit)),))


def _has_amount(rows: Subquery) -> ColumnElement[bool]:
    return rows.c.amount.is_not(None)


def _average(values: Element) -> Element:
    return quotient(func.sum(values), func.count(values))


NUMERIC: dict[str, Callable[[Element], Element]] = {
    "sum": func.sum,
    "min": func.min,
    "max": func.max,
    "avg": _average,
}


def concluded(node: Quantifier, values: Element) -> Element:
    kind = node.type.kind
    result = NUMERIC[node.name](by_code_point(values) if kind == "text" else values)
    return func.round(result) if kind == "duration" else result
