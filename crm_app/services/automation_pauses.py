"""Automations that pause: no run of theirs starts until they are resumed. Runs under way go on to their end.

What happens meanwhile either waits, as runs that start when the automation is resumed, or is passed over for good.
Runs that had not begun when the pause did wait in any case.
"""

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import delete, func, select, text
from sqlalchemy.dialects.postgresql import insert

from crm_app.kernel import clock
from crm_app.kernel.errors import NotFound
from crm_app.services.run_rights import audit_of_runs, require_runs
from crm_app.services.unit_of_work import UnitOfWork
from crm_app.storage.run_tables import AutomationPauseRow, RunRow
from crm_app.storage.system_tables import table_of

_PAUSES = table_of(AutomationPauseRow)
_RUNS = table_of(RunRow)
_DROP = text(
    "UPDATE crm.run SET status = 'cancelled', error = :error, touched_at = :now, finished_at = :now "
    "WHERE automation = :automation AND status = 'pending'"
)
DROPPED = "dropped: It waited while its workflow paused, and was dropped when that was resumed."


@dataclass(frozen=True)
class Pause:
    """`keeps`: what happens meanwhile waits. `waiting` counts the runs that do."""

    automation: str
    keeps: bool
    by: str
    at: datetime
    waiting: int


def pauses(work: UnitOfWork) -> dict[str, Pause]:
    """By automation."""
    require_runs(work)
    waiting = (
        select(func.count())
        .select_from(_RUNS)
        .where(_RUNS.c.automation == _PAUSES.c.automation, _RUNS.c.status == "pending")
        .scalar_subquery()
    )
    rows = work.connection.execute(select(_PAUSES, waiting.label("waiting")))
    return {row.automation: Pause(row.automation, row.keeps, row.by, row.at, row.waiting) for row in rows}


def passing_over(work: UnitOfWork) -> frozenset[str]:
    """For the relay: the automations for which nothing counts now."""
    rows = work.connection.execute(select(_PAUSES.c.automation).where(_PAUSES.c.keeps.is_(False)))
    return frozenset(rows.scalars())


def pause(work: UnitOfWork, automation: str, *, keeps: bool) -> None:
    """Pausing what pauses already changes what becomes of the events from now on."""
    require_runs(work)
    if all(each.name != automation for each in work.catalog.automations):
        raise NotFound(f"There is no workflow '{automation[:50]}'.")
    said = {"keeps": keeps, "by": work.who.name, "at": clock.now()}
    statement = insert(_PAUSES).values(automation=automation, **said)
    work.connection.execute(statement.on_conflict_do_update(index_elements=["automation"], set_=said))
    audit_of_runs(work, "automation.paused", {"automation": automation, "events": "kept" if keeps else "skipped"})


def resume(work: UnitOfWork, automation: str, *, drops: bool = False) -> int:
    """The number of runs that waited; they start now, or are dropped."""
    require_runs(work)
    found = pauses(work).get(automation)
    if found is None:
        raise NotFound(f"The workflow '{automation[:50]}' does not pause.")
    if drops:
        work.connection.execute(_DROP, {"automation": automation, "error": DROPPED, "now": clock.now()})
    work.connection.execute(delete(_PAUSES).where(_PAUSES.c.automation == automation))
    what = "dropped" if drops else "started"
    audit_of_runs(work, "automation.resumed", {"automation": automation, what: found.waiting})
    return found.waiting
