"""How far the clock of each automation has been looked at, so that no moment is missed or counted twice."""

from collections.abc import Collection, Sequence
from datetime import datetime
from uuid import UUID

from sqlalchemy import text

from crm_app.services.unit_of_work import UnitOfWork

_MINE = text("SELECT pg_try_advisory_xact_lock(:key)")
_ROWS = text("SELECT automation, since, looked_at FROM crm.trigger_clock")
_LOOKED = text(
    "INSERT INTO crm.trigger_clock (automation, since, looked_at) VALUES (:name, :now, :now) "
    "ON CONFLICT (automation) DO UPDATE SET looked_at = :now"
)
_FORGET = text("DELETE FROM crm.trigger_clock WHERE NOT (automation = ANY(:names))")
_STARTED = text("SELECT event FROM crm.run WHERE automation = :name AND event = ANY(:events)")
_KEY = 7_305_014


def is_ours(work: UnitOfWork) -> bool:
    """Whether nobody else looks at the clock now; nobody will until this transaction ends."""
    return work.connection.execute(_MINE, {"key": _KEY}).scalar_one()


def looked_at(work: UnitOfWork) -> dict[str, tuple[datetime, datetime]]:
    """By automation: since when it has been live, and up to when its moments were looked at."""
    return {row.automation: (row.since, row.looked_at) for row in work.connection.execute(_ROWS)}


def note_look(work: UnitOfWork, name: str, now: datetime) -> None:
    work.connection.execute(_LOOKED, {"name": name, "now": now})


def forget_others(work: UnitOfWork, names: Collection[str]) -> None:
    """Automations that are off begin anew when they are on again."""
    work.connection.execute(_FORGET, {"names": list(names)})


def started_events(work: UnitOfWork, name: str, events: Sequence[UUID]) -> set[UUID]:
    """Those that have a run of the automation, of whatever version."""
    return set(work.connection.execute(_STARTED, {"name": name, "events": list(events)}).scalars())
