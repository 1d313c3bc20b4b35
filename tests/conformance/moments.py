"""Days, times and lengths of time as other languages write them."""

import re
from datetime import UTC, date, datetime, time, timedelta, timezone, tzinfo
from zoneinfo import ZoneInfo

from tests.conformance.source import Months, Untranslatable

_UNITS = {
    **dict.fromkeys(("y", "year", "years"), "year"),
    **dict.fromkeys(("q", "quarter", "quarters"), "quarter"),
    **dict.fromkeys(("M", "month", "months"), "month"),
    **dict.fromkeys(("w", "week", "weeks"), "week"),
    **dict.fromkeys(("d", "day", "days"), "day"),
    **dict.fromkeys(("h", "hour", "hours"), "hour"),
    **dict.fromkeys(("m", "minute", "minutes", "min"), "minute"),
    **dict.fromkeys(("s", "second", "seconds", "sec"), "second"),
    **dict.fromkeys(("ms", "millisecond", "milliseconds"), "millisecond"),
    **dict.fromkeys(("us", "microsecond", "microseconds"), "microsecond"),
}
EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_SECONDS = {"week": 604800, "day": 86400, "hour": 3600, "minute": 60, "second": 1, "millisecond": 1e-3,
            "microsecond": 1e-6}  # fmt: skip
MONTHS = {"month": 1, "quarter": 3, "year": 12}
_MOMENT = re.compile(
    r"(\d{4})-(\d{2})-(\d{2})(?:[T ](\d{2}):(\d{2})(?::(\d{2})(?:\.(\d+))?)?(Z|[+-]\d{2}:?\d{2})?(?:@([\w/+-]+))?)?"
)


def unit_of(text: str) -> str:
    found = _UNITS.get(text) or _UNITS.get(text.lower())
    if found is None:
        raise Untranslatable(f"a unit of time called `{text}`")
    return found


def span_of(count: int, unit: str) -> timedelta | Months:
    if unit in MONTHS:
        return Months(count * MONTHS[unit])
    return timedelta(seconds=count * _SECONDS[unit])


def spans_of(text: str) -> list[timedelta | Months]:
    """`1h 30m`, `2d`, `-1M`."""
    parts = re.findall(r"(-?\d+)\s*([A-Za-z]+)", text)
    if not parts:
        raise Untranslatable("a length of time that can't be read")
    return [span_of(int(count), unit_of(unit)) for count, unit in parts]


def moment_of(text: str, zone: str = "UTC") -> datetime | None:
    """A day or a point in time; what names no zone is in the given one. None where it is neither."""
    found = _MOMENT.fullmatch(text.strip())
    if found is None:
        return None
    year, month, day, hour, minute, second, fraction, offset, named = found.groups()
    if len((fraction or "").rstrip("0")) > 6:
        raise Untranslatable("a time finer than microseconds")
    try:
        moment = datetime(
            *(int(each) for each in (year, month, day)),
            *(int(each or 0) for each in (hour, minute, second, (fraction or "0")[:6].ljust(6, "0"))),
            tzinfo=_zone(offset) if offset else zone_of(named or zone),
        )
        return moment.astimezone(UTC)
    except (ValueError, OverflowError):
        return None


def _zone(offset: str) -> tzinfo:
    if offset == "Z":
        return UTC
    minutes = int(offset[1:3]) * 60 + int(offset[-2:])
    return timezone(timedelta(minutes=-minutes if offset[0] == "-" else minutes))


def zone_of(name: str) -> ZoneInfo:
    """An offset of whole hours is a zone too; others are not known by a name."""
    offset = re.fullmatch(r"([+-])?(\d{2}):?(\d{2})", name)
    if offset is None:
        try:
            return ZoneInfo(name)
        except (ValueError, OSError, KeyError):
            raise Untranslatable("a time zone of no known name") from None
    sign, hours, minutes = offset.groups()
    return fixed(int(hours) * 60 + int(minutes), is_west=sign == "-")


def fixed(minutes: int, *, is_west: bool) -> ZoneInfo:
    if minutes == 0:
        return ZoneInfo("UTC")
    if minutes % 60 or minutes > 14 * 60:
        raise Untranslatable("an offset of part of an hour as a time zone")
    return ZoneInfo(f"Etc/GMT{'+' if is_west else '-'}{minutes // 60}")


def zone_name(name: str) -> str:
    return zone_of(name).key


def day_or_moment(text: str) -> date | datetime | None:
    found = moment_of(text)
    return found.date() if found is not None and len(text.strip()) == 10 else found


def clock_of(text: str) -> time | None:
    found = re.fullmatch(r"(\d{2}):(\d{2})(?::(\d{2})(?:\.(\d+))?)?", text)
    if found is None:
        return None
    hour, minute, second, fraction = found.groups()
    if len((fraction or "").rstrip("0")) > 6:
        raise Untranslatable("a time finer than microseconds")
    try:
        return time(int(hour), int(minute), int(second or 0), int((fraction or "0")[:6].ljust(6, "0")))
    except ValueError:
        return None
