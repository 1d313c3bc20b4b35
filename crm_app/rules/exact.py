"""Arithmetic that PostgreSQL's `numeric` can be made equal to, digit for digit.

Sums and products are exact. A quotient is rounded half away from zero to 20 decimals. Anything by zero is
null.
"""

from datetime import UTC, date, datetime, timedelta
from decimal import ROUND_HALF_UP, Context, Decimal
from typing import Any

from crm_app.kernel.times import MAX_DURATION

QUOTIENT_PLACES = 20
_PRECISION = 200_000
EXACT = Context(prec=_PRECISION, Emax=999_999, Emin=-999_999, rounding=ROUND_HALF_UP)
_UNIT = Decimal(1).scaleb(-QUOTIENT_PLACES)
MICROSECOND = timedelta(microseconds=1)
MAX_MICROSECONDS = MAX_DURATION // MICROSECOND
Number = int | Decimal


def plus(left: Number, right: Number) -> Number:
    return left + right if isinstance(left, int) and isinstance(right, int) else EXACT.add(left, right)


def minus(left: Number, right: Number) -> Number:
    return left - right if isinstance(left, int) and isinstance(right, int) else EXACT.subtract(left, right)


def times(left: Number, right: Number) -> Number:
    return left * right if isinstance(left, int) and isinstance(right, int) else EXACT.multiply(left, right)


def whole_quotient(left: Number, right: Number) -> int | None:
    """Truncated toward zero, as PostgreSQL divides integers."""
    if right == 0:
        return None
    left, right = int(left), int(right)
    quotient = abs(left) // abs(right)
    return quotient if (left < 0) == (right < 0) else -quotient


def quotient(left: Number, right: Number) -> Decimal | None:
    if right == 0:
        return None
    shifted = EXACT.divide_int(EXACT.scaleb(Decimal(left), QUOTIENT_PLACES + 1), Decimal(right))
    return trimmed(EXACT.quantize(EXACT.scaleb(shifted, -QUOTIENT_PLACES - 1), _UNIT))


def remainder(left: Number, right: Number) -> Number | None:
    """Takes the sign of the dividend."""
    if right == 0:
        return None
    if isinstance(left, int) and isinstance(right, int):
        rest = abs(left) % abs(right)
        return -rest if left < 0 else rest
    return EXACT.remainder(Decimal(left), Decimal(right))


def rounded(value: Number, places: int) -> Decimal:
    """Half away from zero."""
    return EXACT.quantize(Decimal(value), Decimal(1).scaleb(-places))


def trimmed(value: Decimal) -> Decimal:
    """Without trailing zeros after the point, and without an exponent."""
    short = EXACT.normalize(value)
    exponent = short.as_tuple().exponent
    return EXACT.quantize(short, Decimal(1)) if isinstance(exponent, int) and exponent > 0 else short


def later(moment: date, duration: timedelta) -> date | None:
    """Null beyond the years 1 to 9999. A date moves by whole days, the duration rounded down to them."""
    try:
        return (as_utc(moment) if isinstance(moment, datetime) else moment) + duration
    except OverflowError:
        return None


def earlier(moment: date, duration: timedelta) -> date | None:
    return later(moment, -duration)


def difference(first: Any, second: Any) -> timedelta | None:
    """Between two durations, dates or points in time."""
    if isinstance(first, datetime):
        return as_utc(first) - as_utc(second)
    return bounded(first - second)


def sum_of_durations(first: timedelta, second: timedelta) -> timedelta | None:
    return bounded(first + second)


def bounded(duration: timedelta) -> timedelta | None:
    """Null beyond 9,999 years."""
    return duration if abs(duration) <= MAX_DURATION else None


def repeated(duration: timedelta, count: int) -> timedelta | None:
    return duration_of(duration // MICROSECOND * count)


def duration_of(microseconds: int) -> timedelta | None:
    return timedelta(microseconds=microseconds) if abs(microseconds) <= MAX_MICROSECONDS else None


def as_utc(moment: datetime) -> datetime:
    """Two points in time of one zone would be subtracted by the clock on the wall."""
    return moment if moment.tzinfo is UTC else moment.astimezone(UTC)
