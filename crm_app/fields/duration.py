import re
from datetime import timedelta
from decimal import Decimal

from crm_app.fields.field_type import ORDERED, Column, FieldType, FieldValueError
from crm_app.fields.rule_type import DURATION
from crm_app.kernel.times import MAX_DURATION, duration_of, duration_text

_MICROSECONDS = {"d": 86_400_000_000, "h": 3_600_000_000, "m": 60_000_000, "s": 1_000_000}
_UNITS = {
    **dict.fromkeys(("d", "day", "days"), "d"),
    **dict.fromkeys(("h", "hr", "hrs", "hour", "hours"), "h"),
    **dict.fromkeys(("m", "min", "mins", "minute", "minutes"), "m"),
    **dict.fromkeys(("s", "sec", "secs", "second", "seconds"), "s"),
}
_PART = re.compile(r"(\d{1,9}(?:\.\d{1,6})?) ?([a-z]+)(?: |$)", re.ASCII)
_CLOCK = re.compile(r"(\d{1,6}):([0-5]\d)(?::([0-5]\d))?", re.ASCII)


def _parse(raw: object, _config: object) -> timedelta:
    """ISO (`P1DT2H`), words (`1 h 30 min`, `1.5 hours`) or hours and minutes (`1:30`); never negative."""
    found = raw
    if isinstance(raw, str):
        try:
            found = _from_text(raw.strip())
        except OverflowError:
            found = MAX_DURATION + timedelta.resolution
    if not isinstance(found, timedelta) or found < timedelta(0):
        raise FieldValueError(f"'{str(raw)[:40]}' is not a duration; write it as 1 h 30 min, 1:30 or PT1H30M.")
    if found > MAX_DURATION:
        raise FieldValueError("A duration is at most 9,999 years.")
    return found


def _from_text(text: str) -> timedelta | None:
    if text.startswith("P"):
        return duration_of(text)
    if clock := _CLOCK.fullmatch(text):
        hours, minutes, seconds = clock.groups()
        return timedelta(hours=int(hours), minutes=int(minutes), seconds=int(seconds or 0))
    return _from_words(" ".join(text.lower().split()))


def _from_words(text: str) -> timedelta | None:
    """Each unit at most once, the largest first."""
    total, position, smallest = Decimal(0), 0, "dhms"
    while position < len(text):
        match = _PART.match(text, position)
        unit = _UNITS.get(match[2], "") if match else ""
        if match is None or not unit or unit not in smallest:
            return None
        smallest = smallest[smallest.index(unit) + 1 :]
        total += Decimal(match[1]) * _MICROSECONDS[unit]
        position = match.end()
    is_whole = bool(text) and total == total.to_integral_value()
    return timedelta(microseconds=int(total)) if is_whole else None


def _text(value: timedelta, _config: object) -> str:
    minutes, seconds = divmod(Decimal(value.seconds) + Decimal(value.microseconds).scaleb(-6), 60)
    hours, minutes = divmod(int(minutes), 60)
    shown = f"{seconds:f}".rstrip("0").rstrip(".") if value.microseconds else f"{int(seconds)}"
    parts = ((value.days, "d"), (hours, "h"), (minutes, "min"), (shown if seconds else 0, "s"))
    return " ".join(f"{count} {unit}" for count, unit in parts if count) or "0 min"


FIELD_TYPE = FieldType(
    name="duration",
    label="Duration",
    widget="duration",
    description="A length of time in days, hours, minutes and seconds.",
    parse=_parse,
    dump=lambda value, _config: duration_text(value),
    text=_text,
    edit=_text,
    rule_type=lambda _config: DURATION,
    columns=(Column("interval"),),
    operators=ORDERED,
    examples=("1 h 30 min", "P1DT2H", "1:30", "1.5 hours", "2 days", "PT0.000001S", "0 min", "P3652058D"),
    hostile=(
        "P1M",
        "P1Y",
        "P",
        "PT",
        "-1 h",
        "-P1D",
        "1",
        90,
        "1 parsec",
        "1 h 1 h",
        "min",
        "P3652059D",
        "9999999999 d",
    ),
)
