"""Rules made without text, for the filters of lists."""

from collections.abc import Callable, Mapping, Sequence
from datetime import date, datetime, time, timedelta
from decimal import Decimal
from typing import Any, cast
from uuid import UUID

from crm_app.kernel.errors import Invalid
from crm_app.kernel.money import Money
from crm_app.rules.errors import nearest
from crm_app.rules.literals import bool_literal, scalar_type
from crm_app.rules.tree import (
    Between,
    Call,
    Comparison,
    Emptiness,
    ListOf,
    Literal,
    Member,
    Membership,
    Name,
    Negative,
    Node,
    Not,
    TextTest,
    logic,
)

Condition = tuple[str, str, Any]
_NOWHERE = (0, 0)


class BadCondition(Invalid):
    """Not a condition at all: an unknown operator, or a value of no kind that rules know."""

    code = "bad_condition"


def condition_tree(wanted: Sequence[Condition]) -> Node:
    """All of them, as one tree to be checked. Each is a field (`stage`, or `account.name` across a relation), an
    operator and a value as the field's type stores it: a list for `in` and `not_in`, a pair for
    `between`, nothing for `is_empty` and `is_not_empty`. Option names and ids are texts. No conditions
    are `true`.
    """
    terms = [_term(*condition) for condition in wanted]
    return logic("and", terms) if terms else bool_literal(is_true=True, span=_NOWHERE)


def _term(field: str, operator: str, value: Any) -> Node:
    make = OPERATORS.get(operator)
    if make is None:
        near = nearest(operator, OPERATORS)
        hint = f" Did you mean '{near}'?" if near else ""
        raise BadCondition(f"There is no operator '{operator}'.{hint} Known: {', '.join(OPERATORS)}.")
    return make(_path(field), value)


def _path(field: str) -> Node:
    first, *hops = field.split(".")
    node: Node = Name(name=first)
    for hop in hops:
        node = Member(base=node, name=hop)
    return node


def _literal(value: object) -> Node:
    if isinstance(value, (int, Decimal)) and not isinstance(value, bool) and value < 0:
        return Negative(operand=_literal(-value))
    if isinstance(value, Money) and value.amount < 0:
        return Negative(operand=_literal(Money(-value.amount, value.currency)))
    if isinstance(value, timedelta) and value < timedelta(0):
        return Negative(operand=_literal(-value))
    if isinstance(value, UUID):
        value = str(value)
    if value is None or isinstance(value, (bool, int, Decimal, str, Money, date, datetime, time, timedelta)):
        return Literal(value=value, type=scalar_type(value))
    raise BadCondition(f"A condition can't compare with a {type(value).__name__}.")


def _items(value: object) -> list[Node]:
    if not isinstance(value, (list, tuple, set, frozenset)):
        raise BadCondition("This operator takes a list of values.")
    return [_literal(item) for item in cast("Sequence[object]", value)]


def _compared(operator: str) -> Callable[[Node, Any], Node]:
    return lambda field, value: Comparison(operator=operator, left=field, right=_literal(value))


def _tested(operator: str) -> Callable[[Node, Any], Node]:
    return lambda field, value: TextTest(operator=operator, left=field, right=_literal(value))


def _containing(field: Node, value: Any) -> Node:
    """Of several values, any."""
    values = cast("list[Any]", value) if isinstance(value, list) else [value]
    return logic("or", [_tested("contains")(field, each) for each in values])


def _tested_in_any_case(operator: str) -> Callable[[Node, Any], Node]:
    def make(field: Node, value: Any) -> Node:
        wanted = _literal(value.lower() if isinstance(value, str) else value)
        return TextTest(operator=operator, left=Call(name="lower", arguments=(field,)), right=wanted)

    return make


def _listed(*, is_negated: bool) -> Callable[[Node, Any], Node]:
    def make(field: Node, value: Any) -> Node:
        return Membership(operand=field, items=ListOf(items=tuple(_items(value))), is_negated=is_negated)

    return make


def _between(field: Node, value: Any) -> Node:
    ends = _items(value)
    if len(ends) != 2:  # noqa: PLR2004 - a low and a high end
        raise BadCondition("'between' takes two values, the lower first.")
    return Between(operand=field, low=ends[0], high=ends[1])


def _empty(*, is_negated: bool) -> Callable[[Node, Any], Node]:
    return lambda field, _value: Emptiness(operand=field, is_negated=is_negated)


OPERATORS: Mapping[str, Callable[[Node, Any], Node]] = {
    "eq": _compared("="),
    "ne": _compared("!="),
    "lt": _compared("<"),
    "le": _compared("<="),
    "gt": _compared(">"),
    "ge": _compared(">="),
    "in": _listed(is_negated=False),
    "not_in": _listed(is_negated=True),
    "contains": _containing,
    "contains_none": lambda field, value: Not(operand=_containing(field, value)),
    "starts_with": _tested("starts with"),
    "ends_with": _tested("ends with"),
    "contains_any_case": _tested_in_any_case("contains"),
    "starts_with_any_case": _tested_in_any_case("starts with"),
    "ends_with_any_case": _tested_in_any_case("ends with"),
    "between": _between,
    "is_empty": _empty(is_negated=False),
    "is_not_empty": _empty(is_negated=True),
}
