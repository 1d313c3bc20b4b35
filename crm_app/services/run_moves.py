"""Runs that could go on with another version of their automation, what each of them did, and the change itself. Whether
the version fits is `automation.moving`'s to say.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

from sqlalchemy import text

from crm_app.kernel.events import RecordRef
from crm_app.services.run_rights import audit_of_runs, require_runs
from crm_app.services.unit_of_work import UnitOfWork

MOST = 1_000
STOPS = "%#stop%"
HELD_AGAINST = """(
    e.path LIKE :stops OR e.output @> '{"failed": true}'
    OR (e.output ? '!' AND EXISTS (
        SELECT FROM crm.run_step s
        WHERE s.run = r.id AND s.path = e.path AND s.status = 'failed' AND s.error = r.error)))"""
"""Effects of a run that has stopped which are forgotten when it is let on."""

_COLUMNS = """r.id, r.automation_hash, r.object, r.record, r.status, r.created_at, r.runner,
    r.status = 'pending' AND r.touched_at <> r.created_at AS is_starting,
    EXISTS (SELECT FROM crm.run o WHERE o.event = r.event AND o.automation_hash = :target) AS has_twin"""
_OLDER = text(f"""
    SELECT {_COLUMNS} FROM crm.run r WHERE r.automation = :automation AND r.automation_hash <> :target
    AND r.status IN ('pending', 'started', 'failed') AND NOT starts_with(r.error, 'loop_stopped')
    AND NOT r.input ? 'ending'
    ORDER BY r.status = 'failed', r.id LIMIT :most""")  # noqa: S608 - only constants
_CHOSEN = text(f"""
    SELECT {_COLUMNS} FROM crm.run r WHERE r.automation = :automation AND r.automation_hash <> :target
    AND r.status IN ('pending', 'started', 'failed') AND NOT starts_with(r.error, 'loop_stopped')
    AND NOT r.input ? 'ending'
    AND r.id = ANY(:runs) ORDER BY r.id FOR UPDATE OF r""")  # noqa: S608 - likewise
_COUNTED = text("""
    SELECT r.automation, count(*) AS number FROM crm.run r WHERE r.automation = ANY(:names)
    AND NOT r.automation_hash = ANY(:live) AND r.status IN ('pending', 'started') GROUP BY r.automation""")
_EFFECTS = text(f"""
    SELECT e.run, e.path, e.output FROM crm.effect e JOIN crm.run r ON r.id = e.run
    WHERE e.run = ANY(:runs) AND NOT (r.status = 'failed' AND {HELD_AGAINST})""")  # noqa: S608 - likewise
_NUMBERS = text("SELECT hash, schema_version FROM crm.definition_version WHERE hash = ANY(:hashes)")
_MOVE = text("""
    UPDATE crm.run SET automation_hash = :target, deadline = created_at + :longest,
    status = CASE status WHEN 'started' THEN 'pending' ELSE status END, resting = false, touched_at = created_at,
    input = input || jsonb_build_object('restarts', coalesce((input ->> 'restarts')::int, 0) + 1)
    WHERE id = :run""")


@dataclass(frozen=True)
class OlderRun:
    """`is_starting`: Temporal is just being handed it. `has_twin`: the same event has a run of the other version."""

    id: UUID
    version: str
    ref: RecordRef
    status: str
    at: datetime
    runner: UUID | None
    is_starting: bool
    has_twin: bool


def older_runs(work: UnitOfWork, automation: str, target: str) -> list[OlderRun]:
    """Those that are of another version than `target` and have not finished; failed ones come last."""
    require_runs(work)
    rows = work.connection.execute(_OLDER, {"automation": automation, "target": target, "most": MOST})
    return [_run(row) for row in rows]


def locked_runs(work: UnitOfWork, automation: str, target: str, runs: Sequence[UUID]) -> list[OlderRun]:
    """The same of those that were chosen. Until this transaction ends no step of theirs is done."""
    require_runs(work)
    rows = work.connection.execute(_CHOSEN, {"automation": automation, "target": target, "runs": list(runs)[:MOST]})
    return [_run(row) for row in rows]


def left_behind(work: UnitOfWork, live: Mapping[str, str]) -> dict[str, int]:
    """How many runs under way are of another version than the live one, by automation."""
    values = {"names": list(live), "live": list(live.values())}
    return {row.automation: row.number for row in work.connection.execute(_COUNTED, values)}


def ledgers(work: UnitOfWork, runs: Sequence[UUID]) -> dict[UUID, dict[str, Mapping[str, Any]]]:
    """What each run did, by path; of one that has failed without what that is forgotten when it is let on."""
    found: dict[UUID, dict[str, Mapping[str, Any]]] = {run: {} for run in runs}
    for row in work.connection.execute(_EFFECTS, {"runs": list(runs), "stops": STOPS}):
        found[row.run][row.path] = row.output
    return found


def version_numbers(work: UnitOfWork, hashes: Sequence[str]) -> dict[str, int]:
    """With which version of all definitions each came, as the designer names it."""
    return {row.hash: row.schema_version for row in work.connection.execute(_NUMBERS, {"hashes": list(hashes)})}


def change_version(work: UnitOfWork, run: OlderRun, automation: str, target: str, longest: timedelta) -> None:
    """The run begins anew with the other version and skips what it did. Whoever still does the old one is refused from
    now on (`automation_runs.RunKey`). One that has failed waits for somebody to let it on.
    """
    work.connection.execute(_MOVE, {"run": run.id, "target": target, "longest": longest})
    audit_of_runs(work, "run.moved", {"run": str(run.id), "automation": automation, "from": run.version, "to": target})
    work.has_news = True


def _run(row: Any) -> OlderRun:
    return OlderRun(
        row.id, row.automation_hash, RecordRef(row.object, row.record), row.status, row.created_at, row.runner,
        row.is_starting, row.has_twin,
    )  # fmt: skip
