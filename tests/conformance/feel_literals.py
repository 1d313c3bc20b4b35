"""Days, times and durations as FEEL writes them. What is none of them is refused, as our own literals are."""

import re
from datetime import date, datetime, time, timedelta
from decimal import Decimal

from crm_app.kernel.times import MAX_DURATION
from crm_app.rules.errors import RuleError
from tests.conformance import moments
from tests.conformance.source import Months, Untranslatable

Temporal = date | datetime | time | timedelta | Months
_YEARS = re.compile(r"(-)?P(?=\d)(?:(\d+)Y)?(?:(\d+)M)?")
_DAYS = re.compile(r"(-)?P(?=\d|T\d)(?:(\d+)D)?(?:T(?=\d)(?:(\d+)H)?(?:(\d+)M)?(?:(\d+(?:\.\d*)?)S)?)?")
_DATE = re.compile(r"(-?)([1-9]\d{4,8}|\d{4})-(\d{2})-(\d{2})")
_TIME = re.compile(r"(\d{2}:\d{2}:\d{2}(?:\.\d+)?)(Z|[+-]\d{2}:\d{2}(?::\d{2})?|@[A-Za-z][\w/+-]*)?")


def refused(text: str) -> RuleError:
    return RuleError(f"'{text}' is not a date, a time or a duration.", (0, 0), found=text)


def temporal(text: str) -> Temporal:
    if text.lstrip("-").startswith("P"):
        return span(text)
    if "T" in text:
        return moment(text)
    return clock(text) if ":" in text else day(text)


def span(text: str) -> timedelta | Months:
    if found := _YEARS.fullmatch(text):
        count = int(found[2] or 0) * 12 + int(found[3] or 0)
        return Months(-count if found[1] else count)
    found = _DAYS.fullmatch(text)
    if found is None:
        raise refused(text)
    sign, days, hours, minutes, seconds = found.groups()
    exact = Decimal(seconds or 0) * 1_000_000
    if exact != int(exact):
        raise Untranslatable("a time finer than microseconds")
    total = ((int(days or 0) * 24 + int(hours or 0)) * 60 + int(minutes or 0)) * 60_000_000 + int(exact)
    if total > MAX_DURATION // timedelta(microseconds=1):
        raise Untranslatable("a duration of more than 9,999 years")
    return timedelta(microseconds=-total if sign else total)


def day(text: str) -> date:
    found = _DATE.fullmatch(text)
    if found is None:
        raise refused(text)
    if found[1] or len(found[2]) > 4 or found[2] == "0000":
        raise Untranslatable("a year outside 1 to 9999")
    try:
        return date.fromisoformat(text)
    except ValueError:
        raise refused(text) from None


def clock(text: str) -> time:
    found = _TIME.fullmatch(text)
    if found is None:
        raise refused(text)
    known = moments.clock_of(found[1])
    if known is None:
        raise refused(text)
    if found[2]:
        raise Untranslatable("a time of day with a zone")
    return known


def moment(text: str) -> datetime:
    """Without a zone it is read in UTC, as the reader's zone is in these cases."""
    start, _, rest = text.partition("T")
    days = day(start)
    found = _TIME.fullmatch(rest)
    if found is None:
        raise refused(text)
    if found[1].startswith("24:00:00"):
        raise Untranslatable("midnight written as 24:00")
    known = moments.moment_of(f"{days.isoformat()}T{found[1]}{_offset(found[2] or '')}")
    if known is None:
        raise refused(text)
    return known


def _offset(written: str) -> str:
    if len(written) == 9:
        raise Untranslatable("an offset with seconds")
    if written.startswith("@"):
        moments.zone_of(written[1:])
    elif written not in {"", "Z"} and (int(written[1:3]) > 14 or int(written[4:6]) > 59):
        raise refused(written)
    return written


def zone_in(text: str) -> str:
    """The offset or the zone that it names, or nothing."""
    found = re.search(r"T[\d:.]+(Z|[+-]\d{2}:\d{2}|@[A-Za-z][\w/+-]*)$", text)
    return "" if found is None else found[1].lstrip("@").replace("Z", "UTC")
