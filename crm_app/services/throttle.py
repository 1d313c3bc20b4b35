"""Guessing is slowed down, by account and by address, in all processes together. An attempt is written down before it
is looked at, so that many at once count as many; a right one is taken back.
"""

from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta

from sqlalchemy import Connection, delete, func, insert, select, text

from crm_app.kernel import clock
from crm_app.kernel.errors import Invalid
from crm_app.kernel.ids import new_id
from crm_app.storage.account_tables import LoginAttemptRow
from crm_app.storage.system_tables import table_of

PER_ACCOUNT, PER_ADDRESS = 5, 30
FIRST_DELAY, LONGEST_DELAY = timedelta(seconds=30), timedelta(minutes=15)
REMEMBERED = timedelta(hours=1)

_ATTEMPTS = table_of(LoginAttemptRow)
_LOCK = text("SELECT pg_advisory_xact_lock(7305012, hashtext(:subject))")


class LoginRefused(Invalid):
    """One text for every cause, so that nobody learns which accounts exist."""

    code = "login_refused"


class TooManyAttempts(LoginRefused):
    """Refused before anything is looked at; `seconds` says how long to wait."""

    code, status = "too_many_attempts", 429


def delay_after(failures: int, free: int) -> timedelta:
    """Doubles with each failure beyond the free ones, and never grows past a quarter of an hour: nobody is locked out
    for good.
    """
    if failures < free:
        return timedelta(0)
    return min(FIRST_DELAY * 2 ** min(failures - free, 10), LONGEST_DELAY)


def begin_attempt(connection: Connection, subjects: Mapping[str, int]) -> None:
    """`subjects` are who and where from, each with the failures that cost nothing. Attempts that are refused here don't
    count, so that waiting always ends.
    """
    now = clock.now()
    for subject in sorted(subjects):
        connection.execute(_LOCK, {"subject": subject})
    connection.execute(delete(_ATTEMPTS).where(_ATTEMPTS.c.at < now - REMEMBERED))
    waiting = [_free_at(row[1], row[2], subjects[row[0]]) - now for row in _failures(connection, list(subjects))]
    longest = max(waiting, default=timedelta(0))
    if longest > timedelta(0):
        seconds = int(longest.total_seconds()) + 1
        raise TooManyAttempts(f"Too many attempts. Please try again in {_words(seconds)}.", seconds=seconds)
    connection.execute(insert(_ATTEMPTS), [{"id": new_id(), "subject": subject, "at": now} for subject in subjects])


def forgive(connection: Connection, subjects: Sequence[str], address: str = "") -> None:
    """After a right answer: what was counted against the person is forgotten, and the last one against the address."""
    connection.execute(delete(_ATTEMPTS).where(_ATTEMPTS.c.subject.in_(subjects)))
    if address:
        last = select(_ATTEMPTS.c.id).where(_ATTEMPTS.c.subject == address).order_by(_ATTEMPTS.c.id.desc()).limit(1)
        connection.execute(delete(_ATTEMPTS).where(_ATTEMPTS.c.id.in_(last)))


def _failures(connection: Connection, subjects: Sequence[str]) -> list[tuple[str, int, datetime]]:
    query = (
        select(_ATTEMPTS.c.subject, func.count(), func.max(_ATTEMPTS.c.at))
        .where(_ATTEMPTS.c.subject.in_(subjects))
        .group_by(_ATTEMPTS.c.subject)
    )
    return [(subject, count, last) for subject, count, last in connection.execute(query)]


def _free_at(failures: int, last: datetime, free: int) -> datetime:
    return last + delay_after(failures, free)


def _words(seconds: int) -> str:
    minutes = -(-seconds // 60)
    return f"{seconds} seconds" if seconds < 60 else "a minute" if minutes == 1 else f"{minutes} minutes"  # noqa: PLR2004
