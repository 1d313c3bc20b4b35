"""True, false, and null for unknown: SQL's logic."""

import operator
from collections.abc import Callable
from typing import Any

from crm_app.rules.closures import Build, Closure, Reach
from crm_app.rules.python_fields import compared_with_literal
from crm_app.rules.tree import Between, Comparison, Logic, Not

_COMPARE: dict[str, Callable[[Any, Any], bool]] = {
    "=": operator.eq,
    "!=": operator.ne,
    "<": operator.lt,
    "<=": operator.le,
    ">": operator.gt,
    ">=": operator.ge,
}


def conjunction(node: Logic, build: Build) -> Closure:
    """One term decides, or any unknown one leaves it unknown."""
    terms = tuple(build(term) for term in node.terms)
    return _any_of(terms) if node.operator == "or" else _all_of(terms)


def _all_of(terms: tuple[Closure, ...]) -> Closure:
    def decide(reach: Reach) -> bool | None:
        result: bool | None = True
        for term in terms:
            value = term(reach)
            if value is False:
                return False
            if value is None:
                result = None
        return result

    return decide


def _any_of(terms: tuple[Closure, ...]) -> Closure:
    def decide(reach: Reach) -> bool | None:
        result: bool | None = False
        for term in terms:
            value = term(reach)
            if value is True:
                return True
            if value is None:
                result = None
        return result

    return decide


def negated(closure: Closure) -> Closure:
    def negate(reach: Reach) -> bool | None:
        value = closure(reach)
        return None if value is None else not value

    return negate


def negation(node: Not, build: Build) -> Closure:
    return negated(build(node.operand))


def comparison(node: Comparison, build: Build) -> Closure:
    compare = _COMPARE[node.operator]
    left, right = build(node.left), build(node.right)
    if node.left.type.kind == "money":
        return _of_money(left, right, compare)
    short = compared_with_literal(node, left)
    if short is not None:
        return short

    def test(reach: Reach) -> bool | None:
        first, second = left(reach), right(reach)
        return None if first is None or second is None else compare(first, second)

    return test


def _of_money(left: Closure, right: Closure, compare: Callable[[Any, Any], bool]) -> Closure:
    """Amounts of different currencies: unknown."""

    def test(reach: Reach) -> bool | None:
        first, second = left(reach), right(reach)
        if first is None or second is None or first.currency != second.currency:
            return None
        return compare(first.amount, second.amount)

    return test


def between(node: Between, build: Build) -> Closure:
    """`low <= operand and operand <= high`: false if either is, whatever the other."""
    operand, low, high = build(node.operand), build(node.low), build(node.high)
    at_most = _money_at_most if node.operand.type.kind == "money" else _at_most

    def test(reach: Reach) -> bool | None:
        value = operand(reach)
        above, below = at_most(low(reach), value), at_most(value, high(reach))
        if above is False or below is False:
            return False
        return None if above is None or below is None else True

    return negated(test) if node.is_negated else test


def _at_most(value: Any, limit: Any) -> bool | None:
    return None if value is None or limit is None else value <= limit


def _money_at_most(value: Any, limit: Any) -> bool | None:
    if value is None or limit is None or value.currency != limit.currency:
        return None
    return value.amount <= limit.amount
