"""FEEL's functions and properties, said in rules."""

import re
from collections.abc import Callable
from dataclasses import replace
from datetime import datetime, timedelta
from decimal import Decimal
from typing import Any

from crm_app.rules.tree import Context, Not, logic
from tests.conformance import (
    calculations,
    equality,
    feel_calls,
    feel_ranges,
    feel_signatures,
    feel_times,
    idioms,
    lists,
)
from tests.conformance.lowering import Dialect, Lowering
from tests.conformance.source import Months, Untranslatable
from tests.conformance.values import (
    Listing,
    Part,
    Value,
    Written,
    constant,
    is_null,
    literal,
)

Function = Callable[[Lowering, tuple[Part, ...]], Part]
_SPECIAL = r"[\\^$.|?*+()\[\]{}]"


def _string(lowering: Lowering, args: tuple[Part, ...]) -> Part:
    value = lowering.as_value(args[0])
    if value.kind in {"datetime", "duration", "time"} or value.tag:
        raise Untranslatable("the text of a time or of a duration")
    return idioms.as_text(lowering, (value,))


def _number(lowering: Lowering, args: tuple[Part, ...]) -> Part:
    """With the grouping taken out, and the decimal point put in."""
    value = lowering.as_value(args[0])
    if value.kind != "text":
        raise feel_times.refuse(f"A text is needed, but this is {value.type}.")
    marks = ["" if is_null(each) else feel_times.text_of(lowering, each) for each in args[1:]]
    grouping, point = (*marks, "", "")[:2]
    if grouping not in {"", " ", ".", ","} or point not in {"", ".", ","} or (grouping and grouping == point):
        raise feel_times.refuse("These are no marks that numbers are written with.")
    if grouping:
        value = lowering.call("replace", value, literal(grouping), literal(""))
    if point == ",":
        value = lowering.call("replace", value, literal(","), literal("."))
    return lowering.call("number", value)


def _absolute(lowering: Lowering, args: tuple[Part, ...]) -> Part:
    value = lowering.as_value(args[0])
    if value.kind != "duration":
        return replace(lowering.call("abs", value), tag=value.tag)
    is_negative = equality.compared(lowering, "<", value, literal(timedelta(0)))
    return idioms.choose(lowering, is_negative, idioms.negative(lowering, value), value)


def _modulo(lowering: Lowering, args: tuple[Part, ...]) -> Part:
    """FEEL's takes the sign of the divisor."""
    left, right = (lowering.as_value(each) for each in args)
    whole = lowering.call("floor", calculations.arithmetic(lowering, "/", left, right))
    return idioms.minus(lowering, left, idioms.times(lowering, right, whole))


def _parity(remainder_sign: str) -> Function:
    def test(lowering: Lowering, args: tuple[Part, ...]) -> Part:
        rest = calculations.arithmetic(lowering, "%", lowering.as_value(args[0]), literal(2))
        return equality.compared(lowering, remainder_sign, rest, literal(0))

    return test


def _every(name: str) -> Function:
    """`all` and `any` of a list, or of the values given. A value that is not true or false makes it neither."""

    def test(lowering: Lowering, args: tuple[Part, ...]) -> Part:
        part = args[0] if len(args) == 1 else Written(args)
        if isinstance(part, Written):
            terms = [lowering.as_value(each).node for each in part.items]
            if not terms:
                raise Untranslatable("an empty list, which has no type")
            return lowering.typed(logic("and" if name == "all" else "or", terms))
        if isinstance(part, Value) and part.kind != "list":
            return lowering.typed(Not(operand=Not(operand=part.node)))
        found = lists.listing(lowering, part)
        return lists.quantified(lowering, name, found, lowering.inside(found).as_value(found.element).node)

    return test


def _join(lowering: Lowering, args: tuple[Part, ...]) -> Part:
    """Nulls are left out."""
    separator = lowering.as_value(args[1]) if len(args) > 1 and not is_null(args[1]) else literal("")
    part = args[0]
    if isinstance(part, Written):
        kept = tuple(each for each in part.items if not is_null(each))
        if not kept:
            return literal("")
        part = Written(kept)
    value = lowering.as_value(part)
    if value.kind == "text":
        return value
    if value.kind != "list":
        raise feel_times.refuse(f"A list is needed, but this is {value.type}.")
    return lowering.call("join", value, separator)


def _product(lowering: Lowering, args: tuple[Part, ...]) -> Part:
    part = args[0] if len(args) == 1 and isinstance(args[0], Written) else Written(args)
    if not part.items:
        return literal(None)
    product = lowering.as_value(part.items[0])
    if product.kind not in {"int", "decimal"}:
        raise feel_times.refuse(f"A number is needed, but this is {product.type}.")
    for each in part.items[1:]:
        product = idioms.times(lowering, product, lowering.as_value(each))
    return product


def _summary(name: str) -> Function:
    inner = lists.summary(name)

    def summarise(lowering: Lowering, args: tuple[Part, ...]) -> Part:
        if len(args) == 1 and isinstance(args[0], Written) and any(is_null(each) for each in args[0].items):
            raise feel_times.refuse("A list holds no null.")
        return inner(lowering, args)

    return summarise


def _substring(lowering: Lowering, args: tuple[Part, ...]) -> Part:
    """From the front counted from one, from the end with a minus."""
    text, start = lowering.as_value(args[0]), lowering.as_value(args[1])
    at = constant(start)
    if isinstance(at, (int, Decimal)) and not isinstance(at, bool):
        if at == 0:
            raise feel_times.refuse("Characters are counted from 1.")
        whole = int(at)
        if whole < 0:
            text, whole = lowering.call("right", text, literal(-whole)), 1
        rest = [literal(int(constant(each))) for each in args[2:] if constant(each) is not None]
        return lowering.call("substring", text, literal(whole), *rest)
    return lowering.call("substring", text, *(lowering.as_value(each) for each in args[1:]))


def _contains(lowering: Lowering, args: tuple[Part, ...]) -> Part:
    if not isinstance(args[0], (Written, Listing)) and lowering.as_value(args[0]).kind != "list":
        raise feel_times.refuse("A list is needed.")
    return lists.is_in(lowering, args[1], args[0])


def _plain_pattern(name: str, count: int) -> Function:
    """`replace` and `split` look for a pattern in FEEL and for a text here: the same where it has no special marks."""

    def apply(lowering: Lowering, args: tuple[Part, ...]) -> Part:
        values = [lowering.as_value(each) for each in args]
        if any(value.kind != "text" for value in values):
            raise feel_times.refuse("A text is needed.")
        marks = [constant(value) for value in values[1:]]
        if len(args) > count or not all(isinstance(mark, str) and not re.search(_SPECIAL, mark) for mark in marks):
            raise Untranslatable("a pattern where rules take a text")
        return lowering.call(name, *values)

    return apply


FUNCTIONS: dict[str, Function] = {
    "@": feel_times.at,
    "date": feel_times.day,
    "date and time": feel_times.moment,
    "time": feel_times.time_of_day,
    "duration": feel_times.duration,
    "string": _string,
    "number": _number,
    "not": lambda lowering, args: lowering.typed(Not(operand=lowering.as_value(args[0]).node)),
    "abs": _absolute,
    "floor": idioms.rounded_with("floor"),
    "ceiling": idioms.rounded_with("ceil"),
    "round half up": idioms.rounded_with("round"),
    "round down": idioms.truncated,
    "round up": idioms.away_from_nought,
    "round half down": idioms.half_down,
    "decimal": idioms.half_even,
    "sqrt": idioms.known("sqrt"),
    "modulo": _modulo,
    "even": _parity("="),
    "odd": _parity("!="),
    "substring": _substring,
    "string length": idioms.known("len"),
    "upper case": idioms.known("upper"),
    "lower case": idioms.known("lower"),
    "contains": idioms.tested("contains"),
    "starts with": idioms.tested("starts with"),
    "ends with": idioms.tested("ends with"),
    "split": _plain_pattern("split", 2),
    "replace": _plain_pattern("replace", 3),
    "matches": idioms.known("matches"),
    "years and months duration": feel_times.months_between,
    "today": lambda lowering, _args: lowering.typed(Context(name="today")),
    "now": lambda lowering, _args: lowering.typed(Context(name="now")),
    "day of week": idioms.named("weekday", idioms.DAYS, 99),
    "month of year": idioms.named("month", idioms.MONTHS, 99),
    "string join": _join,
    "list contains": _contains,
    "count": lambda lowering, args: lists.count(lowering, args[0]),
    **{name: _summary(name) for name in ("min", "max", "sum")},
    "mean": _summary("avg"),
    "product": _product,
    "all": _every("all"),
    "any": _every("any"),
    "day of year": feel_times.date_part("day of year"),
    "week of year": feel_times.date_part("week"),
    "range": feel_ranges.from_text,
    **feel_ranges.FUNCTIONS,
}
DIALECT = Dialect(
    "feel",
    FUNCTIONS,
    lazy={
        " in": feel_calls.is_in,
        " matches": feel_calls.matches,
        " apply": feel_calls.apply,
        " typed": feel_calls.typed,
    },
    attributes=feel_times.attributes,
    positioned=feel_signatures.positioned,
    equates_types=False,
    first_index=1,
)


def same(expected: Any, found: Any) -> bool | None:
    if isinstance(expected, datetime) and isinstance(found, datetime):
        return expected == found
    if isinstance(expected, (timedelta, Months)):
        zero = {timedelta(0), Months(0)}
        return expected == found or (expected in zero and found in zero)
    return None
