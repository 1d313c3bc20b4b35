"""The ledger of runs. This table, not Temporal, says which runs exist and how far they came."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import text
from sqlalchemy.dialects.postgresql import insert

from crm_app.kernel import clock
from crm_app.kernel.events import RecordRef
from crm_app.kernel.ids import new_id
from crm_app.services.records import get_record
from crm_app.services.unit_of_work import UnitOfWork
from crm_app.storage.system_tables import RunRow, RunStepRow, table_of

_SNAPSHOT = text("SELECT input FROM crm.run WHERE id = :run AND status IN ('pending', 'started')")
_TOUCH = text(
    "UPDATE crm.run SET status = 'started', touched_at = :now WHERE id = :run AND status IN ('pending', 'started')"
)
_FINISH = text(
    "UPDATE crm.run SET status = :status, error = :error, touched_at = :now, finished_at = :now "
    "WHERE id = :run AND status IN ('pending', 'started')"
)
_RUNS_OF = text(
    "SELECT r.id, r.automation, r.status, r.error, r.created_at, r.finished_at, d.body ->> 'label' AS label "
    "FROM crm.run r LEFT JOIN crm.definition d ON d.kind = 'automations' AND d.name = r.automation "
    "WHERE r.object = :object AND r.record = :record ORDER BY r.id DESC LIMIT :limit"
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


@dataclass(frozen=True)
class RunOfRecord:
    """A run as the record's timeline shows it. `status` is pending, started, finished or failed."""

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
            "id": new_id(), "event": run.event, "automation": run.automation, "automation_hash": run.automation_hash,
            "object": run.ref.object, "record": run.ref.id, "runner": run.runner, "depth": run.depth,
            "status": "failed" if run.error else "pending", "error": run.error, "input": dict(run.input),
            "created_at": now, "touched_at": now, "finished_at": now if run.error else None,
        }
        for run in runs
    ]  # fmt: skip
    statement = insert(table_of(RunRow)).on_conflict_do_nothing(constraint="run_once_per_event")
    work.connection.execute(statement, rows)


def open_run(work: UnitOfWork, run: UUID) -> Mapping[str, Any] | None:
    """The run's input; `None` when it has ended."""
    return work.connection.execute(_SNAPSHOT, {"run": run}).scalar_one_or_none()


def touch_run(work: UnitOfWork, run: UUID) -> bool:
    """Notes progress; false when the run has ended meanwhile, and then nothing of this transaction may stay."""
    return work.connection.execute(_TOUCH, {"run": run, "now": clock.now()}).rowcount == 1


def finish_run(work: UnitOfWork, run: UUID, status: str, error: str = "") -> bool:
    """False when it had ended before: the first end counts."""
    values = {"run": run, "status": status, "error": error, "now": clock.now()}
    return work.connection.execute(_FINISH, values).rowcount == 1


def note_step(
    work: UnitOfWork,
    run: UUID,
    path: str,
    iteration: int,
    type_name: str,
    *,
    output: Mapping[str, Any] | None = None,
    error: str = "",
) -> None:
    """What a step did, for the inspector. A later attempt replaces what an earlier one said."""
    said = {"status": "failed" if error else "finished", "output": dict(output or {}), "error": error}
    row = {"run": run, "path": path, "iteration": iteration, "type": type_name, "at": clock.now(), **said}
    statement = insert(table_of(RunStepRow)).values(row)
    keys = ["run", "path", "iteration"]
    work.connection.execute(statement.on_conflict_do_update(index_elements=keys, set_={**said, "at": row["at"]}))


def runs_of(work: UnitOfWork, ref: RecordRef, limit: int = 50) -> list[RunOfRecord]:
    """The runs that a record started, newest first; only for whoever may see the record."""
    get_record(work, ref, names=False)
    rows = work.connection.execute(_RUNS_OF, {"object": ref.object, "record": ref.id, "limit": limit})
    return [
        RunOfRecord(r.id, r.automation, r.label or r.automation, r.status, r.error, r.created_at, r.finished_at)
        for r in rows
    ]
