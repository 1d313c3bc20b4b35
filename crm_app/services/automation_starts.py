"""Which runs still have to be handed to Temporal, and which it may have lost."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

from sqlalchemy import text

from crm_app.definitions.automation import AutomationDefinition
from crm_app.definitions.upgrade import upgraded
from crm_app.kernel import clock
from crm_app.kernel.errors import NotFound
from crm_app.kernel.events import RecordRef
from crm_app.services.automation_runs import end_soon
from crm_app.services.unit_of_work import UnitOfWork

_ROOM = text(
    "SELECT :window - count(*) FROM crm.run r WHERE status = 'started' AND NOT resting AND touched_at <= :now "
    "AND NOT EXISTS (SELECT FROM crm.run_wait w WHERE w.run = r.id AND w.state = 'open')"
)
_CLAIM = text(
    "UPDATE crm.run SET touched_at = :now WHERE id IN (SELECT id FROM crm.run WHERE status = 'pending' "
    "AND (touched_at = created_at OR touched_at < :before) "
    "AND (input ? 'ending' OR automation NOT IN (SELECT automation FROM crm.automation_pause)) "
    "ORDER BY id LIMIT :limit FOR UPDATE SKIP LOCKED) "
    "RETURNING id, automation, automation_hash, object, record, runner, depth, input"
)
_RELEASE = text("UPDATE crm.run SET touched_at = created_at WHERE id = ANY(:runs) AND status = 'pending'")
_STARTED = text(
    "UPDATE crm.run SET in_temporal = true, "
    "status = CASE status WHEN 'pending' THEN 'started' ELSE status END, "
    "touched_at = CASE status WHEN 'pending' THEN :now ELSE touched_at END "
    "WHERE id = ANY(:runs) AND status IN ('pending', 'cancelled')"
)
_LEFTOVERS = text("SELECT id FROM crm.run WHERE status = 'cancelled' AND in_temporal ORDER BY id DESC LIMIT :n")
_DISMISSED = text("UPDATE crm.run SET in_temporal = false WHERE id = :run AND status = 'cancelled'")
_UNTOUCHED = text(
    "SELECT id, touched_at FROM crm.run WHERE status = 'started' AND NOT resting AND touched_at < :before "
    "ORDER BY touched_at LIMIT :n"
)
_AGAIN = text(
    "UPDATE crm.run SET status = 'pending', resting = false, touched_at = created_at, "
    "input = input || jsonb_build_object('restarts', coalesce((input ->> 'restarts')::int, 0) + 1) "
    "WHERE id = :run AND status IN ('pending', 'started')"
)
_EXPIRED_UNBEGUN = text(
    "UPDATE crm.run SET status = 'cancelled', error = :error, touched_at = :now, finished_at = :now "
    "WHERE status = 'pending' AND deadline < :now AND NOT input ? 'restarts'"
)
_EXPIRED = text(
    "SELECT id FROM crm.run WHERE status IN ('pending', 'started') AND deadline < :now AND NOT input ? 'ending' "
    "ORDER BY deadline LIMIT 1000 FOR UPDATE SKIP LOCKED"
)
_VERSION = text("SELECT body FROM crm.definition_version WHERE hash = :hash AND kind = 'automations'")


@dataclass(frozen=True)
class PendingRun:
    """`restarts` counts how often Temporal lost it or stalled on it."""

    id: UUID
    automation: str
    automation_hash: str
    ref: RecordRef
    runner: UUID
    depth: int
    restarts: int


@dataclass(frozen=True)
class Claim:
    """`is_full`: there may be more, but enough runs are under way."""

    runs: Sequence[PendingRun] = ()
    is_full: bool = False


def claim_pending(work: UnitOfWork, window: int, lease: timedelta, most: int | None = None) -> Claim:
    """Runs to start now, at `most` so many, and as many as keep `window` in Temporal's hands, so that the rest wait in
    our table, where nothing can lose them and nobody mistakes waiting for stalling. What waits takes no room: neither
    for an answer nor for a system that is away, until its next try is overdue, which is when all places outside are
    taken. A claim not followed by `mark_started` ends with its lease; starting a run twice does no harm.
    """
    now = clock.now()
    room = work.connection.execute(_ROOM, {"window": window, "now": now}).scalar_one()
    if room <= 0:
        return Claim(is_full=True)
    room = room if most is None else min(room, most)
    rows = work.connection.execute(_CLAIM, {"now": now, "before": now - lease, "limit": room})
    runs = [
        PendingRun(
            r.id, r.automation, r.automation_hash, RecordRef(r.object, r.record), r.runner, r.depth, _restarts(r.input)
        )
        for r in rows
    ]
    return Claim(runs, is_full=len(runs) == room)


def release_claims(work: UnitOfWork, runs: Sequence[UUID]) -> None:
    """For runs that could not be started: whoever comes next may try at once."""
    work.connection.execute(_RELEASE, {"runs": list(runs)})


def mark_started(work: UnitOfWork, runs: Sequence[UUID]) -> None:
    """A run that has ended meanwhile stays ended, but that Temporal has it is known."""
    work.connection.execute(_STARTED, {"runs": list(runs), "now": clock.now()})


def untouched_runs(work: UnitOfWork, older_than: timedelta, limit: int) -> list[tuple[UUID, datetime]]:
    """Started runs without progress, with when they last made some."""
    rows = work.connection.execute(_UNTOUCHED, {"before": clock.now() - older_than, "n": limit})
    return [(row.id, row.touched_at) for row in rows]


def cancelled_in_temporal(work: UnitOfWork, limit: int) -> list[UUID]:
    """Runs that a person has cancelled and that Temporal may still hold."""
    return list(work.connection.execute(_LEFTOVERS, {"n": limit}).scalars())


def note_dismissed(work: UnitOfWork, run: UUID) -> None:
    work.connection.execute(_DISMISSED, {"run": run})


def expire_runs(work: UnitOfWork) -> int:
    """Runs that have taken longer than they may: they undo what they did, and end by a name of their own. One that has
    done nothing yet ends at once.
    """
    error = "deadline: The run has taken longer than its workflow allows (limits.deadline)."
    now = clock.now()
    unbegun = work.connection.execute(_EXPIRED_UNBEGUN, {"error": error, "now": now}).rowcount
    return unbegun + end_soon(work, work.connection.execute(_EXPIRED, {"now": now}).scalars().all(), error)


def start_again(work: UnitOfWork, run: UUID) -> None:
    """What its effects show done is skipped when it runs again."""
    work.connection.execute(_AGAIN, {"run": run})


def automation_version(work: UnitOfWork, content_hash: str) -> AutomationDefinition:
    """The version that a run is pinned to, whatever was published since."""
    body = work.connection.execute(_VERSION, {"hash": content_hash}).scalar_one_or_none()
    if body is None:
        raise NotFound("The version of the workflow that this run belongs to is gone.")
    return AutomationDefinition.model_validate(upgraded("automations", body))


def _restarts(run_input: Mapping[str, Any]) -> int:
    return int(run_input.get("restarts", 0))
