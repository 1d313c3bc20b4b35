"""Dates. A point in time is read in the reader's time zone."""

from collections.abc import Callable

from sqlalchemy import Date, DateTime, Integer, Text, case, cast, extract, func, literal, literal_column

from crm_app.rules.functions.days import DATE_TEXT, HOUR_MICROSECONDS
from crm_app.rules.tree import Call, Literal, Node
from crm_app.storage.rule_functions.conversions import BLANKS
from crm_app.storage.rule_functions.texts import whole
from crm_app.storage.rule_sql_emitter import Emitter, Make
from crm_app.storage.rule_sql_values import Element, Sql, numeric, once, quotient, within

_BEFORE = "TIMESTAMP '0001-12-31 23:59:59.999999 BC'"
_AFTER = "TIMESTAMP '10000-01-01'"
_MOST_MONTHS = 120_000
_TEN_THOUSAND_YEARS = "INTERVAL '10000 years'"
_FIRST_MONDAY = "DATE '0001-01-01'"
_LENGTHS = {"day": "1 day", "week": "7 days", "month": "1 month", "quarter": "3 months", "year": "1 year"}
_DATE = f"^{BLANKS}((?!0000){DATE_TEXT[1:-1].replace('(', '(?:')}){BLANKS}$"


def _part(name: str) -> Make:
    def make(emitter: Emitter, node: Call) -> Sql:
        moment = node.arguments[0]
        value = emitter.plain(moment) if moment.type.kind == "time" else local(emitter, moment)
        return cast(extract(name, value), Integer())

    return make


def local(emitter: Emitter, moment: Node) -> Element:
    """As the reader's clock shows it, without a zone; a date is what it is."""
    value = emitter.plain(moment)
    if moment.type.kind == "date":
        return value
    return _bounded(func.timezone(_zone(emitter), value))


def _zone(emitter: Emitter) -> Element:
    return literal(emitter.inputs.time_zone, Text())


def _bounded(shown: Element) -> Element:
    return within(shown, _BEFORE, _AFTER, DateTime())


def local_day(emitter: Emitter, moment: Node) -> Element:
    return cast(local(emitter, moment), Date())


def _over_local(change: Callable[[Emitter, Element, Node], Element]) -> Make:
    def make(emitter: Emitter, node: Call) -> Sql:
        moment, argument = node.arguments
        changed = _bounded(change(emitter, cast(local(emitter, moment), DateTime()), argument))
        if moment.type.kind == "date":
            return cast(changed, Date())
        utc = _bounded(func.timezone("UTC", func.timezone(_zone(emitter), changed)))
        return func.timezone("UTC", utc, type_=DateTime(timezone=True))

    return make


def _moved_months(emitter: Emitter, shown: Element, count: Node) -> Element:
    """10,000 years later, after which the calendar repeats: PostgreSQL goes back no further than 4713 BC."""
    later = shown + literal_column(_TEN_THOUSAND_YEARS)
    moved = later + func.make_interval(0, whole(emitter, count, -_MOST_MONTHS, _MOST_MONTHS))
    kept = within(moved, "TIMESTAMP '10000-12-31 23:59:59.999999'", "TIMESTAMP '20000-01-01'", DateTime())
    return kept - literal_column(_TEN_THOUSAND_YEARS)


def _start(_emitter: Emitter, shown: Element, unit: Node) -> Element:
    return func.date_trunc(_word(unit), shown)


def _end(emitter: Emitter, shown: Element, unit: Node) -> Element:
    length: Element = literal_column(f"INTERVAL '{_LENGTHS[_word(unit)]}'")
    return _start(emitter, shown, unit) + length - literal_column("INTERVAL '1 microsecond'")


def _word(unit: Node) -> str:
    return str(unit.value) if isinstance(unit, Literal) else ""


def _days_between(emitter: Emitter, node: Call) -> Sql:
    first, second = (local_day(emitter, moment) for moment in node.arguments)
    return cast(second - first, Integer())


def _working_days_between(emitter: Emitter, node: Call) -> Sql:
    def between(start: Element, end: Element) -> Element:
        return _working_days_before(end) - _working_days_before(start)

    return once(between, *(local_day(emitter, moment) for moment in node.arguments))


def _working_days_before(day: Element) -> Element:
    days = day - literal_column(_FIRST_MONDAY, Date())
    return func.div(numeric(days), 7) * 5 + func.least(func.mod(days, 7), 5)


def _date(emitter: Emitter, node: Call) -> Sql:
    value = node.arguments[0]
    if value.type.kind in {"date", "datetime"}:
        return local_day(emitter, value)

    def parsed(text: Element) -> Element:
        year, month, day = (cast(func.substr(text, at, size), Integer()) for at, size in ((1, 4), (6, 2), (9, 2)))
        found = func.make_date(year, month, 1, type_=Date()) + (day - 1)
        return case((extract("month", found) == month, found))

    return cast(once(parsed, func.substring(emitter.plain(value), literal_column(f"'{_DATE}'"))), Date())


def _in_units(microseconds: int) -> Make:
    return lambda emitter, node: quotient(emitter.plain(node.arguments[0]), literal_column(str(microseconds)))


SQL: dict[str, Make] = {
    "year": _part("year"),
    "quarter": _part("quarter"),
    "month": _part("month"),
    "week": _part("week"),
    "day": _part("day"),
    "weekday": _part("isodow"),
    "hour": _part("hour"),
    "minute": _part("minute"),
    "date": _date,
    "add_months": _over_local(_moved_months),
    "start_of": _over_local(_start),
    "end_of": _over_local(_end),
    "days_between": _days_between,
    "business_days_between": _working_days_between,
    "days": _in_units(24 * HOUR_MICROSECONDS),
    "hours": _in_units(HOUR_MICROSECONDS),
}
