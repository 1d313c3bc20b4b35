"""Months, quarters and the like, and working days."""

from calendar import monthrange
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import MAXYEAR, MINYEAR, date, timedelta

_WORKING_DAYS = 5


@dataclass(frozen=True)
class Period:
    """The first and the last day of the one around a day. Raises `OverflowError` after the year 9999."""

    start: Callable[[date], date]
    end: Callable[[date], date]


def _last_of_month(day: date, month: int) -> date:
    return date(day.year, month, monthrange(day.year, month)[1])


def _last_month_of_quarter(day: date) -> int:
    return (day.month + 2) // 3 * 3


PERIODS: Mapping[str, Period] = {
    "day": Period(lambda day: day, lambda day: day),
    "week": Period(
        lambda day: day - timedelta(days=day.isoweekday() - 1), lambda day: day + timedelta(days=7 - day.isoweekday())
    ),
    "month": Period(lambda day: day.replace(day=1), lambda day: _last_of_month(day, day.month)),
    "quarter": Period(
        lambda day: date(day.year, _last_month_of_quarter(day) - 2, 1),
        lambda day: _last_of_month(day, _last_month_of_quarter(day)),
    ),
    "year": Period(lambda day: date(day.year, 1, 1), lambda day: date(day.year, 12, 31)),
}


def moved_months(day: date, count: int) -> date | None:
    """On the same day of the month or the last that it has; null beyond the years 1 to 9999."""
    year, month = divmod(day.year * 12 + day.month - 1 + count, 12)
    if not MINYEAR <= year <= MAXYEAR:
        return None
    return day.replace(year=year, month=month + 1, day=min(day.day, monthrange(year, month + 1)[1]))


def working_days_before(day: date) -> int:
    """Mondays to Fridays since 0001-01-01, which was a Monday."""
    weeks, rest = divmod(day.toordinal() - 1, 7)
    return weeks * _WORKING_DAYS + min(rest, _WORKING_DAYS)
