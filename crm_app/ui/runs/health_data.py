"""How the product is doing, as it is painted."""

from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import TypedDict

from crm_app.kernel.times import moment_text
from crm_app.services.health import Health, health
from crm_app.services.unit_of_work import UnitOfWork
from crm_app.services.worker_beats import WorkerBeat
from crm_app.ui.address import RUNS
from crm_app.ui.runs.run_words import length_text

_UNITS = ("bytes", "kB", "MB", "GB", "TB")
_KILO = 1024
_START = datetime(2000, 1, 1, tzinfo=UTC)


class Figure(TypedDict):
    label: str
    value: str
    note: str
    href: str


class WorkerLine(TypedDict):
    key: str
    state: str
    css: str
    note: str
    since: str
    seen: str


@dataclass(frozen=True)
class HealthData:
    problems: list[str]
    figures: list[Figure]
    workers: list[WorkerLine]


def health_data(work: UnitOfWork, data: Path | None) -> HealthData:
    found = health(work, data)
    return HealthData(found.problems, _figures(found), [_worker(work, found, each) for each in found.workers])


def _figures(found: Health) -> list[Figure]:
    held = f"{found.held:,} while a workflow pauses" if found.held else ""
    waits = f"The oldest for {_length(found.pending_age)}" if found.pending_age else "None waits"
    figures = [
        _figure(
            "Events to look at", found.outbox, f"The oldest for {_length(found.outbox_age)}" if found.outbox else ""
        ),
        _figure("Runs waiting", found.pending, held or waits, f"{RUNS}?status=pending"),
        _figure("Runs under way", found.started, "", f"{RUNS}?status=started"),
        _figure("Failed in a day", found.failed, "", f"{RUNS}?status=failed&time=day"),
        Figure(
            label="Database",
            value=_size(found.database_bytes),
            note=f"PostgreSQL {found.database_version.split()[0]}, {found.connections} of {found.max_connections} "
            "connections",
            href="",
        ),
    ]
    if found.disk:
        total = _size(found.disk.total_bytes)
        figures.append(Figure(label="Disk", value=f"{_size(found.disk.free_bytes)} free", note=f"of {total}", href=""))
    return figures


def _figure(label: str, count: int, note: str, href: str = "") -> Figure:
    return Figure(label=label, value=f"{count:,}", note=note, href=href)


def _worker(work: UnitOfWork, found: Health, worker: WorkerBeat) -> WorkerLine:
    if worker.is_late:
        state, css = "Not heard", "badge badge-red"
    elif worker.temporal:
        state, css = "Without Temporal", "badge badge-amber"
    else:
        state, css = "At work", "badge badge-green"
    return WorkerLine(
        key=worker.id,
        state=state,
        css=css,
        note=worker.temporal,
        since=moment_text(worker.started_at, work.who.time_zone),
        seen=f"{_length(found.at - worker.seen_at)} ago",
    )


def _length(length: timedelta) -> str:
    return length_text(_START, _START + length)


def _size(count: int) -> str:
    size, unit = float(count), 0
    while size >= _KILO and unit < len(_UNITS) - 1:
        size, unit = size / _KILO, unit + 1
    return f"{size:,.1f} {_UNITS[unit]}" if unit else f"{count:,} bytes"
