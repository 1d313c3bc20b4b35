"""Arithmetic, equal to the Python side digit for digit."""

from collections.abc import Callable

from sqlalchemy import Numeric, func

from crm_app.rules.tree import Arithmetic, Negative
from crm_app.storage.rule_sql_emitter import Emitter
from crm_app.storage.rule_sql_values import (
    Element,
    MoneySql,
    Sql,
    bounded,
    days_between,
    microseconds,
    money,
    moved_date,
    moved_instant,
    numeric,
    plain,
    quotient,
)

_NUMBERS: dict[str, Callable[[Element, Element], Element]] = {
    "+": lambda left, right: numeric(left) + numeric(right),
    "-": lambda left, right: numeric(left) - numeric(right),
    "*": lambda left, right: numeric(left) * numeric(right),
    "/": quotient,
    "%": lambda left, right: func.mod(numeric(left), func.nullif(numeric(right), 0), type_=Numeric()),
}


def arithmetic(emitter: Emitter, node: Arithmetic) -> Sql:
    left, right = emitter.emit(node.left), emitter.emit(node.right)
    kinds = {node.left.type.kind, node.right.type.kind}
    if "money" in kinds:
        return _of_money(node, left, right)
    first, second = plain(left), plain(right)
    if node.operator == "&":
        return first.concat(second)
    if kinds & {"duration", "date", "datetime"}:
        return _of_time(node, first, second)
    if kinds == {"int"}:
        return _of_integers(node.operator, first, second)
    return _NUMBERS[node.operator](first, second)


def _of_integers(operator: str, left: Element, right: Element) -> Element:
    if operator == "/":
        return func.div(numeric(left), func.nullif(numeric(right), 0), type_=Numeric())
    return _NUMBERS[operator](left, right)


def _of_money(node: Arithmetic, left: Sql, right: Sql) -> Sql:
    calculate = _NUMBERS[node.operator]
    if not isinstance(left, MoneySql):
        return MoneySql(calculate(left, money(right).amount), money(right).currencies)
    if not isinstance(right, MoneySql):
        return MoneySql(calculate(left.amount, right), left.currencies)
    both = left.together(calculate(left.amount, right.amount), right)
    return both.guarded() if node.operator == "/" else both


def _of_time(node: Arithmetic, left: Element, right: Element) -> Element:
    kinds = node.left.type.kind, node.right.type.kind
    if node.operator == "*":
        return bounded(left * right)
    if kinds == ("duration", "duration"):
        return bounded(left + right if node.operator == "+" else left - right)
    if kinds == ("date", "date"):
        return days_between(left, right)
    if kinds == ("datetime", "datetime"):
        return microseconds(left) - microseconds(right)
    moment, count = (right, left) if kinds[0] == "duration" else (left, right)
    count = -count if node.operator == "-" else count
    return moved_date(moment, count) if "date" in kinds else moved_instant(moment, count)


def negative(emitter: Emitter, node: Negative) -> Sql:
    value = emitter.emit(node.operand)
    if isinstance(value, MoneySql):
        return MoneySql(-value.amount, value.currencies)
    result = -numeric(value)
    if node.type.kind == "duration":
        return bounded(result)
    return result
