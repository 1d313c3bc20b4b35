"""The two statements around what a step does: one begins it, one keeps what came of it. A run takes as many round trips
as its steps have statements, so what belongs together travels together.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

import orjson
from sqlalchemy import text

from crm_app.kernel import clock
from crm_app.services.automation_effects import EffectKey, known_effect
from crm_app.services.automation_runs import RunKey, StepKey, StepSeen
from crm_app.services.unit_of_work import UnitOfWork

_BEGIN = text(
    "WITH claimed AS (INSERT INTO crm.effect (run, path, iteration, output, at) "
    "VALUES (:run, :path, :iteration, '{}', :now) ON CONFLICT DO NOTHING RETURNING run) "
    "SELECT EXISTS (SELECT FROM claimed) AS is_ours, input, runner, "
    "status IN ('pending', 'started') AND automation_hash = :version AS is_open FROM crm.run WHERE id = :run"
)
_FINISH = text(
    "WITH kept AS (UPDATE crm.effect SET output = CAST(:output AS jsonb) "
    "WHERE run = :run AND path = :path AND iteration = :iteration), "
    "noted AS (INSERT INTO crm.run_step AS s (run, path, iteration, type, status, input, traces, output, error, "
    "attempts, failures, started_at, at) VALUES (:run, :path, :iteration, :type, 'finished', CAST(:input AS jsonb), "
    "CAST(:traces AS jsonb), CAST(:output AS jsonb), '', 1, '[]', :started_at, :now) "
    "ON CONFLICT (run, path, iteration) DO UPDATE SET status = 'finished', error = '', input = excluded.input, "
    "traces = excluded.traces, output = excluded.output, attempts = s.attempts + 1, "
    "started_at = excluded.started_at, at = excluded.at) "
    "UPDATE crm.run SET status = CASE WHEN :ends AND NOT input ? 'ending' THEN 'finished' ELSE 'started' END, "
    "finished_at = CASE WHEN :ends AND NOT input ? 'ending' THEN CAST(:now AS timestamptz) END, "
    "resting = :rests, touched_at = :now "
    "WHERE id = :run AND automation_hash = :version AND status IN ('pending', 'started') RETURNING status"
)
_FINISH_ALL = text(
    "WITH given AS MATERIALIZED (SELECT * FROM json_to_recordset(CAST(:steps AS json)) AS s(path text, type text, "
    "input jsonb, traces jsonb, output jsonb, started_at timestamptz, at timestamptz)), "
    "kept AS (INSERT INTO crm.effect (run, path, iteration, output, at) "
    "SELECT :run, path, 0, output, started_at FROM given ON CONFLICT DO NOTHING RETURNING path), "
    "noted AS (INSERT INTO crm.run_step AS s (run, path, iteration, type, status, input, traces, output, error, "
    "attempts, failures, started_at, at) SELECT :run, path, 0, type, 'finished', input, traces, output, '', 1, '[]', "
    "started_at, at FROM given ON CONFLICT (run, path, iteration) DO UPDATE SET status = 'finished', error = '', "
    "input = excluded.input, traces = excluded.traces, output = excluded.output, attempts = s.attempts + 1, "
    "started_at = excluded.started_at, at = excluded.at) "
    "UPDATE crm.run SET status = CASE WHEN :ends THEN 'finished' ELSE 'started' END, "
    "finished_at = CASE WHEN :ends THEN CAST(:now AS timestamptz) END, resting = false, touched_at = :now "
    "FROM (SELECT count(*) AS number FROM kept) AS kept, crm.workspace AS w "
    "WHERE run.id = :run AND automation_hash = :version AND status IN ('pending', 'started') AND NOT input ? 'ending' "
    "RETURNING kept.number AS kept, w.access_version AS access"
)


@dataclass(frozen=True)
class Begun:
    """`stored`: what the step gave when it was done; without it, it is ours to do, in this transaction. `is_open` says
    whether the run has neither ended nor moved to another version; `input` and `runner` are the run's.
    """

    stored: Mapping[str, Any] | None
    is_open: bool
    input: Mapping[str, Any]
    runner: UUID | None


@dataclass(frozen=True)
class Kept:
    """What a step gave. The run `rests` where it waits from now on, and `ends` where this was its last step, unless
    somebody has told it meanwhile to undo everything.
    """

    output: Mapping[str, Any]
    rests: bool
    ends: bool


def begin_step(work: UnitOfWork, key: EffectKey, version: str) -> Begun | None:
    """`None` where there is no such run. A second execution at the same time waits here for the first."""
    values = {**vars(key), "version": version, "now": clock.now()}
    row = work.connection.execute(_BEGIN, values).one_or_none()
    if row is None:
        return None
    stored = None if row.is_ours else known_effect(work, key)
    return Begun(stored, row.is_open, row.input, row.runner)


def finish_step(work: UnitOfWork, run: RunKey, step: StepKey, seen: StepSeen, kept: Kept) -> str:
    """Keeps what the step gave, for the run and for the inspector, and that the run made progress. Where the run now
    stands; nothing when it has ended or moved meanwhile, and what was done in this product may then not stay.
    """
    values = {
        **vars(step), **vars(run), "rests": kept.rests, "ends": kept.ends, "started_at": seen.started_at,
        "output": _json(kept.output), "input": _json(seen.input), "traces": _json(seen.traces), "now": clock.now(),
    }  # fmt: skip
    return work.connection.execute(_FINISH, values).scalar_one_or_none() or ""


@dataclass(frozen=True)
class Did:
    """A step that was done together with others: under which path, what it was, and what it gave until when."""

    path: str
    type: str
    seen: StepSeen
    output: Mapping[str, Any]
    at: datetime


def finish_steps(work: UnitOfWork, run: RunKey, done: Sequence[Did], *, ends: bool) -> bool:
    """`finish_step` for several at once. False where this transaction may not stay: one of them was done before, the
    run has ended, moved or is to end, or somebody's rights have changed since it began.
    """
    rows = [
        {"path": each.path, "type": each.type, "output": dict(each.output), "at": each.at, **vars(each.seen)}
        for each in done
    ]
    values = {**vars(run), "steps": orjson.dumps(rows, default=str).decode(), "ends": ends, "now": clock.now()}
    row = work.connection.execute(_FINISH_ALL, values).one_or_none()
    return row is not None and row.kept == len(done) and row.access == work.access_version


def _json(value: Mapping[str, Any]) -> str:
    return orjson.dumps(dict(value), default=str).decode()
