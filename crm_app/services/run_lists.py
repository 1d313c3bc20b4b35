"""The runs of automations, newest first, page by page."""

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import select

from crm_app.kernel.events import RecordRef
from crm_app.services.record_query import MAX_PAGE_SIZE
from crm_app.services.run_rights import require_runs
from crm_app.services.unit_of_work import UnitOfWork
from crm_app.storage.run_tables import AutomationPauseRow, RunRow
from crm_app.storage.system_tables import table_of

PAGE = 50
CLOSED = "What it said is closed to you."
_CODE = re.compile(r"[a-z_]+")
STATUSES = ("pending", "started", "finished", "failed", "cancelled")
_RUNS = table_of(RunRow)
_PAUSES = table_of(AutomationPauseRow)


@dataclass(frozen=True)
class RunFilter:
    """Empty settings let everything through; `after` is the last run of the page before."""

    automation: str = ""
    record: RecordRef | None = None
    status: str = ""
    since: datetime | None = None
    until: datetime | None = None
    after: UUID | None = None
    limit: int = PAGE


@dataclass(frozen=True)
class RunLine:
    """`record_name` is empty for a record that this actor may not see, and of an error that may tell of what they may
    not see there is only its code. `is_held`: it waits while its automation pauses.
    """

    id: UUID
    automation: str
    label: str
    status: str
    error: str
    ref: RecordRef
    record_name: str
    at: datetime
    finished_at: datetime | None
    attempt: int
    rerun_of: UUID | None
    is_held: bool


@dataclass(frozen=True)
class RunPage:
    runs: list[RunLine]
    after: UUID | None


def list_runs(work: UnitOfWork, wanted: RunFilter) -> RunPage:
    require_runs(work)
    limit = min(max(wanted.limit, 1), MAX_PAGE_SIZE)
    paused = select(_PAUSES.c.automation).where(_PAUSES.c.automation == _RUNS.c.automation).exists()
    query = select(_RUNS, paused.label("is_paused")).where(*_conditions(wanted))
    rows = work.connection.execute(query.order_by(_RUNS.c.id.desc()).limit(limit + 1)).all()
    shown = rows[:limit]
    names = names_of_records(work, (RecordRef(row.object, row.record) for row in shown))
    lines = [line_of(work, row, names) for row in shown]
    return RunPage(lines, shown[-1].id if len(rows) > limit else None)


def line_of(work: UnitOfWork, row: Any, names: Mapping[RecordRef, str]) -> RunLine:
    ref = RecordRef(row.object, row.record)
    return RunLine(
        id=row.id,
        automation=row.automation,
        label=automation_label(work, row.automation),
        status=row.status,
        error=shown_error(row.error, is_open=not row.error or sees_everything(work)),
        ref=ref,
        record_name=names.get(ref, ""),
        at=row.created_at,
        finished_at=row.finished_at,
        attempt=row.attempt,
        rerun_of=row.rerun_of,
        is_held=row.is_paused and row.status == "pending",
    )


def sees_everything(work: UnitOfWork) -> bool:
    """Every field of every record: an error is a sentence written for the runner, which may tell of any."""
    names = [each.name for each in work.catalog.objects]
    return all(work.reach("read", name).everyone and not work.closed(name) for name in names)


def shown_error(error: str, *, is_open: bool) -> str:
    """`code: sentence`; the sentence only where it is open."""
    if is_open or not error:
        return error
    code = error.partition(": ")[0]
    return f"{code}: {CLOSED}" if _CODE.fullmatch(code) else CLOSED


def automation_label(work: UnitOfWork, name: str) -> str:
    return next((each.label for each in work.schema.stored.automations if each.name == name), name)


def names_of_records(work: UnitOfWork, refs: Iterable[RecordRef]) -> dict[RecordRef, str]:
    """What the records are called, of those that this actor may see and name."""
    by_object: dict[str, list[UUID]] = {}
    for ref in refs:
        by_object.setdefault(ref.object, []).append(ref.id)
    found: dict[RecordRef, str] = {}
    for name, ids in by_object.items():
        definition = work.catalog.by_name.get(name)
        if definition is None or not work.access(name).allows("read") or definition.name_field in work.closed(name):
            continue
        names = work.records.names(name, ids, work.reach("read", name))
        found |= {RecordRef(name, identifier): text for identifier, text in names.items()}
    return found


def _conditions(wanted: RunFilter) -> list[Any]:
    conditions: list[Any] = []
    if wanted.automation:
        conditions.append(_RUNS.c.automation == wanted.automation)
    if wanted.record:
        conditions += [_RUNS.c.object == wanted.record.object, _RUNS.c.record == wanted.record.id]
    if wanted.status:
        conditions.append(_RUNS.c.status == wanted.status)
    if wanted.since:
        conditions.append(_RUNS.c.created_at >= wanted.since)
    if wanted.until:
        conditions.append(_RUNS.c.created_at < wanted.until)
    if wanted.after:
        conditions.append(_RUNS.c.id < wanted.after)
    return conditions
