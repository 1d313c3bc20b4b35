"""What runs wait for. A wait is a row: whoever answers it does so in a transaction of our own. Waking the run is only
to be quick, for it reads the row whenever it begins anew.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

from sqlalchemy import text
from sqlalchemy.dialects.postgresql import insert

from crm_app.kernel import clock
from crm_app.services.unit_of_work import UnitOfWork
from crm_app.storage.system_tables import table_of
from crm_app.storage.wait_tables import RunWaitRow

_READ = text("SELECT state, until, answer FROM crm.run_wait WHERE run = :run AND path = :path FOR UPDATE")
_LATER = text("UPDATE crm.run_wait SET until = :until, changed_at = :now WHERE run = :run AND path = :path")
_OVER = text("UPDATE crm.run_wait SET state = 'over', wants_waking = false WHERE run = :run AND path = :path")
_ANSWER = text(
    "UPDATE crm.run_wait SET state = 'answered', answer = CAST(:answer AS jsonb), wants_waking = true, "
    "changed_at = :now WHERE run = :run AND path = :path AND state = 'open'"
)
_STIR = text(
    "UPDATE crm.run_wait SET wants_waking = true, changed_at = :now "
    "WHERE kind = 'moment' AND state = 'open' AND record = ANY(:records)"
)
_LISTENERS = text(
    "SELECT w.run, w.path, w.key, w.record, w.asks, w.created_at FROM crm.run_wait w JOIN crm.run r ON r.id = w.run "
    "WHERE w.state = 'open' AND w.kind = 'event' AND w.key = ANY(:objects) "
    "AND (w.record IS NULL OR w.record = ANY(:records)) AND r.status IN ('pending', 'started')"
)
_TO_WAKE = text(
    "SELECT w.run, w.path, w.workflow FROM crm.run_wait w JOIN crm.run r ON r.id = w.run AND r.status = 'started' "
    "WHERE (w.wants_waking AND w.state <> 'over') OR (w.state = 'answered' AND w.changed_at < :late) "
    "OR (w.state = 'open' AND w.until < :late AND w.changed_at < :late) "
    "OR (w.state = 'open' AND w.kind = 'run' AND EXISTS (SELECT FROM crm.run c WHERE c.id = w.record "
    "AND c.finished_at IS NOT NULL)) LIMIT :n"
)
_WOKEN = text("UPDATE crm.run_wait SET wants_waking = false, changed_at = :now WHERE run = :run AND path = :path")
_AT_WORK = text("UPDATE crm.run SET resting = false, touched_at = :now WHERE id = ANY(:runs) AND resting")
_REST = text(
    "UPDATE crm.run r SET resting = true WHERE id = :run AND status = 'started' AND EXISTS (SELECT FROM crm.run_wait w "
    "WHERE w.run = r.id AND w.state = 'open' AND (w.until IS NULL OR w.until > :now))"
)


@dataclass(frozen=True)
class WaitKey:
    run: UUID
    path: str


@dataclass(frozen=True)
class NewWait:
    """`kind` is moment, event, people or run; see `storage.wait_tables` for the rest."""

    key: WaitKey
    kind: str
    workflow: str
    until: datetime | None = None
    about: str = ""
    record: UUID | None = None
    asks: Mapping[str, Any] = field(default_factory=dict[str, Any])


@dataclass(frozen=True)
class Wait:
    state: str
    until: datetime | None
    answer: Mapping[str, Any]


@dataclass(frozen=True)
class Listener:
    """A wait for a fact about an object. What happened before it began does not count."""

    key: WaitKey
    object: str
    record: UUID | None
    asks: Mapping[str, Any]
    since: datetime


@dataclass(frozen=True)
class Sleeper:
    key: WaitKey
    workflow: str


def open_wait(work: UnitOfWork, wait: NewWait) -> None:
    now = clock.now()
    values: dict[str, Any] = {
        "run": wait.key.run, "path": wait.key.path, "kind": wait.kind, "key": wait.about, "record": wait.record,
        "until": wait.until, "state": "open", "asks": dict(wait.asks), "answer": {}, "workflow": wait.workflow,
        "wants_waking": False, "created_at": now, "changed_at": now,
    }  # fmt: skip
    work.connection.execute(insert(table_of(RunWaitRow)).values(values).on_conflict_do_nothing())


def read_wait(work: UnitOfWork, key: WaitKey) -> Wait:
    """Nobody answers it until this transaction ends."""
    row = work.connection.execute(_READ, _named(key)).one()
    return Wait(row.state, row.until, row.answer)


def wait_later(work: UnitOfWork, key: WaitKey, until: datetime) -> None:
    work.connection.execute(_LATER, {**_named(key), "until": until, "now": clock.now()})


def end_wait(work: UnitOfWork, key: WaitKey) -> None:
    work.connection.execute(_OVER, _named(key))


def answer_wait(work: UnitOfWork, key: WaitKey, answer: str) -> bool:
    """`answer` is JSON. False when it has been answered, or nobody waits any more."""
    found = work.connection.execute(_ANSWER, {**_named(key), "answer": answer, "now": clock.now()})
    work.has_news = work.has_news or found.rowcount == 1
    return found.rowcount == 1


def listeners(work: UnitOfWork, objects: Iterable[str], records: Iterable[UUID]) -> list[Listener]:
    """Those that facts about these objects and records may concern."""
    rows = work.connection.execute(_LISTENERS, {"objects": list(objects), "records": list(records)})
    return [Listener(WaitKey(r.run, r.path), r.key, r.record, r.asks, r.created_at) for r in rows]


def stir(work: UnitOfWork, records: Iterable[UUID]) -> bool:
    """Runs that wait for a moment that these records say look whether it has moved; whether there are any."""
    return work.connection.execute(_STIR, {"records": list(records), "now": clock.now()}).rowcount > 0


def sleepers_to_wake(work: UnitOfWork, late: timedelta, limit: int) -> list[Sleeper]:
    """Those that somebody has answered, and those that should have gone on by themselves."""
    rows = work.connection.execute(_TO_WAKE, {"late": clock.now() - late, "n": limit})
    return [Sleeper(WaitKey(r.run, r.path), r.workflow) for r in rows]


def note_woken(work: UnitOfWork, keys: Sequence[WaitKey]) -> None:
    """From now on their runs should make progress."""
    now = clock.now()
    for key in keys:
        work.connection.execute(_WOKEN, {**_named(key), "now": now})
    work.connection.execute(_AT_WORK, {"runs": [key.run for key in keys], "now": now})


def rest(work: UnitOfWork, run: UUID) -> bool:
    """Whether the run makes no progress because it waits; then nobody need worry until that is over."""
    return work.connection.execute(_REST, {"run": run, "now": clock.now()}).rowcount == 1


def _named(key: WaitKey) -> dict[str, Any]:
    return {"run": key.run, "path": key.path}
