"""FEEL's days, times and durations, said in rules."""

from collections.abc import Callable
from dataclasses import replace
from datetime import date, time
from decimal import Decimal
from typing import Any

from crm_app.rules.errors import RuleError
from tests.conformance import (
    calculations,
    feel_literals,
    feel_ranges,
    idioms,
    moments,
)
from tests.conformance.lowering import Lowering
from tests.conformance.source import Untranslatable
from tests.conformance.values import (
    Interval,
    Part,
    Value,
    constant,
    is_null,
    literal,
)

Function = Callable[[Lowering, tuple[Part, ...]], Part]


def refuse(message: str) -> RuleError:
    return RuleError(message, (0, 0))


def text_of(lowering: Lowering, part: Part) -> str:
    value = lowering.as_value(part)
    text = constant(value)
    if isinstance(text, str):
        return text
    if value.kind != "text":
        raise refuse(f"A text is needed, but this is {value.type}.")
    raise Untranslatable("a date made of something that is not written out")


def at(lowering: Lowering, args: tuple[Part, ...]) -> Part:
    return _literal(lowering, text_of(lowering, args[0]), feel_literals.temporal)


def _literal(lowering: Lowering, text: str, read: Callable[[str], Any]) -> Value:
    if zone := feel_literals.zone_in(text):
        lowering.budget.zones_seen.add(zone)
    return literal(read(text))


def day(lowering: Lowering, args: tuple[Part, ...]) -> Part:
    if len(args) == 3:
        parts = [_whole(lowering, each) for each in args]
        if not 1 <= parts[0] <= 9999:
            raise Untranslatable("a year outside 1 to 9999")
        if min(parts) < 0:
            raise refuse("A month and a day are counted from 1.")
        return literal(feel_literals.day("{:04d}-{:02d}-{:02d}".format(*parts)))
    value = lowering.as_value(args[0])
    if value.kind == "date":
        return value
    if value.kind == "datetime":
        return lowering.call("date", value)
    return literal(feel_literals.day(text_of(lowering, value)))


def _whole(lowering: Lowering, part: Part) -> int:
    value = lowering.as_value(part)
    found = constant(value)
    if isinstance(found, (int, Decimal)) and not isinstance(found, bool) and found == int(found):
        return int(found)
    if value.kind not in {"int", "decimal"} or isinstance(found, Decimal):
        raise refuse(f"A whole number is needed, but this is {value.type}.")
    raise Untranslatable("a date made of something that is not written out")


def moment(lowering: Lowering, args: tuple[Part, ...]) -> Part:
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
    text = text_of(lowering, value)
    if "T" not in text:
        return literal(feel_literals.moment(f"{feel_literals.day(text).isoformat()}T00:00:00"))
    return _literal(lowering, text, feel_literals.moment)


def time_of_day(lowering: Lowering, args: tuple[Part, ...]) -> Part:
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
    return literal(feel_literals.clock(text_of(lowering, value)))


def duration(lowering: Lowering, args: tuple[Part, ...]) -> Part:
    value = lowering.as_value(args[0])
    return value if value.kind == "duration" or value.tag else literal(feel_literals.span(text_of(lowering, value)))


_DAY = ("year", "month", "day", "weekday")


_CLOCK = ("hour", "minute", "second")


_PROPERTIES = {"date": _DAY, "datetime": (*_DAY, *_CLOCK), "time": _CLOCK,
               "duration": ("days", "hours", "minutes", "seconds")}  # fmt: skip


def attributes(lowering: Lowering, base: Part, name: str) -> Part | None:
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
        return calculations.arithmetic(lowering, "%", count, literal(12))
    return lowering.call("trunc", calculations.arithmetic(lowering, "/", count, literal(12)))


def _part_of_span(lowering: Lowering, base: Value, name: str) -> Value:
    """Whole hours beyond the days, and so on."""
    whole = idioms.whole(lowering, name, base)
    most = {"days": 0, "hours": 24, "minutes": 60, "seconds": 60}[name]
    return calculations.arithmetic(lowering, "%", whole, literal(most)) if most else whole


def months_between(lowering: Lowering, args: tuple[Part, ...]) -> Part:
    first, last = (lowering.as_value(each) for each in args)
    for each in (first, last):
        if each.kind not in {"date", "datetime"}:
            raise refuse(f"A date is needed, but this is {each.type}.")
    if first.kind != last.kind:
        first, last = (lowering.call("date", each) for each in (first, last))
    return replace(idioms.months_between(lowering, last, first), tag="months")


def date_part(name: str) -> Function:
    def apply(lowering: Lowering, args: tuple[Part, ...]) -> Part:
        value = lowering.as_value(args[0])
        if value.kind not in {"date", "datetime"}:
            raise refuse(f"A date is needed, but this is {value.type}.")
        return idioms.day_of_year(lowering, value) if name == "day of year" else lowering.call(name, value)

    return apply
