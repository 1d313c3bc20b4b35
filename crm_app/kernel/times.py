"""Times of day and lengths of time as text: ISO 8601, as rules, forms, imports and the API write them; and days and
moments as people read them.
"""

import re
from datetime import UTC, date, datetime, time, timedelta
from zoneinfo import ZoneInfo

# From one end of the calendar to the other, so that two points in time never lie further apart.
MAX_DURATION = timedelta(days=3652059) - timedelta.resolution
_MAX_DIGITS = 9
_CLOCK = re.compile(r"(\d{1,2}):(\d{2})(?::(\d{2})(?:\.(\d{1,6}))?)?", re.ASCII)
_SHAPE = re.compile(
    r"P(?:(?P<weeks>\d+)W)?(?:(?P<days>\d+)D)?"
    r"(?:T(?:(?P<hours>\d+)H)?(?:(?P<minutes>\d+)M)?(?:(?P<seconds>\d+)(?:\.(?P<fraction>\d{1,6}))?S)?)?",
    re.ASCII,
)


def time_of_day(text: str) -> time | None:
    """`9:30`, `09:30:15.5`; `None` for anything else, a zone included."""
    match = _CLOCK.fullmatch(text)
    if match is None:
        return None
    hours, minutes, seconds, fraction = match.groups()
    try:
        return time(int(hours), int(minutes), int(seconds or 0), int((fraction or "").ljust(6, "0")))
    except ValueError:
        return None


def clock_text(value: time) -> str:
    """As short as it can be: `09:30`, and seconds only where there are some."""
    text = value.isoformat(timespec="auto" if value.microsecond or value.second else "minutes")
    return text.rstrip("0") if value.microsecond else text


def day_text(value: date) -> str:
    """`4 Mar 2026`: the month in letters, because 3/4 reads differently on two sides of the ocean."""
    return f"{value.day} {value:%b} {value.year}"


def on_clock(value: datetime, time_zone: str) -> datetime:
    """What a clock in that zone shows; at the two ends of the calendar, where it has no year for it, what UTC shows."""
    try:
        return value.astimezone(ZoneInfo(time_zone))
    except OverflowError:
        return value


def moment_text(value: datetime, time_zone: str) -> str:
    local = on_clock(value, time_zone)
    return f"{day_text(local.date())}, {local:%H:%M}"


def with_zone(text: str, time_zone: str) -> str:
    """Text of a day, or of a day and a time, placed in a zone where it names none; a day alone is its first moment.
    Where clocks go back, the hour that comes twice means the first one. What is no such text stays as it is.
    """
    try:
        local = datetime.fromisoformat(text)
    except ValueError:
        return text
    return text if local.tzinfo else local.replace(tzinfo=ZoneInfo(time_zone)).isoformat()


def is_skipped(text: str, time_zone: str) -> bool:
    """Whether clocks in that zone never show this day and time, because they go forward."""
    try:
        placed = datetime.fromisoformat(text).replace(tzinfo=ZoneInfo(time_zone))
        shown = placed.astimezone(UTC).astimezone(placed.tzinfo)
    except (ValueError, OverflowError):
        return False
    return shown.replace(tzinfo=None) != placed.replace(tzinfo=None)


def duration_of(text: str) -> timedelta | None:
    """`P1DT2H30M`; `None` where the text has no such shape, as with months and years, which have no fixed length.
    Raises `OverflowError` beyond `MAX_DURATION`.
    """
    match = _SHAPE.fullmatch(text)
    if match is None or text.endswith(("P", "T")):
        return None
    if any(len(count or "") > _MAX_DIGITS for count in match.groupdict().values()):
        raise OverflowError
    numbers = {unit: int(count or 0) for unit, count in match.groupdict().items() if unit != "fraction"}
    value = timedelta(**numbers, microseconds=int((match["fraction"] or "").ljust(6, "0")))
    if value > MAX_DURATION:
        raise OverflowError
    return value


def duration_text(value: timedelta) -> str:
    """The canonical text of a duration that is not negative."""
    hours, rest = divmod(value.seconds, 3600)
    minutes, seconds = divmod(rest, 60)
    days = f"{value.days}D" if value.days else ""
    fraction = f".{value.microseconds:06d}" if value.microseconds else ""
    clock = (f"{hours}H" if hours else "") + (f"{minutes}M" if minutes else "")
    clock += f"{seconds}{fraction}S" if seconds or fraction else ""
    return f"P{days}{'T' + clock if clock else ''}" if days or clock else "P0D"
