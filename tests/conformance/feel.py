"""FEEL's functions and properties, said in rules."""

import re
from collections.abc import Callable
from dataclasses import replace
from datetime import date, datetime, time, timedelta
from decimal import Decimal
from typing import Any

from crm_app.rules.errors import RuleError
from crm_app.rules.tree import Context, Not, logic
from tests.conformance import feel_literals, feel_ranges, feel_signatures, idioms, lists, moments, operators, source
from tests.conformance.lowering import Dialect, Lowering, invoke
from tests.conformance.source import Months, Untranslatable
from tests.conformance.values import (
    Interval,
    Lambda,
    Listing,
    Part,
    Value,
    Written,
    constant,
    is_null,
    literal,
)

Function = Callable[[Lowering, tuple[Part, ...]], Part]
_DAY, _CLOCK = ("year", "month", "day", "weekday"), ("hour", "minute", "second")
_PROPERTIES = {"date": _DAY, "datetime": (*_DAY, *_CLOCK), "time": _CLOCK,
               "duration": ("days", "hours", "minutes", "seconds")}  # fmt: skip


def refuse(message: str) -> RuleError:
    return RuleError(message, (0, 0))


def _text_of(lowering: Lowering, part: Part) -> str:
    value = lowering.as_value(part)
    text = constant(value)
    if isinstance(text, str):
        return text
    if value.kind != "text":
        raise refuse(f"A text is needed, but this is {value.type}.")
    raise Untranslatable("a date made of something that is not written out")


def _at(lowering: Lowering, args: tuple[Part, ...]) -> Part:
    return _literal(lowering, _text_of(lowering, args[0]), feel_literals.temporal)


def _literal(lowering: Lowering, text: str, read: Callable[[str], Any]) -> Value:
    if zone := feel_literals.zone_in(text):
        lowering.budget.zones_seen.add(zone)
    return literal(read(text))


def _day(lowering: Lowering, args: tuple[Part, ...]) -> Part:
    if len(args) == 3:
        parts = [_whole(lowering, each) for each in args]
        return literal(feel_literals.day("{:04d}-{:02d}-{:02d}".format(*parts)))
    value = lowering.as_value(args[0])
    if value.kind == "date":
        return value
    if value.kind == "datetime":
        return lowering.call("date", value)
    return literal(feel_literals.day(_text_of(lowering, value)))


def _whole(lowering: Lowering, part: Part) -> int:
    value = lowering.as_value(part)
    found = constant(value)
    if isinstance(found, (int, Decimal)) and not isinstance(found, bool) and found == int(found):
        return int(found)
    if value.kind not in {"int", "decimal"} or isinstance(found, Decimal):
        raise refuse(f"A whole number is needed, but this is {value.type}.")
    raise Untranslatable("a date made of something that is not written out")


def _moment(lowering: Lowering, args: tuple[Part, ...]) -> Part:
    if len(args) == 2:
        start, clock = (constant(lowering.as_value(each)) for each in args)
        if not isinstance(start, date) or not isinstance(clock, time):
            if any(lowering.as_value(each).kind not in {"date", "datetime", "time"} for each in args):
                raise refuse("A date and a time are needed.")
            raise Untranslatable("a date made of something that is not written out")
        return literal(feel_literals.moment(f"{start.isoformat()[:10]}T{clock.isoformat()}"))
    value = lowering.as_value(args[0])
    if value.kind == "datetime":
        return value
    text = _text_of(lowering, value)
    if "T" not in text:
        return literal(feel_literals.moment(f"{feel_literals.day(text).isoformat()}T00:00:00"))
    return _literal(lowering, text, feel_literals.moment)


def _time(lowering: Lowering, args: tuple[Part, ...]) -> Part:
    if len(args) >= 3:
        if len(args) == 4 and not is_null(args[3]):
            raise Untranslatable("a time of day with a zone")
        hour, minute = (_whole(lowering, each) for each in args[:2])
        seconds = constant(lowering.as_value(args[2]))
        if not isinstance(seconds, (int, Decimal)) or isinstance(seconds, bool):
            raise refuse("A number of seconds is needed.")
        text = f"{seconds:f}" if isinstance(seconds, Decimal) else str(seconds)
        whole, _, fraction = text.partition(".")
        return literal(feel_literals.clock(f"{hour:02d}:{minute:02d}:{int(whole):02d}{'.' * bool(fraction)}{fraction}"))
    value = lowering.as_value(args[0])
    if value.kind == "time":
        return value
    if value.kind == "datetime":
        raise Untranslatable("the time of day of a point in time")
    if value.kind == "date":
        raise Untranslatable("a time of day with a zone")
    return literal(feel_literals.clock(_text_of(lowering, value)))


def _duration(lowering: Lowering, args: tuple[Part, ...]) -> Part:
    value = lowering.as_value(args[0])
    return value if value.kind == "duration" or value.tag else literal(feel_literals.span(_text_of(lowering, value)))


def _string(lowering: Lowering, args: tuple[Part, ...]) -> Part:
    value = lowering.as_value(args[0])
    if value.kind in {"datetime", "duration", "time"} or value.tag:
        raise Untranslatable("the text of a time or of a duration")
    return idioms.as_text(lowering, (value,))


def _number(lowering: Lowering, args: tuple[Part, ...]) -> Part:
    """With the grouping taken out, and the decimal point put in."""
    value = lowering.as_value(args[0])
    if value.kind != "text":
        raise refuse(f"A text is needed, but this is {value.type}.")
    marks = ["" if is_null(each) else _text_of(lowering, each) for each in args[1:]]
    grouping, point = (*marks, "", "")[:2]
    if grouping not in {"", " ", ".", ","} or point not in {"", ".", ","} or (grouping and grouping == point):
        raise refuse("These are no marks that numbers are written with.")
    if grouping:
        value = lowering.call("replace", value, literal(grouping), literal(""))
    if point == ",":
        value = lowering.call("replace", value, literal(","), literal("."))
    return lowering.call("number", value)


def _absolute(lowering: Lowering, args: tuple[Part, ...]) -> Part:
    value = lowering.as_value(args[0])
    if value.kind != "duration":
        return replace(lowering.call("abs", value), tag=value.tag)
    is_negative = operators.compared(lowering, "<", value, literal(timedelta(0)))
    return idioms.choose(lowering, is_negative, idioms.negative(lowering, value), value)


def _modulo(lowering: Lowering, args: tuple[Part, ...]) -> Part:
    """FEEL's takes the sign of the divisor."""
    left, right = (lowering.as_value(each) for each in args)
    whole = lowering.call("floor", operators.arithmetic(lowering, "/", left, right))
    return idioms.minus(lowering, left, idioms.times(lowering, right, whole))


def _parity(remainder_sign: str) -> Function:
    def test(lowering: Lowering, args: tuple[Part, ...]) -> Part:
        rest = operators.arithmetic(lowering, "%", lowering.as_value(args[0]), literal(2))
        return operators.compared(lowering, remainder_sign, rest, literal(0))

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
        raise refuse(f"A list is needed, but this is {value.type}.")
    return lowering.call("join", value, separator)


def _product(lowering: Lowering, args: tuple[Part, ...]) -> Part:
    part = args[0] if len(args) == 1 and isinstance(args[0], Written) else Written(args)
    if not part.items:
        return literal(None)
    product = lowering.as_value(part.items[0])
    if product.kind not in {"int", "decimal"}:
        raise refuse(f"A number is needed, but this is {product.type}.")
    for each in part.items[1:]:
        product = idioms.times(lowering, product, lowering.as_value(each))
    return product


def _summary(name: str) -> Function:
    inner = lists.summary(name)

    def summarise(lowering: Lowering, args: tuple[Part, ...]) -> Part:
        if len(args) == 1 and isinstance(args[0], Written) and any(is_null(each) for each in args[0].items):
            raise refuse("A list holds no null.")
        return inner(lowering, args)

    return summarise


def _substring(lowering: Lowering, args: tuple[Part, ...]) -> Part:
    """From the front counted from one, from the end with a minus."""
    text, start = lowering.as_value(args[0]), lowering.as_value(args[1])
    at = constant(start)
    if isinstance(at, (int, Decimal)) and not isinstance(at, bool):
        if at == 0:
            raise refuse("Characters are counted from 1.")
        whole = int(at)
        if whole < 0:
            text, whole = lowering.call("right", text, literal(-whole)), 1
        rest = [literal(int(constant(each))) for each in args[2:] if constant(each) is not None]
        return lowering.call("substring", text, literal(whole), *rest)
    return lowering.call("substring", text, *(lowering.as_value(each) for each in args[1:]))


def _contains(lowering: Lowering, args: tuple[Part, ...]) -> Part:
    if not isinstance(args[0], (Written, Listing)) and lowering.as_value(args[0]).kind != "list":
        raise refuse("A list is needed.")
    return lists.is_in(lowering, args[1], args[0])


def _months_between(lowering: Lowering, args: tuple[Part, ...]) -> Part:
    first, last = (lowering.as_value(each) for each in args)
    for each in (first, last):
        if each.kind not in {"date", "datetime"}:
            raise refuse(f"A date is needed, but this is {each.type}.")
    if first.kind != last.kind:
        first, last = (lowering.call("date", each) for each in (first, last))
    return replace(idioms.months_between(lowering, last, first), tag="months")


def _plain_pattern(name: str, count: int) -> Function:
    """`replace` and `split` look for a pattern in FEEL and for a text here: the same where it has no special marks."""

    def apply(lowering: Lowering, args: tuple[Part, ...]) -> Part:
        values = [lowering.as_value(each) for each in args]
        if any(value.kind != "text" for value in values):
            raise refuse("A text is needed.")
        marks = [constant(value) for value in values[1:]]
        if len(args) > count or not all(isinstance(mark, str) and re.escape(mark) == mark for mark in marks):
            raise Untranslatable("a pattern where rules take a text")
        return lowering.call(name, *values)

    return apply


def _date_part(name: str) -> Function:
    def apply(lowering: Lowering, args: tuple[Part, ...]) -> Part:
        value = lowering.as_value(args[0])
        if value.kind not in {"date", "datetime"}:
            raise refuse(f"A date is needed, but this is {value.type}.")
        return idioms.day_of_year(lowering, value) if name == "day of year" else lowering.call(name, value)

    return apply


def _in(lowering: Lowering, node: source.Call) -> Part:
    value = lowering.lower(node.args[0])
    return lowering.with_names({"?": lambda: value}).lower(node.args[1])


def _matches(lowering: Lowering, node: source.Call) -> Part:
    """A test that mentions the value is its own answer; else the value is, or is in, what it says."""
    if _mentions(node.args[1]):
        return lowering.lower(node.args[1])
    value, wanted = lowering.lower(node.args[0]), lowering.lower(node.args[1])
    if isinstance(wanted, (Interval, Written, Listing)):
        return lists.is_in(lowering, value, wanted)
    return lists.is_in(lowering, value, lowering.as_value(wanted))


def _mentions(node: source.Source) -> bool:
    if node == source.Var("?"):
        return True
    parts = [each for each in vars(node).values() if isinstance(each, source.Source)]
    parts += [each for many in vars(node).values() if isinstance(many, tuple) for each in many
              if isinstance(each, source.Source)]  # fmt: skip
    return any(_mentions(each) for each in parts)


def _apply(lowering: Lowering, node: source.Call) -> Part:
    function = lowering.lower(node.args[0])
    if not isinstance(function, Lambda):
        raise refuse("Only a function is called.")
    return invoke(lowering, function, tuple(lowering.lower(each) for each in node.args[1:]))


def _typed(lowering: Lowering, node: source.Call) -> Part:
    """A value that must be of a type, as a field is; a list of one is that one, where one is asked for."""
    part = lowering.lower(node.args[0])
    wanted = node.args[1]
    assert isinstance(wanted, source.Lit)
    kind, is_list = wanted.value
    if isinstance(part, Written):
        if is_list:
            return Written(tuple(_fitted(lowering, each, kind) for each in part.items))
        if len(part.items) != 1:
            raise refuse("One value is needed, but this is a list.")
        part = part.items[0]
    elif is_list and isinstance(part, Value) and part.kind != "list" and not is_null(part):
        return Written((_fitted(lowering, part, kind),))
    return part if is_list else _fitted(lowering, part, kind)


def _fitted(lowering: Lowering, part: Part, kind: str) -> Part:
    if is_null(part):
        return part
    if not isinstance(part, (Value, Written)):
        raise refuse(f"A {kind} is needed.")
    value = lowering.as_value(part)
    found = "months" if value.tag else {"int": "number", "decimal": "number"}.get(value.kind, value.kind)
    if found != kind:
        raise refuse(f"A {kind} is needed, but this is {value.type}.")
    return value


def _attributes(lowering: Lowering, base: Part, name: str) -> Part | None:
    if isinstance(base, Interval):
        return feel_ranges.attribute(base, name)
    if not isinstance(base, Value):
        return None
    if is_null(base):
        return literal(None)
    if base.tag and name in {"years", "months"}:
        return _part_of_months(lowering, base, name)
    if name in {"time offset", "timezone"} and base.kind in {"datetime", "time"}:
        raise Untranslatable("the zone of a point in time")
    if name not in _PROPERTIES.get(base.kind, ()):
        raise refuse(f"There is no `{name}` of {base.type}.")
    return _part_of_span(lowering, base, name) if base.kind == "duration" else _part_of_moment(lowering, base, name)


def _part_of_moment(lowering: Lowering, base: Value, name: str) -> Value:
    """In the zone that it was written in."""
    if base.kind == "datetime" and lowering.budget.zones_seen:
        if len(lowering.budget.zones_seen) > 1:
            raise Untranslatable("more than one time zone in one expression")
        lowering.zone(moments.zone_name(next(iter(lowering.budget.zones_seen))))
    if name == "second":
        if base.kind == "time":
            raise Untranslatable("the seconds of a time of day")
        return idioms.second(lowering, base)
    return lowering.call(name, base)


def _part_of_months(lowering: Lowering, base: Value, name: str) -> Value:
    count = replace(base, tag="")
    if name == "months":
        return operators.arithmetic(lowering, "%", count, literal(12))
    return lowering.call("trunc", operators.arithmetic(lowering, "/", count, literal(12)))


def _part_of_span(lowering: Lowering, base: Value, name: str) -> Value:
    """Whole hours beyond the days, and so on."""
    whole = idioms.whole(lowering, name, base)
    most = {"days": 0, "hours": 24, "minutes": 60, "seconds": 60}[name]
    return operators.arithmetic(lowering, "%", whole, literal(most)) if most else whole


FUNCTIONS: dict[str, Function] = {
    "@": _at,
    "date": _day,
    "date and time": _moment,
    "time": _time,
    "duration": _duration,
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
    "years and months duration": _months_between,
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
    "day of year": _date_part("day of year"),
    "week of year": _date_part("week"),
    "range": feel_ranges.from_text,
    **feel_ranges.FUNCTIONS,
}
DIALECT = Dialect(
    "feel",
    FUNCTIONS,
    lazy={" in": _in, " matches": _matches, " apply": _apply, " typed": _typed},
    attributes=_attributes,
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
