"""What is there after everything has settled, against what has to be there."""

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

import psycopg

from benchmarks.kills.load import Event
from benchmarks.kills.story import BY_NAME, Kind

OPEN = (
    "SELECT (SELECT count(*) FROM crm.outbox WHERE object = 'deal') "
    "+ (SELECT count(*) FROM crm.run WHERE finished_at IS NULL)"
)
_RUNS = (
    "SELECT r.record::text, r.automation, r.status, r.error, r.created_at, r.finished_at, "
    "coalesce((r.input ->> 'restarts')::int, 0), "
    "(SELECT count(*) FROM crm.effect e WHERE e.run = r.id AND e.path NOT LIKE '%!' AND NOT e.output ? '!') "
    "FROM crm.run r WHERE r.object = 'deal'"
)
_TASKS = "SELECT deal::text, split_part(subject, ':', 1) FROM data.task"
_MOST_TOLD = 20


@dataclass(frozen=True)
class Run:
    deal: str
    automation: str
    status: str
    error: str
    created_at: datetime
    finished_at: datetime | None
    restarts: int
    effects: int


@dataclass(frozen=True)
class Found:
    runs: Sequence[Run]
    tasks: Mapping[str, Counter[str]]


def found(url: str) -> Found:
    tasks: dict[str, Counter[str]] = {}
    with psycopg.connect(url) as connection:
        runs = [Run(*row) for row in connection.execute(_RUNS.encode())]
        for deal, subject in connection.execute(_TASKS.encode()):
            tasks.setdefault(deal, Counter())[subject] += 1
    return Found(runs, tasks)


def open_count(url: str) -> int | None:
    """Facts and runs that are not done with; nothing while the database does not answer."""
    try:
        with psycopg.connect(url, connect_timeout=2) as connection:
            row = connection.execute(OPEN.encode()).fetchone()
    except psycopg.Error:
        return None
    return row[0] if row else None


def compared(events: Sequence[Event], what: Found) -> dict[str, Any]:
    """Counts of what is lost and what is double, of runs and of tasks, and the first few wrong ones in words."""
    runs: dict[str, list[Run]] = {}
    for run in what.runs:
        runs.setdefault(run.deal, []).append(run)
    lost, double, wrong = 0, 0, list[str]()
    for event in events:
        kind, mine = BY_NAME[event.kind], runs.get(event.deal, [])
        have = what.tasks.get(event.deal, Counter())
        wanted = kind.tasks_with(have)
        lost += max(1 - len(mine), 0) + (wanted - have).total()
        double += max(len(mine) - 1, 0) + (have - wanted).total()
        wrong += [f"{event.deal} {event.kind}: {each}" for each in _wrong(kind, mine, have)]
    return {
        "runs": len(what.runs),
        "effects": sum(run.effects for run in what.runs),
        "tasks": sum(each.total() for each in what.tasks.values()),
        "restarted": sum(run.restarts > 0 for run in what.runs),
        "lost": lost,
        "double": double,
        "wrong": len(wrong),
        "first_wrong": wrong[:_MOST_TOLD],
    }


def _wrong(kind: Kind, runs: Sequence[Run], tasks: Counter[str]) -> Iterable[str]:
    if len(runs) != 1:
        yield f"{len(runs)} runs"
    for run in runs:
        if (run.automation, run.status) != (kind.name, kind.status):
            yield f"run of {run.automation} is {run.status}: {run.error}"
        elif not kind.is_count_of_effects(run.effects, tasks):
            yield f"{run.effects} effects, not {kind.effects}"
    if tasks != kind.tasks_with(tasks):
        yield f"tasks {dict(tasks)}"


def stuck(runs: Sequence[Run], spans: Sequence[tuple[float, float]], quiet: float) -> dict[str, float]:
    """The longest that a run took of the time in which everything worked, and after the last kill."""
    lasted = [_overlap(run, spans) for run in runs]
    after = [run.finished_at.timestamp() - max(quiet, run.created_at.timestamp()) for run in runs if run.finished_at]
    ages = [(run.finished_at - run.created_at).total_seconds() for run in runs if run.finished_at]
    return {
        "longest_while_all_worked": round(max(lasted, default=0), 1),
        "longest_after_the_last_kill": round(max([0, *after]), 1),
        "longest": round(max(ages, default=0), 1),
        "unfinished": sum(run.finished_at is None for run in runs),
    }


def _overlap(run: Run, spans: Sequence[tuple[float, float]]) -> float:
    began = run.created_at.timestamp()
    ended = run.finished_at.timestamp() if run.finished_at else float("inf")
    return sum(max(min(ended, last) - max(began, first), 0) for first, last in spans)
