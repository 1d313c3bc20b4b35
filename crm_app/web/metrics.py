"""The figures of health as Prometheus reads them, at `/metrics`: with the token of TRELLIS_METRICS_TOKEN, or
without one only from this machine itself. What came through a proxy did not.
"""

import hmac
from collections.abc import Callable, Iterator
from pathlib import Path

from starlette.concurrency import run_in_threadpool
from starlette.requests import Request
from starlette.responses import PlainTextResponse, Response
from starlette.routing import Route

from crm_app.kernel.errors import TrellisError
from crm_app.services.health import Health, measured
from crm_app.services.workspace import Workspace
from crm_app.web.route_access import RouteAccess, reached_by

_LOOPBACK = {"127.0.0.1", "::1", "localhost"}
_FORWARDED = ("forwarded", "x-forwarded-for", "x-forwarded-host", "x-real-ip", "via")
_TEXT = "text/plain; version=0.0.4; charset=utf-8"
Sample = tuple[str, str, float]


def metrics_route(workspace: Callable[[], Workspace], data: Path, token: str) -> Route:
    async def serve(request: Request) -> Response:
        if not _may(request, token):
            return PlainTextResponse("Not found.", status_code=404)
        try:
            text = await run_in_threadpool(_text, workspace(), data)
        except TrellisError as refusal:
            return PlainTextResponse(f"# {refusal.message}\ntrellis_up 0\n", 503, media_type=_TEXT)
        return PlainTextResponse(text, media_type=_TEXT)

    return Route("/metrics", reached_by(RouteAccess.OPERATOR, serve), methods=["GET"])


def _may(request: Request, token: str) -> bool:
    if token:
        given = request.headers.get("authorization", "").removeprefix("Bearer ")
        return hmac.compare_digest(given.encode(), token.encode())
    peer = request.client.host if request.client else ""
    is_forwarded = any(name in request.headers for name in _FORWARDED)
    return peer in _LOOPBACK and (request.url.hostname or "") in _LOOPBACK and not is_forwarded


def _text(workspace: Workspace, data: Path) -> str:
    with workspace.owned() as connection:
        found = measured(connection, data)
    lines = [f"# HELP {n} {h}\n# TYPE {n} gauge\n{n} {v:.15g}\n" for n, h, v in _samples(found)]
    return "".join(lines)


def _samples(found: Health) -> Iterator[Sample]:
    """Name, what it is, value."""
    alive = [worker for worker in found.workers if not worker.is_late]
    yield "trellis_up", "The database answers.", 1
    yield "trellis_outbox_events", "Events that wait for the relay.", found.outbox
    yield "trellis_outbox_age_seconds", "Age of the oldest of them.", found.outbox_age.total_seconds()
    yield "trellis_runs_pending", "Runs that wait for a worker or a pause.", found.pending
    yield "trellis_runs_held", "Those of them that wait while their workflow pauses.", found.held
    yield "trellis_runs_pending_age_seconds", "Age of the oldest not held.", found.pending_age.total_seconds()
    yield "trellis_runs_started", "Runs under way.", found.started
    yield "trellis_runs_failed_last_day", "Runs that failed in the last 24 hours.", found.failed
    yield "trellis_runs_cancelled_last_day", "Runs cancelled in the last 24 hours.", found.cancelled
    yield "trellis_workers", "Workers heard in the last 20 seconds.", len(alive)
    yield "trellis_workers_with_temporal", "Those that can use Temporal.", sum(not w.temporal for w in alive)
    yield "trellis_database_bytes", "Size of the database.", found.database_bytes
    yield "trellis_database_connections", "Connections to it.", found.connections
    yield "trellis_database_max_connections", "As many as it allows.", found.max_connections
    if found.disk:
        yield "trellis_disk_free_bytes", "Free on the disk of the data directory.", found.disk.free_bytes
        yield "trellis_disk_bytes", "Its size.", found.disk.total_bytes
