"""What several languages have a function for, said in rules."""

from collections.abc import Callable
from datetime import date, datetime, timedelta
from decimal import Decimal

from crm_app.rules.tree import Arithmetic, Comparison, If, Negative, TextTest
from tests.conformance import calculations, equality, lists, moments
from tests.conformance.lowering import Lowering
from tests.conformance.source import Months, Untranslatable
from tests.conformance.values import Interval, Listing, Part, Value, Written, constant, is_null, literal

Function = Callable[[Lowering, tuple[Part, ...]], Part]
DAYS = ("Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday", "Sunday")
MONTHS = ("January", "February", "March", "April", "May", "June", "July", "August", "September", "October", "November",
          "December")  # fmt: skip
_CLOCK = ("hour", "minute")
_IN_AN_HOUR = {"minutes": 60, "seconds": 3600}


def known(name: str, *, most: int = 9, fewest: int = 1) -> Function:
    """A function that rules have under this name, taking the same values."""

    def apply(lowering: Lowering, args: tuple[Part, ...]) -> Part:
        if not fewest <= len(args) <= most:
            raise Untranslatable("a call with a wrong number of values")
        return lowering.call(name, *(lowering.as_value(each) for each in args))

    return apply


def tested(word: str) -> Function:
    def test(lowering: Lowering, args: tuple[Part, ...]) -> Part:
        left, right = (lowering.as_value(each) for each in args)
        return lowering.typed(TextTest(operator=word, left=left.node, right=right.node))

    return test


def contains(lowering: Lowering, args: tuple[Part, ...]) -> Part:
    """Of a text or of a list."""
    if isinstance(args[0], (Written, Listing, Interval)) or lowering.as_value(args[0]).kind == "list":
        return lists.is_in(lowering, args[1], args[0])
    return tested("contains")(lowering, args)


def length(lowering: Lowering, args: tuple[Part, ...]) -> Part:
    part = args[0]
    if isinstance(part, (Written, Listing, Interval)) or lowering.as_value(part).kind == "list":
        return lists.count(lowering, part)
    return lowering.call("len", lowering.as_value(part))


def as_text(lowering: Lowering, args: tuple[Part, ...]) -> Part:
    value = lowering.as_value(args[0])
    return value if value.kind == "text" else lowering.call("text", value)


def as_number(lowering: Lowering, args: tuple[Part, ...]) -> Part:
    value = lowering.as_value(args[0])
    if value.kind == "bool":
        one, nought = literal(1), literal(0)
        return lowering.typed(If(condition=value.node, then=one.node, otherwise=nought.node))
    return value if value.kind in {"int", "decimal"} else lowering.call("number", value)


def as_bool(lowering: Lowering, args: tuple[Part, ...]) -> Part:
    value = lowering.as_value(args[0])
    if value.kind == "bool":
        return value
    other = literal("true") if value.kind == "text" else literal(0)
    sign = "=" if value.kind == "text" else "!="
    return lowering.typed(Comparison(operator=sign, left=value.node, right=other.node))


def moment(lowering: Lowering, part: Part, zone: str = "UTC") -> Value:
    """A day or a point in time; a text that is written out is one of them."""
    value = lowering.as_value(part)
    text = constant(value)
    if isinstance(text, str):
        found = moments.moment_of(text, zone)
        if found is None:
            raise Untranslatable("a text that is no date")
        return literal(found)
    if value.kind == "text":
        raise Untranslatable("a date made of something that is not written out")
    return value


def shifted(lowering: Lowering, start: Value, spans: list[timedelta | Months], *, is_back: bool) -> Value:
    for span in spans:
        if isinstance(span, Months):
            start = lowering.call("add_months", start, literal(-span.count if is_back else span.count))
        else:
            sign = "-" if is_back else "+"
            start = lowering.typed(Arithmetic(operator=sign, left=start.node, right=literal(span).node))
    return start


def day_of_year(lowering: Lowering, day: Value) -> Value:
    """The days since the year began, and one."""
    passed = lowering.call("days_between", start_of(lowering, day, "year"), day)
    return lowering.typed(Arithmetic(operator="+", left=passed.node, right=literal(1).node))


def start_of(lowering: Lowering, day: Value, unit: str) -> Value:
    """Rules know the periods from a day up; an hour and a minute are counted from when the day starts."""
    if unit not in _CLOCK:
        return lowering.call("start_of", day, literal(unit))
    found = lowering.call("start_of", day, literal("day"))
    for part in _CLOCK[: _CLOCK.index(unit) + 1]:
        count = lowering.call(part, day)
        found = plus(lowering, found, times(lowering, count, literal(moments.span_of(1, part))))
    return found


def end_of(lowering: Lowering, day: Value, unit: str) -> Value:
    if unit not in _CLOCK:
        return lowering.call("end_of", day, literal(unit))
    length = moments.span_of(1, unit)
    assert isinstance(length, timedelta)
    return plus(lowering, start_of(lowering, day, unit), literal(length - timedelta(microseconds=1)))


def whole(lowering: Lowering, unit: str, span: Value) -> Value:
    """How many whole days, hours, minutes or seconds a duration has; rules give days and hours with decimals."""
    if unit in {"days", "hours"}:
        return lowering.call("trunc", lowering.call(unit, span))
    if unit not in _IN_AN_HOUR:
        raise Untranslatable("a time finer than seconds")
    count = times(lowering, lowering.call("hours", span), literal(_IN_AN_HOUR[unit]))
    return lowering.call("trunc", lowering.call("round", count, literal(9)))


def part_of(name: str) -> Function:
    """`year(x)` and the like."""
    return lambda lowering, args: lowering.call(name, moment(lowering, args[0]))


def minus(lowering: Lowering, left: Value, right: Value) -> Value:
    return calculations.arithmetic(lowering, "-", left, right)


def plus(lowering: Lowering, left: Value, right: Value) -> Value:
    return calculations.arithmetic(lowering, "+", left, right)


def times(lowering: Lowering, left: Value, right: Value) -> Value:
    return calculations.arithmetic(lowering, "*", left, right)


def negative(lowering: Lowering, value: Value) -> Value:
    return lowering.typed(Negative(operand=value.node), value.tag)


def choose(lowering: Lowering, condition: Value, then: Value, otherwise: Value) -> Value:
    return lowering.typed(If(condition=condition.node, then=then.node, otherwise=otherwise.node), then.tag)


def places(lowering: Lowering, part: Part) -> int:
    """How many decimals, written out; ours are from 0 to 10."""
    value = lowering.as_value(part)
    if is_null(value):
        raise Untranslatable("a number of decimals that is not written out")
    found = constant(value)
    if not isinstance(found, (int, Decimal)) or isinstance(found, bool) or not 0 <= found <= 10:
        raise Untranslatable("a number of decimals that is not written out, from 0 to 10")
    return int(found)


def rounded_with(name: str) -> Function:
    """`floor`, `ceil`, `round` to so many decimals: of the number scaled, where ours takes none."""

    def apply(lowering: Lowering, args: tuple[Part, ...]) -> Part:
        number = lowering.as_value(args[0])
        if len(args) == 1:
            return lowering.call(name, number)
        scale = literal(10 ** places(lowering, args[1]))
        whole = lowering.call(name, times(lowering, number, scale))
        return calculations.arithmetic(lowering, "/", calculations.as_decimal(lowering, whole), scale)

    return apply


def second(lowering: Lowering, moment: Value) -> Value:
    """The seconds since the day started that make no whole minute."""
    passed = whole(lowering, "seconds", minus(lowering, moment, start_of(lowering, moment, "day")))
    return calculations.arithmetic(lowering, "%", passed, literal(60))


def months_between(lowering: Lowering, later: Value, earlier: Value) -> Value:
    """Those of the calendar, one less where the last of them is not whole."""

    def counted(day: Value) -> Value:
        return plus(lowering, times(lowering, lowering.call("year", day), literal(12)), lowering.call("month", day))

    count = minus(lowering, counted(later), counted(earlier))
    reached = lowering.call("add_months", earlier, count)
    is_after = equality.compared(lowering, ">=", later, earlier)
    overshot = choose(lowering, equality.compared(lowering, ">", reached, later), literal(1), literal(0))
    undershot = choose(lowering, equality.compared(lowering, "<", reached, later), literal(-1), literal(0))
    return minus(lowering, count, choose(lowering, is_after, overshot, undershot))


truncated = rounded_with("trunc")


def named(part: str, names: tuple[str, ...], length: int) -> Function:
    """The name of a day or of a month, or its first letters."""

    def apply(lowering: Lowering, args: tuple[Part, ...]) -> Part:
        number = lowering.call(part, moment(lowering, args[0]))
        found = literal(names[-1][:length])
        for at, name in reversed(list(enumerate(names[:-1], start=1))):
            is_it = equality.compared(lowering, "=", number, literal(at))
            found = choose(lowering, is_it, literal(name[:length]), found)
        return found

    return apply


def is_date(value: object) -> bool:
    return isinstance(value, (date, datetime))


def away_from_nought(lowering: Lowering, args: tuple[Part, ...]) -> Part:
    number = lowering.as_value(args[0])
    is_negative = equality.compared(lowering, "<", number, literal(0))
    up, down = (lowering.as_value(rounded_with(name)(lowering, args)) for name in ("ceil", "floor"))
    return choose(lowering, is_negative, down, up)


def half_down(lowering: Lowering, args: tuple[Part, ...]) -> Part:
    """Halves toward nought: up to the whole from half below it."""
    number = lowering.as_value(args[0])
    scale = literal(10 ** (places(lowering, args[1]) if len(args) > 1 else 0))
    scaled = times(lowering, number, scale)
    half = literal(Decimal("0.5"))
    below = lowering.call("ceil", minus(lowering, scaled, half))
    above = lowering.call("floor", plus(lowering, scaled, half))
    is_negative = equality.compared(lowering, "<", number, literal(0))
    whole = calculations.as_decimal(lowering, choose(lowering, is_negative, above, below))
    return calculations.arithmetic(lowering, "/", whole, scale)


def half_even(lowering: Lowering, args: tuple[Part, ...]) -> Part:
    """Away from nought, unless it is just a half and the whole toward nought is even."""
    number = lowering.as_value(args[0])
    scale = literal(10 ** places(lowering, args[1]))
    scaled = times(lowering, number, scale)
    toward = lowering.as_value(half_down(lowering, (scaled,)))
    rest = calculations.arithmetic(lowering, "%", toward, literal(2))
    is_even = equality.compared(lowering, "=", rest, literal(0))
    away = lowering.call("round", scaled)
    whole = calculations.as_decimal(lowering, choose(lowering, is_even, toward, away))
    return calculations.arithmetic(lowering, "/", whole, scale)
