"""The ledger of runs. This table, not Temporal, says which runs exist and how far they came."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

from sqlalchemy import text
from sqlalchemy.dialects.postgresql import insert

from crm_app.kernel import clock
from crm_app.kernel.events import RecordRef
from crm_app.kernel.ids import new_id
from crm_app.services.called_runs import WITH_CALLER, called_runs
from crm_app.services.records import get_record
from crm_app.services.unit_of_work import UnitOfWork
from crm_app.storage.run_tables import RunRow, RunStepRow
from crm_app.storage.system_tables import table_of

_SNAPSHOT = text(
    "SELECT input, runner FROM crm.run WHERE id = :run AND automation_hash = :version "
    "AND status IN ('pending', 'started')"
)
_TOUCH = text(
    "UPDATE crm.run SET status = 'started', resting = :resting, touched_at = :now "
    "WHERE id = :run AND automation_hash = :version AND status IN ('pending', 'started')"
)
_FINISH = text(
    "UPDATE crm.run SET status = :status, error = :error, touched_at = :now, finished_at = :now "
    "WHERE id = :run AND :version IN ('', automation_hash) AND status IN ('pending', 'started')"
)
_HOLDS = text("SELECT FROM crm.run WHERE id = :run AND automation_hash = :version FOR SHARE")
_RUNS_OF = text(
    "SELECT r.id, r.automation, r.status, r.error, r.created_at, r.finished_at, d.body ->> 'label' AS label "
    "FROM crm.run r LEFT JOIN crm.definition d ON d.kind = 'automations' AND d.name = r.automation "
    "WHERE r.object = :object AND r.record = :record ORDER BY r.id DESC LIMIT :limit"
)
_SINCE = text(
    "SELECT automation, record, count(*) AS number FROM crm.run WHERE object = ANY(:objects) "
    "AND record = ANY(:records) AND created_at > :since AND rerun_of IS NULL "
    "AND NOT starts_with(error, 'record_budget') GROUP BY automation, record"
)
_OF_EVENT = text("SELECT id, status, error FROM crm.run WHERE event = :event ORDER BY id LIMIT 1")
_END_SOON = text(
    "UPDATE crm.run SET input = input || jsonb_build_object('ending', CAST(:error AS text)), resting = false, "
    "touched_at = :now WHERE id = ANY(:runs) AND status IN ('pending', 'started') AND NOT input ? 'ending'"
)
_WAKE = text("UPDATE crm.run_wait SET wants_waking = true, changed_at = :now WHERE run = ANY(:runs) AND state = 'open'")
ENDING = "ending"
"""In a run's input: why it does nothing more but undo what it did."""

_STEPS = table_of(RunStepRow)
_KEY = ["run", "path", "iteration"]

_LATELY = text(
    "SELECT automation, count(*), count(*) FILTER (WHERE status = 'failed') FROM crm.run WHERE created_at >= :since "
    "GROUP BY automation"
)


@dataclass(frozen=True)
class NewRun:
    """`error` makes it a run that failed before it began. `input` is what it needs to know of the fact."""

    event: UUID
    automation: str
    automation_hash: str
    ref: RecordRef
    runner: UUID | None
    depth: int
    input: Mapping[str, Any]
    error: str = ""
    deadline: datetime | None = None
    id: UUID | None = None


@dataclass
class StepSeen:
    """What the inspector will show of one execution of a step, gathered while it is done."""

    started_at: datetime
    input: Mapping[str, Any] = field(default_factory=dict[str, Any])
    traces: Mapping[str, Any] = field(default_factory=dict[str, Any])


@dataclass(frozen=True)
class RunOfRecord:
    """A run as the record's timeline shows it. `status` is pending, started, finished, failed or cancelled."""

    id: UUID
    automation: str
    label: str
    status: str
    error: str
    at: datetime
    finished_at: datetime | None


def insert_runs(work: UnitOfWork, runs: Sequence[NewRun]) -> None:
    """At most one per fact and version, whoever tries."""
    if not runs:
        return
    now = clock.now()
    rows = [
        {
            "id": run.id or new_id(), "event": run.event,
            "automation": run.automation, "automation_hash": run.automation_hash,
            "object": run.ref.object, "record": run.ref.id, "runner": run.runner, "depth": run.depth,
            "status": "failed" if run.error else "pending", "error": run.error, "input": dict(run.input),
            "created_at": now, "touched_at": now, "finished_at": now if run.error else None,
            "attempt": 1, "rerun_of": None, "in_temporal": False, "resting": False,
            "deadline": run.deadline,
        }
        for run in runs
    ]  # fmt: skip
    statement = insert(table_of(RunRow)).on_conflict_do_nothing(constraint="run_once_per_event")
    work.connection.execute(statement, rows)


def runs_since(work: UnitOfWork, refs: Iterable[RecordRef], period: timedelta) -> dict[tuple[str, UUID], int]:
    """How many runs of each automation the records have set off lately."""
    found = set(refs)
    asked = {"objects": list({ref.object for ref in found}), "records": [ref.id for ref in found]}
    rows = work.connection.execute(_SINCE, {**asked, "since": clock.now() - period}) if found else ()
    return {(row.automation, row.record): row.number for row in rows}


def run_of_event(work: UnitOfWork, event: UUID) -> tuple[UUID, str, str]:
    """The run that one event has started, and how it stands: its status and error."""
    row = work.connection.execute(_OF_EVENT, {"event": event}).one()
    return row.id, row.status, row.error


@dataclass(frozen=True)
class RunKey:
    """A run as one version of its automation does it: of a run that was moved, whoever still does the old one can't."""

    run: UUID
    version: str


def open_run(work: UnitOfWork, key: RunKey) -> tuple[Mapping[str, Any], UUID | None] | None:
    """The run's input and whom it acts as now; `None` when it has ended."""
    row = work.connection.execute(_SNAPSHOT, vars(key)).one_or_none()
    return None if row is None else (row.input, row.runner)


def holds_run(work: UnitOfWork, key: RunKey) -> bool:
    """Whether the run is still of this version; it stays so until this transaction ends."""
    return work.connection.execute(_HOLDS, vars(key)).rowcount == 1


def touch_run(work: UnitOfWork, key: RunKey, ahead: timedelta = timedelta(0), *, resting: bool = False) -> bool:
    """Notes progress, or that nothing is done until what the run waits for. False when the run has ended meanwhile, and
    then nothing of this transaction may stay. `ahead` is how long nobody need wonder where it stays.
    """
    values = {**vars(key), "resting": resting, "now": clock.now() + ahead}
    return work.connection.execute(_TOUCH, values).rowcount == 1


def finish_run(work: UnitOfWork, run: UUID, status: str, error: str = "", version: str = "") -> bool:
    """False when it had ended before: the first end counts. With a `version`, also when it was moved to another."""
    values = {"run": run, "status": status, "error": error, "version": version, "now": clock.now()}
    return work.connection.execute(_FINISH, values).rowcount == 1


def end_soon(work: UnitOfWork, runs: Sequence[UUID], error: str) -> int:
    """From now on they undo what they did, and are cancelled then, for this reason; how many. What they have called and
    wait for does so first.
    """
    now = clock.now()
    called = called_runs(work, runs)
    found = work.connection.execute(_END_SOON, {"runs": list(runs), "error": error, "now": now}).rowcount
    if called:
        work.connection.execute(_END_SOON, {"runs": called, "error": WITH_CALLER, "now": now})
    work.connection.execute(_WAKE, {"runs": [*runs, *called], "now": now})
    work.has_news = work.has_news or bool(found)
    return found


@dataclass(frozen=True)
class StepKey:
    """Which step of which run, and what kind of step it is."""

    run: UUID
    path: str
    iteration: int
    type: str


def note_failure(work: UnitOfWork, step: StepKey, seen: StepSeen, error: str) -> None:
    """One attempt that did not succeed, for the inspector; there may be more."""
    now = clock.now()
    failure = {"at": now.isoformat(), "error": error}
    changed: dict[str, Any] = {
        "status": "failed", "output": {}, "error": error, "input": dict(seen.input), "traces": dict(seen.traces),
        "started_at": seen.started_at, "at": now,
    }  # fmt: skip
    statement = insert(_STEPS).values({**_named(step), **changed, "attempts": 1, "failures": [failure]})
    counted = {
        "attempts": _STEPS.c.attempts + 1,
        "failures": _STEPS.c.failures.op("||")(statement.excluded.failures),
    }
    work.connection.execute(statement.on_conflict_do_update(index_elements=_KEY, set_={**changed, **counted}))


def note_end(work: UnitOfWork, step: StepKey, error: str) -> None:
    """The step at which its run ended; what was noted of its attempts stays."""
    now = clock.now()
    values: dict[str, Any] = {
        **_named(step), "status": "failed", "error": error, "input": {}, "traces": {}, "output": {},
        "attempts": 1, "failures": [], "started_at": now, "at": now,
    }  # fmt: skip
    statement = insert(_STEPS).values(values)
    work.connection.execute(
        statement.on_conflict_do_update(index_elements=_KEY, set_={"status": "failed", "error": error})
    )


def _named(step: StepKey) -> dict[str, Any]:
    return {"run": step.run, "path": step.path, "iteration": step.iteration, "type": step.type}


def runs_of(work: UnitOfWork, ref: RecordRef, limit: int = 50) -> list[RunOfRecord]:
    """The runs that a record started, newest first; only for whoever may see the record."""
    get_record(work, ref, names=False)
    rows = work.connection.execute(_RUNS_OF, {"object": ref.object, "record": ref.id, "limit": limit})
    return [
        RunOfRecord(r.id, r.automation, r.label or r.automation, r.status, r.error, r.created_at, r.finished_at)
        for r in rows
    ]


def runs_lately(work: UnitOfWork, days: int) -> dict[str, tuple[int, int]]:
    """For each automation how many runs began in these days, and how many of them failed."""
    rows = work.connection.execute(_LATELY, {"since": clock.now() - timedelta(days=days)})
    return {name: (runs, failed) for name, runs, failed in rows}
