"""Which values are equal, or in what order, said as a rule says it."""

from typing import TYPE_CHECKING

from crm_app.rules.coercion import comparable
from crm_app.rules.tree import (
    Between,
    Call,
    Comparison,
    Emptiness,
    Node,
    Not,
    logic,
)
from tests.conformance.source import Untranslatable
from tests.conformance.values import Interval, Part, Things, Value, Written, is_null

if TYPE_CHECKING:
    from tests.conformance.lowering import Lowering


def is_one_family(left: Value, right: Value) -> bool:
    if is_null(left) or is_null(right):
        return True
    return left.tag == right.tag and comparable(left.type, right.type)


def equal(lowering: "Lowering", left: Part, right: Part) -> Value:
    if isinstance(left, Interval) and isinstance(right, Interval):
        return _equal_intervals(lowering, left, right)
    if isinstance(left, Things) or isinstance(right, Things):
        raise Untranslatable("an object as a value")
    if isinstance(left, Written) or isinstance(right, Written):
        return _equal_lists(lowering, left, right)
    first, second = lowering.as_value(left), lowering.as_value(right)
    if is_null(first) or is_null(second):
        return _is_null(lowering, second if is_null(first) else first)
    if "list" in {first.kind, second.kind}:
        raise Untranslatable("compares lists")
    if not is_one_family(first, second) and (lowering.dialect.equates_types or first.tag or second.tag):
        raise Untranslatable("compares values of different types")
    test = lowering.typed(Comparison(operator="=", left=first.node, right=second.node))
    if not lowering.dialect.equates_null or not any(each.type.nullable for each in (first, second)):
        return test
    both = logic("and", [_is_null(lowering, each).node for each in (first, second)])
    return lowering.typed(Call(name="coalesce", arguments=(test.node, both)))


def _equal_lists(lowering: "Lowering", left: Part, right: Part) -> Value:
    """With null: a list that is written out and not empty is none."""
    listed = right if is_null(left) else left
    if is_null(left) is not is_null(right) and isinstance(listed, Written) and listed.items:
        return lowering.typed(Emptiness(operand=lowering.as_value(listed).node))
    raise Untranslatable("compares lists")


def _is_null(lowering: "Lowering", value: Value) -> Value:
    """An empty text is empty but not null; its comparison with itself is unknown only where it is null."""
    if value.kind != "text" or is_null(value):
        return lowering.typed(Emptiness(operand=value.node))
    return lowering.typed(Emptiness(operand=Comparison(operator="=", left=value.node, right=value.node)))


def _equal_intervals(lowering: "Lowering", left: Interval, right: Interval) -> Value:
    pairs = ((left.low, right.low), (left.high, right.high))
    is_alike = (left.includes_low, left.includes_high) == (right.includes_low, right.includes_high)
    if not is_alike or any((first is None) is not (second is None) for first, second in pairs):
        raise Untranslatable("compares intervals of different shapes")
    known = [equal(lowering, first, second).node for first, second in pairs if first is not None and second is not None]
    return lowering.typed(logic("and", known))


def compared(lowering: "Lowering", name: str, first: Part, second: Part) -> Value:
    if name in {"=", "!="}:
        found = equal(lowering, first, second)
        return found if name == "=" else lowering.typed(Not(operand=found.node))
    left, right = lowering.as_value(first), lowering.as_value(second)
    if left.tag != right.tag or (lowering.dialect.equates_types and not is_one_family(left, right)):
        raise Untranslatable("compares values of different types")
    if lowering.dialect.orders_bools and left.kind == "bool":
        raise Untranslatable("an order of true and false")
    return lowering.typed(Comparison(operator=name, left=left.node, right=right.node))


def inside(lowering: "Lowering", value: Part, interval: Interval) -> Value:
    low, high = interval.low, interval.high
    if low is not None and high is not None and interval.includes_low and interval.includes_high:
        parts = [lowering.as_value(each) for each in (value, low, high)]
        if len({part.tag for part in parts}) > 1:
            raise Untranslatable("compares values of different types")
        return lowering.typed(Between(operand=parts[0].node, low=parts[1].node, high=parts[2].node))
    ends: list[Node] = []
    if low is not None:
        ends.append(compared(lowering, ">=" if interval.includes_low else ">", value, low).node)
    if high is not None:
        ends.append(compared(lowering, "<=" if interval.includes_high else "<", value, high).node)
    return lowering.typed(logic("and", ends))
