"""CEL's conformance cases, and its functions said in rules."""

import re
from collections.abc import Callable, Iterator
from datetime import datetime, timedelta
from decimal import Decimal
from functools import partial
from pathlib import Path
from typing import Any

from crm_app.kernel.times import MAX_DURATION
from crm_app.rules.errors import RuleError
from tests.conformance import calculations, cel_grammar, idioms, lists, moments, source, textproto
from tests.conformance.lowering import Dialect, Lowering
from tests.conformance.source import ERROR, Case, Unreadable, Untranslatable, unread
from tests.conformance.values import Part, Value, Written, constant, literal

Function = Callable[[Lowering, tuple[Part, ...]], Part]
_UNITS = {"h": 3_600_000_000, "m": 60_000_000, "s": 1_000_000, "ms": 1000, "us": 1, "ns": Decimal("0.001")}


class Other:
    """An expected value that rules can't hold."""


def cases(folder: Path) -> Iterator[Case]:
    for path in sorted(folder.glob("cel/*.textproto")):
        try:
            sections = textproto.read(path.read_text()).get("section", [])
        except (Unreadable, LookupError) as error:
            yield unread("cel", path.stem, str(error))
            continue
        for section in sections:
            for test in section.get("test", []):
                yield _case(f"{path.stem}/{section['name'][0]}/{test['name'][0]}", test)


def _case(name: str, test: textproto.Message) -> Case:
    text = test["expr"][0]
    given = {each["key"][0]: _bound(each["value"][0]) for each in test.get("bindings", [])}
    is_error = "eval_error" in test or "any_eval_errors" in test
    expected = ERROR if is_error else value_of(test["value"][0]) if "value" in test else True
    if "unknown" in test or "any_unknowns" in test:
        expected = Other()
    if "typed_result" in test:
        results = test["typed_result"][0]
        expected = value_of(results["result"][0]) if "result" in results else Other()
    return Case(
        suite="cel",
        name=name,
        text=text,
        expected=expected,
        parse=partial(_parsed, text, expected),
        inputs=given,
        is_unchecked=test.get("disable_check", ["false"])[0] == "true",
    )


def _bound(message: textproto.Message) -> Any:
    return value_of(message["value"][0]) if "value" in message else Other()


def _parsed(text: str, expected: Any) -> source.Source:
    if isinstance(expected, Other):
        raise Untranslatable("a value of no type that rules know")
    return cel_grammar.parse(text)


def value_of(message: textproto.Message) -> Any:
    for kind, values in message.items():
        if kind in _READERS:
            return _READERS[kind](values[0])
    return Other()


def _double(text: str) -> Any:
    if text.strip("+-").lower() in {"inf", "nan", "infinity"}:
        return Other()
    number = Decimal(text)
    return number.quantize(Decimal("1.0")) if number == number.to_integral_value() else number


def _object(message: textproto.Message) -> Any:
    for name, values in message.items():
        seconds, nanos = (int(values[0].get(part, ["0"])[0]) for part in ("seconds", "nanos"))
        span = timedelta(seconds=seconds, microseconds=nanos // 1000)
        if name.endswith("google.protobuf.Duration]"):
            return span
        if name.endswith("google.protobuf.Timestamp]"):
            return moments.EPOCH + span
    return Other()


_READERS: dict[str, Callable[[Any], Any]] = {
    "int64_value": int,
    "uint64_value": int,
    "double_value": _double,
    "string_value": str,
    "bool_value": lambda text: text == "true",
    "null_value": lambda _text: None,
    "list_value": lambda message: [value_of(each) for each in message.get("values", [])],
    "map_value": lambda message: {
        value_of(each["key"][0]): value_of(each["value"][0]) for each in message.get("entries", [])
    },
    "object_value": _object,
}


def _timestamp(lowering: Lowering, args: tuple[Part, ...]) -> Part:
    value = lowering.as_value(args[0])
    text = constant(value)
    if value.kind == "datetime":
        return value
    if isinstance(text, int) and not isinstance(text, bool):
        try:
            return literal(moments.EPOCH + timedelta(seconds=text))
        except OverflowError:
            raise RuleError("This is beyond the calendar.", (0, 0)) from None
    if not isinstance(text, str):
        raise Untranslatable("a date made of something that is not written out")
    found = moments.moment_of(text)
    if found is None:
        raise RuleError(f"'{text}' is no point in time.", (0, 0))
    return literal(found)


def _duration(lowering: Lowering, args: tuple[Part, ...]) -> Part:
    value = lowering.as_value(args[0])
    text = constant(value)
    if value.kind == "duration":
        return value
    if not isinstance(text, str):
        raise Untranslatable("a duration made of something that is not written out")
    if not re.fullmatch(r"[-+]?(?:\d+(?:\.\d*)?(?:ns|us|ms|h|m|s))+", text):
        raise RuleError(f"'{text}' is no duration.", (0, 0))
    parts = re.findall(r"(\d+(?:\.\d*)?)(ns|us|ms|h|m|s)", text)
    exact = sum((Decimal(number) * _UNITS[unit] for number, unit in parts), Decimal(0))
    if exact > MAX_DURATION // timedelta(microseconds=1):
        raise RuleError("A duration is at most 9,999 years.", (0, 0))
    if exact != int(exact):
        raise Untranslatable("a time finer than microseconds")
    return literal(timedelta(microseconds=-int(exact) if text.startswith("-") else int(exact)))


def _part(name: str, offset: int = 0) -> Function:
    """Of a point in time, in the zone given; of a duration, how many whole ones there are."""

    def part(lowering: Lowering, args: tuple[Part, ...]) -> Part:
        value = lowering.as_value(args[0])
        if value.kind == "duration":
            return idioms.whole(lowering, f"{name}s", value)
        if len(args) > 1:
            zone = constant(lowering.as_value(args[1]))
            if not isinstance(zone, str):
                raise Untranslatable("a time zone that is not written out")
            lowering.zone(moments.zone_name(zone))
        special = {"day_of_year": idioms.day_of_year, "second": idioms.second}.get(name)
        found = special(lowering, value) if special is not None else lowering.call(name, value)
        return idioms.minus(lowering, found, literal(offset)) if offset else found

    return part


def _weekday(lowering: Lowering, args: tuple[Part, ...]) -> Part:
    """Sunday is nought."""
    day = lowering.as_value(_part("weekday")(lowering, args))
    return calculations.arithmetic(lowering, "%", day, literal(7))


def _whole(lowering: Lowering, args: tuple[Part, ...]) -> Part:
    value = lowering.as_value(args[0])
    if value.kind == "datetime":
        return idioms.whole(lowering, "seconds", idioms.minus(lowering, value, literal(moments.EPOCH)))
    if value.kind == "decimal":
        return idioms.truncated(lowering, (value,))
    return value if value.kind == "int" else lowering.call("number", value)


def _double_of(lowering: Lowering, args: tuple[Part, ...]) -> Part:
    value = lowering.as_value(args[0])
    return calculations.as_decimal(lowering, value) if value.kind == "int" else idioms.as_number(lowering, (value,))


def _text(lowering: Lowering, args: tuple[Part, ...]) -> Part:
    value = lowering.as_value(args[0])
    if value.kind in {"datetime", "duration"}:
        raise Untranslatable("the text of a time or of a duration")
    return idioms.as_text(lowering, (value,))


def _same(_lowering: Lowering, args: tuple[Part, ...]) -> Part:
    return args[0]


def _substring(lowering: Lowering, args: tuple[Part, ...]) -> Part:
    """From nought, the end left out."""
    text, start = lowering.as_value(args[0]), lowering.as_value(args[1])
    first = idioms.plus(lowering, start, literal(1))
    if len(args) == 2:
        return lowering.call("substring", text, first)
    return lowering.call("substring", text, first, idioms.minus(lowering, lowering.as_value(args[2]), start))


def _most(name: str) -> Function:
    inner = lists.summary(name)

    def most(lowering: Lowering, args: tuple[Part, ...]) -> Part:
        if len(args) == 1 and isinstance(args[0], Value) and args[0].kind != "list":
            return args[0]
        return inner(lowering, (Written(args),) if len(args) > 1 else args)

    return most


FUNCTIONS: dict[str, Function] = {
    **dict.fromkeys(("size", ".size"), idioms.length),
    **dict.fromkeys(("timestamp",), _timestamp),
    "duration": _duration,
    "dyn": _same,
    "int": _whole,
    "uint": _whole,
    "double": _double_of,
    "string": _text,
    "bool": idioms.as_bool,
    ".startsWith": idioms.tested("starts with"),
    ".endsWith": idioms.tested("ends with"),
    ".contains": idioms.tested("contains"),
    **{name: idioms.known("matches") for name in ("matches", ".matches")},
    ".replace": idioms.known("replace", most=3, fewest=3),
    ".split": idioms.known("split", most=2, fewest=2),
    ".trim": idioms.known("trim", most=1),
    ".lowerAscii": idioms.known("lower", most=1),
    ".upperAscii": idioms.known("upper", most=1),
    ".substring": _substring,
    ".join": lambda lowering, args: lowering.call(
        "join", lowering.as_value(args[0]), lowering.as_value(args[1]) if len(args) > 1 else literal("")
    ),
    ".getFullYear": _part("year"),
    ".getMonth": _part("month", 1),
    ".getDate": _part("day"),
    ".getDayOfMonth": _part("day", 1),
    ".getDayOfWeek": _weekday,
    ".getDayOfYear": _part("day_of_year", 1),
    ".getHours": _part("hour"),
    ".getMinutes": _part("minute"),
    ".getSeconds": _part("second"),
    "math.greatest": _most("max"),
    "math.least": _most("min"),
    "math.ceil": idioms.known("ceil", most=1),
    "math.floor": idioms.known("floor", most=1),
    "math.round": idioms.known("round", most=1),
    "math.abs": idioms.known("abs", most=1),
    "math.trunc": idioms.truncated,
}


def same(expected: Any, found: Any) -> bool | None:
    if isinstance(expected, datetime) and isinstance(found, datetime):
        return expected == found
    return None


DIALECT = Dialect(
    "cel",
    FUNCTIONS,
    divides_exactly=False,
    equates_null=False,
    joins_lists=True,
    knows_names=True,
    orders_bools=True,
    has_infinity=True,
)
