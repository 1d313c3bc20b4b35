"""Arithmetic, choices and calls. Null in, null out."""

from collections.abc import Callable
from datetime import timedelta
from typing import Any

from crm_app.kernel.money import Money
from crm_app.rules import exact
from crm_app.rules.closures import Build, Closure, Reach
from crm_app.rules.library import FUNCTIONS
from crm_app.rules.tree import Arithmetic, Call, Decision, If, Negative

Combine = Callable[[Any, Any], Any]

_NUMBERS: dict[str, Combine] = {
    "+": exact.plus,
    "-": exact.minus,
    "*": exact.times,
    "/": exact.quotient,
    "%": exact.remainder,
}


def arithmetic(node: Arithmetic, build: Build) -> Closure:
    left, right = build(node.left), build(node.right)
    combine = _combination(node)

    def calculate(reach: Reach) -> Any:
        first = left(reach)
        if first is None:
            return None
        second = right(reach)
        return None if second is None else combine(first, second)

    return calculate


def _combination(node: Arithmetic) -> Combine:
    operator, left, right = node.operator, node.left.type.kind, node.right.type.kind
    if operator == "&":
        return lambda first, second: first + second
    if "money" in {left, right}:
        return _of_money(operator, left, right)
    if {left, right} & {"duration", "date", "datetime"}:
        return _of_time(operator, left, right)
    return exact.whole_quotient if operator == "/" and left == right == "int" else _NUMBERS[operator]


def _of_money(operator: str, left: str, right: str) -> Combine:
    calculate = _NUMBERS[operator]
    if left == right:
        return _money_ratio if operator == "/" else lambda first, second: _joined(calculate, first, second)
    if left == "money":
        return lambda money, number: _scaled(calculate, money, number)
    return lambda number, money: _scaled(calculate, money, number)


def _joined(calculate: Combine, first: Money, second: Money) -> Money | None:
    if first.currency != second.currency:
        return None
    return Money(calculate(first.amount, second.amount), first.currency)


def _scaled(calculate: Combine, money: Money, number: Any) -> Money | None:
    amount = calculate(money.amount, number)
    return None if amount is None else Money(amount, money.currency)


def _money_ratio(first: Money, second: Money) -> Any:
    return exact.quotient(first.amount, second.amount) if first.currency == second.currency else None


def _of_time(operator: str, left: str, right: str) -> Combine:
    if operator == "*":
        if left == "duration":
            return exact.repeated
        return lambda count, duration: exact.repeated(duration, count)
    if left == right:
        return exact.sum_of_durations if operator == "+" else exact.difference
    if left == "duration":
        return lambda duration, moment: exact.later(moment, duration)
    return exact.later if operator == "+" else exact.earlier


def negative(node: Negative, build: Build) -> Closure:
    operand = build(node.operand)

    def negate(reach: Reach) -> Any:
        value = operand(reach)
        if value is None or isinstance(value, timedelta):
            return None if value is None else exact.bounded(-value)
        if isinstance(value, Money):
            return Money(exact.EXACT.minus(value.amount), value.currency)
        return exact.minus(0, value)

    return negate


def choice(node: If, build: Build) -> Closure:
    condition, then, otherwise = build(node.condition), build(node.then), build(node.otherwise)
    return lambda reach: then(reach) if condition(reach) is True else otherwise(reach)


def decision(node: Decision, build: Build) -> Closure:
    return build(node.body)


def call(node: Call, build: Build) -> Closure:
    function = FUNCTIONS.get(node.name)
    arguments = tuple(build(argument) for argument in function.reads(node))
    python, takes_null = function.python, function.takes_null

    def apply(reach: Reach) -> Any:
        values = [argument(reach) for argument in arguments]
        if not takes_null and None in values:
            return None
        return python(reach.inputs, *values)

    return apply
