"""Dates and times. A point in time is read in the reader's time zone."""

import re
from collections.abc import Callable
from datetime import date, datetime, time, timedelta
from typing import Any

from crm_app.fields.rule_type import DATE, DECIMAL, INT
from crm_app.rules import exact
from crm_app.rules.calendar import PERIODS, moved_months, working_days_before
from crm_app.rules.function import DAYS, TEXTS, Parameter, RuleFunction, gives, like_the_first, one_of
from crm_app.rules.functions.texts import BLANK
from crm_app.rules.inputs import Inputs
from crm_app.rules.zones import instant, local, local_day

DATE_TEXT = r"([0-9]{4}-(0[1-9]|1[0-2])-(0[1-9]|[12][0-9]|3[01]))"
_WRITTEN = re.compile(DATE_TEXT)
HOUR_MICROSECONDS = 3_600_000_000
_DAY = Parameter("date", DAYS)
_CLOCK = Parameter("time", ("datetime", "time"))
_UNIT = Parameter("unit", ("text",), written=one_of(*PERIODS))
_ENDS = (Parameter("first", DAYS), Parameter("second", DAYS))


def _part(read: Callable[[Any], int]) -> Callable[[Inputs, date], int | None]:
    def apply(inputs: Inputs, moment: date) -> int | None:
        found = local(inputs, moment)
        return None if found is None else read(found)

    return apply


def _clock_part(read: Callable[[Any], int]) -> Callable[[Inputs, Any], int | None]:
    def apply(inputs: Inputs, moment: Any) -> int | None:
        found = moment if isinstance(moment, time) else local(inputs, moment)
        return None if found is None else read(found)

    return apply


def _over_local(change: Callable[..., date | None]) -> Callable[..., date | None]:
    """Changes what the reader's calendar shows; a point in time becomes one again."""

    def apply(inputs: Inputs, moment: date, *rest: Any) -> date | None:
        shown = local(inputs, moment)
        changed = None if shown is None else change(shown, *rest)
        return instant(inputs, changed) if isinstance(changed, datetime) else changed

    return apply


def _start(day: date, unit: str) -> date:
    first = PERIODS[unit].start(date(day.year, day.month, day.day))
    return datetime.combine(first, time.min) if isinstance(day, datetime) else first


def _end(day: date, unit: str) -> date | None:
    try:
        last = PERIODS[unit].end(date(day.year, day.month, day.day))
    except OverflowError:
        return None
    return datetime.combine(last, time.max) if isinstance(day, datetime) else last


def _between(count: Callable[[date], int]) -> Callable[[Inputs, date, date], int | None]:
    """How many days the second is after the first, of those counted."""

    def apply(inputs: Inputs, first: date, second: date) -> int | None:
        start, end = local_day(inputs, first), local_day(inputs, second)
        return None if start is None or end is None else count(end) - count(start)

    return apply


def _date(inputs: Inputs, value: Any) -> date | None:
    if not isinstance(value, str):
        return local_day(inputs, value)
    try:
        return date.fromisoformat(value.strip(BLANK)) if _WRITTEN.fullmatch(value.strip(BLANK)) else None
    except ValueError:
        return None


def _in_units(microseconds: int) -> Callable[[Inputs, timedelta], Any]:
    return lambda _inputs, duration: exact.quotient(duration // exact.MICROSECOND, microseconds)


def _of_day(name: str, read: Callable[[Any], int], example: str, description: str) -> RuleFunction:
    reading = f"the {name} of {{0}}"
    return RuleFunction(name, (_DAY,), gives(INT), _part(read), example, description, reading=reading)


def _of_clock(name: str, read: Callable[[Any], int], example: str, description: str) -> RuleFunction:
    reading = f"the {name} of {{0}}"
    return RuleFunction(name, (_CLOCK,), gives(INT), _clock_part(read), example, description, reading=reading)


def _of_duration(name: str, microseconds: int, example: str, description: str) -> RuleFunction:
    parameters = (Parameter("duration", ("duration",)),)
    python = _in_units(microseconds)
    return RuleFunction(name, parameters, gives(DECIMAL), python, example, description, reading=f"{{0}} in {name}")


FUNCTIONS = (
    _of_day("year", lambda day: day.year, "year(@2026-01-31) = 2026", "The year of a date or a time."),
    _of_day("quarter", lambda day: (day.month + 2) // 3, "quarter(@2026-05-01) = 2", "The quarter of a date, 1 to 4."),
    _of_day("month", lambda day: day.month, "month(@2026-01-31) = 1", "The month of a date or a time, 1 to 12."),
    _of_day("week", lambda day: day.isocalendar().week, "week(@2026-01-01) = 1", "The ISO week of a date, 1 to 53."),
    _of_day("day", lambda day: day.day, "day(@2026-01-31) = 31", "The day of the month of a date or a time, 1 to 31."),
    _of_day(
        "weekday",
        lambda day: day.isoweekday(),
        "weekday(@2026-01-31) = 6",
        "The day of the week, Monday being 1.",
    ),
    _of_clock("hour", lambda clock: clock.hour, "hour(@09:30) = 9", "The hour of a time, 0 to 23."),
    _of_clock("minute", lambda clock: clock.minute, "minute(@09:30) = 30", "The minute of a time, 0 to 59."),
    RuleFunction(
        name="date",
        parameters=(Parameter("value", (*DAYS, *TEXTS)),),
        result=gives(DATE),
        python=_date,
        example="date('2026-01-31') = @2026-01-31",
        description="The date of a point in time, or that a text such as `2026-01-31` says; nothing for other texts.",
        reading="the date of {0}",
    ),
    RuleFunction(
        name="add_months",
        parameters=(_DAY, Parameter("count", ("int",))),
        result=like_the_first,
        python=_over_local(moved_months),
        example="add_months(@2026-01-31, 1) = @2026-02-28",
        description="So many months later, on the same day or the last that the month has; earlier below 0.",
        reading="{1} months after {0}",
    ),
    RuleFunction(
        name="start_of",
        parameters=(_DAY, _UNIT),
        result=like_the_first,
        python=_over_local(_start),
        example="start_of(@2026-05-20, 'quarter') = @2026-04-01",
        description="The first day, or first moment, of the period around it. Weeks begin on Monday.",
        reading="the start of the {1} of {0}",
    ),
    RuleFunction(
        name="end_of",
        parameters=(_DAY, _UNIT),
        result=like_the_first,
        python=_over_local(_end),
        example="end_of(@2026-02-10, 'month') = @2026-02-28",
        description="The last day, or last microsecond, of the period around it.",
        reading="the end of the {1} of {0}",
    ),
    RuleFunction(
        name="days_between",
        parameters=_ENDS,
        result=gives(INT),
        python=_between(date.toordinal),
        example="days_between(@2026-01-31, @2026-02-02) = 2",
        description="How many days on the calendar the second is after the first; below 0 where it is before.",
        reading="the days from {0} to {1}",
    ),
    RuleFunction(
        name="business_days_between",
        parameters=_ENDS,
        result=gives(INT),
        python=_between(working_days_before),
        example="business_days_between(@2026-01-30, @2026-02-02) = 1",
        description="The same, counting Monday to Friday: those from the first on and before the second.",
        reading="the business days from {0} to {1}",
    ),
    _of_duration("days", 24 * HOUR_MICROSECONDS, "days(PT36H) = 1.5", "How many days a duration is, as a number."),
    _of_duration("hours", HOUR_MICROSECONDS, "hours(PT90M) = 1.5", "How many hours a duration is, as a number."),
)
