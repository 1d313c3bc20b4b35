"""The only source of time, so that tests can hold it still."""

from collections.abc import Generator
from contextlib import contextmanager
from contextvars import ContextVar
from datetime import UTC, date, datetime
from zoneinfo import ZoneInfo

_frozen: ContextVar[datetime | None] = ContextVar("frozen_clock", default=None)


def now() -> datetime:
    """The current instant, in UTC."""
    return _frozen.get() or datetime.now(UTC)


def today(time_zone: str) -> date:
    """The calendar date in an IANA time zone."""
    return now().astimezone(ZoneInfo(time_zone)).date()


@contextmanager
def frozen(at: datetime) -> Generator[None]:
    """Holds `now()` at one aware instant, for tests and dry runs."""
    token = _frozen.set(at)
    try:
        yield
    finally:
        _frozen.reset(token)
