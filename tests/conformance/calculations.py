"""Arithmetic of other languages as that of rules."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from typing import TYPE_CHECKING

from crm_app.rules.errors import RuleError
from crm_app.rules.tree import (
    Arithmetic,
    Negative,
)
from tests.conformance.source import Untranslatable
from tests.conformance.values import Part, Value, constant, literal

if TYPE_CHECKING:
    from tests.conformance.lowering import Lowering


MAX_POWER = 20


def arithmetic(lowering: "Lowering", name: str, left: Value, right: Value) -> Value:
    if "months" in {left.tag, right.tag}:
        return _of_months(lowering, name, left, right)
    kinds = {left.kind, right.kind}
    _refuse_lacking(lowering, name, kinds)
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


def _refuse_lacking(lowering: "Lowering", name: str, kinds: set[str]) -> None:
    """What other languages calculate with and rules don't."""
    if "time" in kinds and name in {"+", "-"} and kinds <= {"time", "duration"}:
        raise Untranslatable("arithmetic with times of day")
    if name == "+" and kinds == {"list"} and lowering.dialect.joins_lists:
        raise Untranslatable("a list that is computed")


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


def power(lowering: "Lowering", args: tuple[Part, ...]) -> Part:
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


def negate(lowering: "Lowering", args: tuple[Part, ...]) -> Part:
    value = lowering.as_value(args[0])
    return lowering.typed(Negative(operand=value.node), value.tag)
