"""True, false and null: SQL's logic is the language's own."""

import operator
from collections.abc import Callable
from typing import Any

from sqlalchemy import ColumnElement, and_, case, func, not_, or_

from crm_app.rules.tree import Between, Comparison, Decision, If, Literal, Logic, Not, TextTest
from crm_app.storage.rule_sql_emitter import Emitter
from crm_app.storage.rule_sql_names import stored_id
from crm_app.storage.rule_sql_values import Element, MoneySql, Sql, by_code_point, money

_COMPARE: dict[str, Callable[[Any, Any], Any]] = {
    "=": operator.eq,
    "!=": operator.ne,
    "<": operator.lt,
    "<=": operator.le,
    ">": operator.gt,
    ">=": operator.ge,
}


def conjunction(emitter: Emitter, node: Logic) -> Element:
    return _joined(node, [emitter.plain(term) for term in node.terms])


def where_conjunction(emitter: Emitter, node: Logic) -> ColumnElement[bool]:
    return _joined(node, [emitter.where(term) for term in node.terms])


def _joined(node: Logic, terms: list[ColumnElement[bool]]) -> ColumnElement[bool]:
    return and_(*terms) if node.operator == "and" else or_(*terms)


def negation(emitter: Emitter, node: Not) -> Element:
    return not_(emitter.plain(node.operand))


def comparison(emitter: Emitter, node: Comparison) -> Element:
    left, right = emitter.emit(node.left), emitter.emit(node.right)
    if isinstance(left, MoneySql):
        return compared_money(node.operator, left, money(right))
    return _compared(node, left, right)


def _compared(node: Comparison, left: Element, right: Sql) -> Element:
    if node.left.type.kind == "text" and node.operator not in {"=", "!="}:
        left = by_code_point(left)
    return _COMPARE[node.operator](left, right)


def compared_money(sign: str, left: MoneySql, right: MoneySql) -> Element:
    both = left.together(_COMPARE[sign](left.amount, right.amount), right)
    return both.guarded()


def where_comparison(emitter: Emitter, node: Comparison) -> ColumnElement[bool]:
    """Amount and currency side by side, a relation's id beside whether its record is seen: indexes can serve that."""
    left, right = emitter.emit(node.left), emitter.emit(node.right)
    if not isinstance(left, MoneySql):
        held = stored_id(emitter, node.left) if node.operator == "=" else None
        result = _compared(node, left, right)
        return result if held is None or held is left else and_(held == right, result)
    both = left.together(_COMPARE[node.operator](left.amount, money(right).amount), money(right))
    agreement = both.agreement
    return both.amount if agreement is None else and_(both.amount, agreement)


def between(emitter: Emitter, node: Between) -> Element:
    operand, low, high = (emitter.emit(part) for part in (node.operand, node.low, node.high))
    if isinstance(operand, MoneySql):
        result = and_(compared_money(">=", operand, money(low)), compared_money("<=", operand, money(high)))
    else:
        value = by_code_point(operand) if node.operand.type.kind == "text" else operand
        result = value.between(low, high)
    return not_(result) if node.is_negated else result


def text_test(emitter: Emitter, node: TextTest) -> Element:
    """Of texts; lists stand beside the other questions about lists."""
    left = emitter.plain(node.left)
    if isinstance(node.right, Literal) and isinstance(node.right.value, str):
        result = _like(node.operator, left, node.right.value)
    else:
        result = _against(node.operator, left, emitter.plain(node.right))
    return not_(result) if node.is_negated else result


def _like(test: str, left: Element, text: str) -> Element:
    """With a text known beforehand a pattern, which a trigram index can serve."""
    if test == "contains":
        return left.contains(text, autoescape=True)
    return left.startswith(text, autoescape=True) if test == "starts with" else left.endswith(text, autoescape=True)


def _against(test: str, left: Element, right: Element) -> Element:
    if test == "contains":
        return func.strpos(left, right) > 0
    if test == "ends with":
        left, right = func.reverse(left), func.reverse(right)
    return func.starts_with(left, right)


def choice(emitter: Emitter, node: If) -> Sql:
    condition = emitter.where(node.condition)
    then, otherwise = emitter.emit(node.then), emitter.emit(node.otherwise)
    if isinstance(then, MoneySql):
        other = money(otherwise)
        return MoneySql(
            case((condition, then.guarded()), else_=other.guarded()),
            (case((condition, then.currency()), else_=other.currency()),),
        )
    return case((condition, then), else_=otherwise)


def decision(emitter: Emitter, node: Decision) -> Sql:
    return emitter.emit(node.body)
