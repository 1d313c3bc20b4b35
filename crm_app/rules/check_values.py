"""Constructs that give a value: arithmetic, choices, lists and calls."""

from collections.abc import Callable
from dataclasses import replace

from crm_app.fields.rule_type import DATE, DATETIME, DECIMAL, DURATION, INT, TEXT, RuleType, list_of
from crm_app.rules.checking import Checking, strict
from crm_app.rules.coercion import NUMBERS, TEXTS, fit, is_null, refuse_currencies, suggestion, unified
from crm_app.rules.errors import RuleError
from crm_app.rules.printer import print_rule
from crm_app.rules.tree import UNTYPED, Arithmetic, If, Kept, ListOf, Literal, Negative, Node

_INT, _DECIMAL, _MONEY = "int", "decimal", "money"
Result = Callable[[RuleType, RuleType], RuleType]


def _always(rule_type: RuleType) -> Result:
    return lambda _left, _right: rule_type


def _left_type(left: RuleType, _right: RuleType) -> RuleType:
    return left


def _right_type(_left: RuleType, right: RuleType) -> RuleType:
    return right


def _sum_of_money(left: RuleType, right: RuleType) -> RuleType:
    return replace(left, currency=left.currency or right.currency)


# What each operator makes of two kinds; whatever is not here is refused.
_NUMERIC: dict[tuple[str, str, str], Result] = {
    (operator, left, right): _always(INT if left == right == _INT else DECIMAL)
    for operator in "+-*/%"
    for left in NUMBERS
    for right in NUMBERS
}
_MONETARY: dict[tuple[str, str, str], Result] = {
    ("+", _MONEY, _MONEY): _sum_of_money,
    ("-", _MONEY, _MONEY): _sum_of_money,
    ("/", _MONEY, _MONEY): _always(DECIMAL),
    **{(operator, _MONEY, number): _left_type for operator in "*/" for number in NUMBERS},
    **{("*", number, _MONEY): _right_type for number in NUMBERS},
}
_TEMPORAL: dict[tuple[str, str, str], Result] = {
    ("+", "duration", "duration"): _always(DURATION),
    ("-", "duration", "duration"): _always(DURATION),
    ("*", "duration", _INT): _always(DURATION),
    ("*", _INT, "duration"): _always(DURATION),
    **{(operator, moment.kind, "duration"): _always(moment) for operator in "+-" for moment in (DATE, DATETIME)},
    **{("+", "duration", moment.kind): _always(moment) for moment in (DATE, DATETIME)},
    **{("-", moment.kind, moment.kind): _always(DURATION) for moment in (DATE, DATETIME)},
}
_TEXTUAL: dict[tuple[str, str, str], Result] = {("&", left, right): _always(TEXT) for left in TEXTS for right in TEXTS}
_RESULTS = _NUMERIC | _MONETARY | _TEMPORAL | _TEXTUAL


def arithmetic(node: Arithmetic, checking: Checking) -> Node:
    left, right = checking.typed(node.left), checking.typed(node.right)
    for operand in (left, right):
        if is_null(operand):
            raise RuleError("Arithmetic with null is always null.", operand.span, found="null")
    result = _RESULTS.get((node.operator, left.type.kind, right.type.kind))
    if result is None:
        raise _refused(node, left, right)
    refuse_currencies(left, right, node.span)
    found = result(left.type, right.type)
    nullable = node.operator in {"/", "%"} or found.kind in {"date", "datetime", "duration", "money"}
    rule_type = replace(found, nullable=True) if nullable else strict(found, left, right)
    return replace(node, left=left, right=right, type=rule_type)


def _refused(node: Arithmetic, left: Node, right: Node) -> RuleError:
    return RuleError(
        f"`{node.operator}` does not go with {left.type} and {right.type}.",
        node.span,
        expected=str(left.type),
        found=str(right.type),
        suggestion=_instead(node.operator, left, right),
    )


def _instead(operator: str, left: Node, right: Node) -> str:
    first, second = print_rule(left), print_rule(right)
    kinds = (left.type.kind, right.type.kind)
    if operator in {"+", "-"} and kinds in {("date", "int"), ("datetime", "int")} and isinstance(right, Literal):
        return f"{first} {operator} P{right.value}D"
    if operator == "+" and set(kinds) <= set(TEXTS):
        return f"{first} & {second}"
    if operator in {"+", "-"} and (fixed := suggestion(left.type, right)):
        return f"{first} {operator} {fixed}"
    if operator in {"+", "-"} and (fixed := suggestion(right.type, left)):
        return f"{fixed} {operator} {second}"
    return ""


def negative(node: Negative, checking: Checking) -> Node:
    operand = checking.typed(node.operand)
    if operand.type.kind not in {*NUMBERS, _MONEY, "duration"} or is_null(operand):
        raise RuleError(
            f"`-` needs a number, but `{print_rule(operand)}` is {operand.type}.",
            operand.span,
            expected="a number",
            found=str(operand.type),
        )
    return replace(node, operand=operand, type=operand.type)


def choice(node: If, checking: Checking) -> Node:
    condition = checking.condition(node.condition)
    then, otherwise = checking.typed(node.then), checking.typed(node.otherwise)
    then, otherwise = fit(then, otherwise.type), fit(otherwise, then.type)
    result = unified(then.type, otherwise.type)
    if result is None or result.kind in {"list", "json"}:
        raise RuleError(
            f"`then` gives {then.type} and `else` gives {otherwise.type}: both must give one type.",
            otherwise.span,
            expected=str(then.type),
            found=str(otherwise.type),
            suggestion=suggestion(then.type, otherwise),
        )
    return replace(node, condition=condition, then=then, otherwise=otherwise, type=result)


def listed(node: ListOf, checking: Checking) -> Node:
    """Every item is brought to the type of the first, where it can be."""
    items = [checking.typed(item) for item in node.items]
    common = UNTYPED
    for item in items:
        if is_null(item):
            raise RuleError("A list holds no null.", item.span, found="null")
        merged = item.type if common.kind == "null" else unified(common, fit(item, common).type)
        if merged is None or merged.kind in {"list", "json"}:
            raise RuleError(
                f"The items of a list have one type: {common} and {item.type} differ.",
                item.span,
                expected=str(common),
                found=str(item.type),
                suggestion=suggestion(common, item),
            )
        common = merged
    fitted = tuple(fit(item, common) for item in items)
    return replace(node, items=fitted, type=list_of(common).required())


def kept(node: Kept, checking: Checking) -> Node:
    operand = checking.typed(node.operand)
    item = operand.type.item or UNTYPED
    if item.kind == "money":
        raise RuleError("A list of amounts can't be answered: combine them.", node.span, found="list⟨money⟩")
    return replace(node, operand=operand, type=list_of(item.required()).required())
