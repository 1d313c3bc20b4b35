"""ZEN's expression cases: `expression;input;output`, the last two in JSON 5."""

import csv
from collections.abc import Callable, Iterator
from datetime import timedelta
from decimal import Decimal
from pathlib import Path
from typing import Any

from crm_app.rules.tree import Context, Emptiness
from tests.conformance import calculations, equality, idioms, json5, lists, moments, zen_grammar
from tests.conformance.lowering import Dialect, Lowering
from tests.conformance.source import Case, Months, Source, Untranslatable
from tests.conformance.values import Part, Value, constant, literal

Function = Callable[[Lowering, tuple[Part, ...]], Part]


def cases(folder: Path) -> Iterator[Case]:
    for path in sorted((folder / "zen").glob("*.csv")):
        read = zen_grammar.parse_unary if path.stem == "unary" else zen_grammar.parse
        with path.open(newline="") as lines:
            rows = csv.reader((line for line in lines if line.strip()), delimiter=";")
            for number, row in enumerate(rows):
                if number and row and not row[0].startswith("#"):
                    yield _case(f"{path.name}:{number}", row, read)


def _case(name: str, row: list[str], read: Callable[[str], Source]) -> Case:
    text, given, expected = row if len(row) == 3 else (row[0], "", row[-1])
    inputs = json5.read(given) if given.strip() else {}
    return Case("zen", name, text, json5.read(expected), lambda: read(text), inputs)


def _moment(lowering: Lowering, args: tuple[Part, ...]) -> Part:
    """`d()`: now, or a point in time, in a zone."""
    zone = "UTC"
    if len(args) > 1:
        zone = constant(args[1])
        if not isinstance(zone, str):
            raise Untranslatable("a time zone that is not written out")
        lowering.zone(moments.zone_name(zone))
    if not args:
        return lowering.typed(Context(name="now"))
    if isinstance(text := constant(args[0]), str) and "/" in text and not text[0].isdigit():
        lowering.zone(moments.zone_name(text))
        return lowering.typed(Context(name="now"))
    return idioms.moment(lowering, args[0], zone)


def _shift(*, is_back: bool) -> Function:
    def shift(lowering: Lowering, args: tuple[Part, ...]) -> Part:
        count = constant(args[1])
        if len(args) == 3:
            spans = [moments.span_of(int(count), moments.unit_of(str(constant(args[2]))))]
        else:
            spans = moments.spans_of(str(count))
        return idioms.shifted(lowering, idioms.moment(lowering, args[0]), spans, is_back=is_back)

    return shift


def _compare(sign: str) -> Function:
    def compare(lowering: Lowering, args: tuple[Part, ...]) -> Part:
        pair = [idioms.moment(lowering, each) for each in args[:2]]
        if len(args) == 3:
            unit = moments.unit_of(str(constant(args[2])))
            pair = [idioms.start_of(lowering, each, unit) for each in pair]
        return equality.compared(lowering, sign, *pair)

    return compare


def _edge(which: Callable[[Lowering, Value, str], Value]) -> Function:
    def edge(lowering: Lowering, args: tuple[Part, ...]) -> Part:
        unit = moments.unit_of(str(constant(args[1])))
        return which(lowering, idioms.moment(lowering, args[0]), unit)

    return edge


def _set(lowering: Lowering, args: tuple[Part, ...]) -> Part:
    """Moved by as much as the part is off."""
    unit = moments.unit_of(str(constant(args[1])))
    start = idioms.moment(lowering, args[0])
    now = idioms.second(lowering, start) if unit == "second" else lowering.call(unit, start)
    missing = idioms.minus(lowering, lowering.as_value(args[2]), now)
    if unit == "year":
        missing = idioms.times(lowering, missing, literal(12))
    if unit in {"year", "month"}:
        return lowering.call("add_months", start, missing)
    span = moments.span_of(1, unit)
    assert isinstance(span, timedelta)
    return idioms.plus(lowering, start, idioms.times(lowering, missing, literal(span)))


def _zone(lowering: Lowering, args: tuple[Part, ...]) -> Part:
    lowering.zone(moments.zone_name(str(constant(args[1]))))
    return args[0]


def _is_day(offset: int) -> Function:
    def test(lowering: Lowering, args: tuple[Part, ...]) -> Part:
        today = idioms.shifted(lowering, lowering.typed(Context(name="today")), [timedelta(days=offset)], is_back=False)
        return equality.compared(lowering, "=", lowering.call("date", idioms.moment(lowering, args[0])), today)

    return test


def _difference(lowering: Lowering, args: tuple[Part, ...]) -> Part:
    unit = moments.unit_of(str(constant(args[2]))) if len(args) == 3 else "millisecond"
    later, earlier = (idioms.moment(lowering, each) for each in args[:2])
    if unit in {"month", "quarter", "year"}:
        months = idioms.months_between(lowering, later, earlier)
        return lowering.call("trunc", calculations.arithmetic(lowering, "/", months, literal(moments.MONTHS[unit])))
    passed = idioms.minus(lowering, later, earlier)
    if unit == "week":
        return lowering.call("trunc", calculations.arithmetic(lowering, "/", lowering.call("days", passed), literal(7)))
    return idioms.whole(lowering, f"{unit}s", passed)


def _duration(_lowering: Lowering, args: tuple[Part, ...]) -> Part:
    spans = moments.spans_of(str(constant(args[0])))
    if any(isinstance(each, Months) for each in spans):
        raise Untranslatable("months and years, which have no fixed length")
    return literal(sum((each for each in spans if isinstance(each, timedelta)), timedelta()))


def _time(lowering: Lowering, args: tuple[Part, ...]) -> Part:
    found = idioms.moment(lowering, args[0])
    known = constant(found)
    if known is None:
        raise Untranslatable("a time of day made of something that is not written out")
    return literal(known.timetz().replace(tzinfo=None))


def _is_leap(lowering: Lowering, args: tuple[Part, ...]) -> Part:
    """February has a 29th where the day after its 28th is in February too."""
    start = idioms.start_of(lowering, idioms.moment(lowering, args[0]), "year")
    day = idioms.shifted(lowering, start, [timedelta(days=59)], is_back=False)
    return equality.compared(lowering, "=", lowering.call("month", day), literal(2))


def _timestamp(lowering: Lowering, args: tuple[Part, ...]) -> Part:
    passed = idioms.minus(lowering, idioms.moment(lowering, args[0]), literal(moments.EPOCH))
    return idioms.times(lowering, idioms.whole(lowering, "seconds", passed), literal(1000))


def _is_numeric(lowering: Lowering, args: tuple[Part, ...]) -> Part:
    """Whether it is a number, or a text that says one."""
    value = lowering.as_value(args[0])
    if value.kind != "text":
        return literal(value.kind in {"int", "decimal"})
    found = lowering.call("number", value)
    return lowering.typed(Emptiness(operand=found.node, is_negated=True))


FUNCTIONS: dict[str, Function] = {
    **{name: idioms.known(name, most=1) for name in ("abs", "lower", "upper", "trim", "floor")},
    **{name: lists.summary(name) for name in ("sum", "min", "max", "avg")},
    "ceil": idioms.known("ceil", most=1),
    "round": idioms.known("round", most=2),
    "trunc": idioms.truncated,
    "len": idioms.length,
    "contains": idioms.contains,
    "startsWith": idioms.tested("starts with"),
    "endsWith": idioms.tested("ends with"),
    "matches": idioms.known("matches", most=2),
    "split": idioms.known("split", most=2),
    "string": idioms.as_text,
    "number": idioms.as_number,
    "bool": idioms.as_bool,
    "d": _moment,
    "date": _moment,
    "time": _time,
    "duration": _duration,
    "year": idioms.part_of("year"),
    "monthOfYear": idioms.part_of("month"),
    "dayOfMonth": idioms.part_of("day"),
    "dayOfWeek": idioms.part_of("weekday"),
    "weekOfYear": idioms.part_of("week"),
    "dayOfYear": lambda lowering, args: idioms.day_of_year(lowering, idioms.moment(lowering, args[0])),
    "startOf": _edge(idioms.start_of),
    "endOf": _edge(idioms.end_of),
    "dateString": lambda _lowering, args: args[0],
    ".add": _shift(is_back=False),
    ".sub": _shift(is_back=True),
    ".isBefore": _compare("<"),
    ".isAfter": _compare(">"),
    ".isSame": _compare("="),
    ".isSameOrBefore": _compare("<="),
    ".isSameOrAfter": _compare(">="),
    ".startOf": _edge(idioms.start_of),
    ".endOf": _edge(idioms.end_of),
    ".set": _set,
    ".tz": _zone,
    ".diff": _difference,
    ".isToday": _is_day(0),
    ".isYesterday": _is_day(-1),
    ".isTomorrow": _is_day(1),
    ".isLeapYear": _is_leap,
    ".dayOfYear": lambda lowering, args: idioms.day_of_year(lowering, idioms.moment(lowering, args[0])),
    **{f".{name}": idioms.part_of(name) for name in ("year", "month", "day", "weekday", "quarter", "hour", "minute")},
    ".second": lambda lowering, args: idioms.second(lowering, idioms.moment(lowering, args[0])),
    ".timestamp": _timestamp,
    "isNumeric": _is_numeric,
    "weekdayString": idioms.named("weekday", idioms.DAYS, 3),
    "monthString": idioms.named("month", idioms.MONTHS, 3),
}


def same(expected: Any, found: Any) -> bool | None:
    """How ZEN shows what we have as dates and durations: as seconds, or as text."""
    if idioms.is_date(found):
        moment = moments.moment_of(found.isoformat())
        if moment is None:
            return False
        if isinstance(expected, (int, Decimal)):
            return int(moment.timestamp()) in {int(expected), int(expected) // 1000}
        shown = moments.moment_of(str(expected))
        return shown is not None and shown == moment.replace(microsecond=0)
    if isinstance(found, timedelta) and isinstance(expected, (int, Decimal)):
        return found.total_seconds() == expected
    if hasattr(found, "hour") and isinstance(expected, int):
        return found.hour * 3600 + found.minute * 60 + found.second == expected
    return None


DIALECT = Dialect("zen", FUNCTIONS)
