"""Runs that other runs have called and wait for: whatever ends those from outside ends these with them."""

from collections.abc import Sequence
from uuid import UUID

from sqlalchemy import text

from crm_app.services.unit_of_work import UnitOfWork

WITH_CALLER = "cancelled: Called off with the run that called it."
_WAITS = "w.kind = 'run' AND w.state = 'open' AND w.until IS NULL"
_BELOW = text(
    f"WITH RECURSIVE below AS (SELECT w.record AS id FROM crm.run_wait w WHERE w.run = ANY(:runs) AND {_WAITS} "  # noqa: S608 - only constants
    f"UNION SELECT w.record FROM crm.run_wait w JOIN below b ON b.id = w.run WHERE {_WAITS}) "
    "SELECT r.id FROM crm.run r JOIN below b ON b.id = r.id WHERE r.status IN ('pending', 'started') ORDER BY r.id"
)
_AT = text(
    f"SELECT FROM crm.run_wait w JOIN crm.run r ON r.id = w.record WHERE w.run = :run AND w.path = :path AND {_WAITS} "
    "AND r.status IN ('pending', 'started')"
)


def called_runs(work: UnitOfWork, runs: Sequence[UUID]) -> list[UUID]:
    """Those that are open and that these wait for, however many calls away."""
    return list(work.connection.execute(_BELOW, {"runs": list(runs)}).scalars()) if runs else []


def waits_for_called(work: UnitOfWork, run: UUID, path: str) -> bool:
    """Whether what the run has called at the path is still under way."""
    return work.connection.execute(_AT, {"run": run, "path": path}).rowcount > 0
