"""Operators of other languages as those of rules."""

from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from typing import TYPE_CHECKING

from crm_app.rules.coercion import comparable
from crm_app.rules.errors import RuleError
from crm_app.rules.tree import (
    Arithmetic,
    Between,
    Call,
    Comparison,
    Emptiness,
    Negative,
    Node,
    Not,
    logic,
)
from tests.conformance import lists, source
from tests.conformance.source import Untranslatable
from tests.conformance.values import Interval, Part, Things, Value, Written, constant, is_null, literal

if TYPE_CHECKING:
    from tests.conformance.lowering import Lowering

MAX_POWER = 20
Operation = Callable[["Lowering", tuple[Part, ...]], Part]


def operation(lowering: "Lowering", node: source.Op) -> Part:
    return _OPERATIONS[node.name](lowering, tuple(lowering.lower(each) for each in node.args))


def is_one_family(left: Value, right: Value) -> bool:
    if is_null(left) or is_null(right):
        return True
    return left.tag == right.tag and comparable(left.type, right.type)


def _junction(name: str) -> Operation:
    def junction(lowering: "Lowering", args: tuple[Part, ...]) -> Part:
        terms = [lowering.as_value(each).node for each in args]
        return lowering.typed(logic(name, terms))

    return junction


def _not(lowering: "Lowering", args: tuple[Part, ...]) -> Part:
    return lowering.typed(Not(operand=lowering.as_value(args[0]).node))


def negate(lowering: "Lowering", args: tuple[Part, ...]) -> Part:
    value = lowering.as_value(args[0])
    return lowering.typed(Negative(operand=value.node), value.tag)


def _arithmetic(name: str) -> Operation:
    def calculate(lowering: "Lowering", args: tuple[Part, ...]) -> Part:
        return arithmetic(lowering, name, lowering.as_value(args[0]), lowering.as_value(args[1]))

    return calculate


def arithmetic(lowering: "Lowering", name: str, left: Value, right: Value) -> Value:
    if "months" in {left.tag, right.tag}:
        return _of_months(lowering, name, left, right)
    kinds = {left.kind, right.kind}
    if "time" in kinds and name in {"+", "-"} and kinds <= {"time", "duration"}:
        raise Untranslatable("arithmetic with times of day")
    if kinds == {"date", "datetime"}:
        left, right = _at_midnight(left), _at_midnight(right)
    texts = kinds == {"text"}
    if name == "+" and texts and lowering.dialect.joins_with_plus:
        return lowering.typed(Arithmetic(operator="&", left=left.node, right=right.node))
    if lowering.dialect.has_infinity and name == "/" and right.kind == "decimal" and constant(right) == 0:
        raise Untranslatable("infinity, or what is no number")
    if name == "/" and left.kind == right.kind == "int" and lowering.dialect.divides_exactly:
        left = as_decimal(lowering, left)
    if "duration" in {left.kind, right.kind} and name in {"*", "/"}:
        return _of_duration(lowering, name, left, right)
    return lowering.typed(Arithmetic(operator=name, left=left.node, right=right.node))


def _at_midnight(value: Value) -> Value:
    """A day that is written out, as the point in time when it starts in UTC."""
    day = constant(value)
    if value.kind == "datetime" or day is None:
        return value
    return literal(datetime(day.year, day.month, day.day, tzinfo=UTC))


def as_decimal(lowering: "Lowering", value: Value) -> Value:
    whole = constant(value)
    if isinstance(whole, int) and not isinstance(whole, bool):
        return literal(Decimal(whole))
    return lowering.typed(Arithmetic(operator="*", left=value.node, right=literal(Decimal("1.0")).node))


def _of_duration(lowering: "Lowering", name: str, left: Value, right: Value) -> Value:
    """Rules multiply a duration by whole numbers; a part of one is so many seconds."""
    span, number = (left, right) if left.kind == "duration" else (right, left)
    is_part = number.kind == "decimal" or (name == "/" and number.kind == "int" and left.kind == "duration")
    if number.tag or not is_part:
        return lowering.typed(Arithmetic(operator=name, left=left.node, right=right.node))
    seconds = arithmetic(lowering, "*", lowering.call("hours", span), literal(3600))
    exact = lowering.call("round", arithmetic(lowering, name, seconds, number), literal(9))
    return arithmetic(lowering, "*", literal(timedelta(seconds=1)), lowering.call("trunc", exact))


def _of_months(lowering: "Lowering", name: str, left: Value, right: Value) -> Value:
    """A duration of months is a whole number of them."""
    if left.tag == right.tag and name in {"+", "-"}:
        return lowering.typed(Arithmetic(operator=name, left=left.node, right=right.node), "months")
    if left.tag == right.tag and name == "/":
        return lowering.typed(Arithmetic(operator="/", left=as_decimal(lowering, left).node, right=right.node))
    days = {"date", "datetime"}
    if name in {"+", "-"} and left.kind in days:
        count = right if name == "+" else lowering.typed(Negative(operand=right.node))
        return lowering.call("add_months", left, count)
    if name == "+" and right.kind in days:
        return lowering.call("add_months", right, left)
    span, number = (left, right) if left.tag else (right, left)
    if number.kind in {"int", "decimal"} and not number.tag and (name == "*" or (name == "/" and left.tag)):
        scaled = arithmetic(lowering, name, replace(span, tag=""), number)
        return replace(scaled if scaled.kind == "int" else lowering.call("trunc", scaled), tag="months")
    raise RuleError(f"`{name}` does not go with months and {number.type}.", (0, 0))


def _power(lowering: "Lowering", args: tuple[Part, ...]) -> Part:
    base, exponent = lowering.as_value(args[0]), lowering.as_value(args[1])
    for part in (base, exponent):
        if part.kind not in {"int", "decimal"} or part.tag:
            raise RuleError(f"A number is needed, but this is {part.type}.", (0, 0))
    count = constant(exponent)
    if not isinstance(count, (int, Decimal)) or count != int(count) or abs(count) > MAX_POWER:
        return lowering.call("power", base, exponent)
    product = literal(1)
    for _ in range(abs(int(count))):
        product = base if product == literal(1) else arithmetic(lowering, "*", product, base)
    return arithmetic(lowering, "/", literal(Decimal("1.0")), product) if count < 0 else product


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


def _compare(name: str) -> Operation:
    def compare(lowering: "Lowering", args: tuple[Part, ...]) -> Part:
        return compared(lowering, name, *args)

    return compare


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


def _in(lowering: "Lowering", args: tuple[Part, ...]) -> Part:
    return lists.is_in(lowering, args[0], args[1])


def unary_tests(lowering: "Lowering", node: source.Test) -> Part:
    terms = [lowering.value(each).node for each in node.tests]
    return lowering.typed(logic("or", terms))


def _coalesce(lowering: "Lowering", args: tuple[Part, ...]) -> Part:
    values = [lowering.as_value(each) for each in args]
    if not is_one_family(values[0], values[1]):
        raise Untranslatable("a choice between values of different types")
    return lowering.call("coalesce", *values)


def _between(lowering: "Lowering", args: tuple[Part, ...]) -> Part:
    return inside(lowering, args[0], Interval(args[1], args[2], includes_low=True, includes_high=True))


def slice_of(lowering: "Lowering", node: source.Slice) -> Part:
    """Both ends belong to it and count from nought."""
    text = lowering.value(node.base)
    low = 0 if node.low is None else constant(lowering.lower(node.low))
    high = None if node.high is None else constant(lowering.lower(node.high))
    if text.kind != "text" or not isinstance(low, int) or not (high is None or isinstance(high, int)):
        raise Untranslatable("a part of a list")
    kept = text if high is None else lowering.call("left", text, literal(high + 1))
    if low == 0:
        return kept
    length = arithmetic(lowering, "-", lowering.call("len", kept), literal(low))
    return lowering.call("right", kept, length)


def each(lowering: "Lowering", node: source.Each) -> Part:
    return lists.each(lowering, node)


_OPERATIONS: dict[str, Operation] = {
    **{name: _arithmetic(name) for name in ("+", "-", "*", "/", "%")},
    **{name: _compare(name) for name in ("=", "!=", "<", "<=", ">", ">=")},
    "and": _junction("and"),
    "or": _junction("or"),
    "not": _not,
    "neg": negate,
    "^": _power,
    "in": _in,
    "between": _between,
    "??": _coalesce,
}
