"""Automations that set each other off without end, published in spite of their reports, end by themselves."""

import asyncio
import threading
import time
from collections.abc import Generator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import text

from crm_app.automation.by_hand import start_by_hand
from crm_app.definitions.package import Package
from crm_app.services.connections import save_connection
from crm_app.services.definitions import publish
from tests.builders import SYSTEM
from tests.integration.api_client import Api
from tests.workflows.builders import Automated, automation
from tests.workflows.engine import Engine, engine

NOTED: dict[str, Any] = {"type": "record.updated", "object": "deal", "fields": ["note"]}
CALL: dict[str, Any] = {"id": "call", "type": "call", "automation": "helper"}
LONGER: dict[str, Any] = {"id": "longer", "type": "update", "values": {"note": "note & 'x'"}}
PATIENCE_SECONDS = 60

ITSELF = (automation("ping", NOTED, LONGER),)
TWO = (
    automation("ping", {**NOTED, "when": "note ends with 'x'"}, {**LONGER, "values": {"note": "note & 'y'"}}),
    automation("pong", {**NOTED, "when": "note ends with 'y'"}, LONGER),
)
BULK = (
    automation(
        "ping",
        NOTED,
        {"id": "found", "type": "find", "object": "task", "where": "deal = vars.record"},
        {
            "id": "each",
            "type": "for_each",
            "over": "steps.found.records",
            "steps": [
                {"id": "later", "type": "update", "record": "steps.each.item", "values": {"due": "today + P3D"}},
                {"id": "done", "type": "update", "record": "steps.each.item", "values": {"due": "today"}},
            ],
        },
        limits={"causation_depth": 20, "runs_per_hour": 4},
    ),
    automation(
        "pong",
        {"type": "record.updated", "object": "task", "fields": ["due"]},
        {"id": "longer", "type": "update", "record": "deal", "values": {"note": "deal.note & 'x'"}},
        limits={"causation_depth": 20, "runs_per_hour": 4},
    ),
)
CALLS = (automation("won", NOTED, CALL), automation("helper", {"type": "called", "object": "deal"}, CALL))
RECORD = "v1/objects/deal/records/{{id}}"
ROUND = automation(
    "round",
    {"type": "manual", "object": "deal"},
    {"id": "again", "type": "http", "connection": "ourselves", "path": f"{RECORD}/automations/round"},
    limits={"runs_per_hour": 8},
)
DEPTH = "loop_stopped"
# One question, because a run may end between two, and what it sets off waits from that moment on.
ENDS = text(
    "SELECT error, finished_at IS NOT NULL AND NOT EXISTS (SELECT FROM crm.outbox) AS is_over FROM crm.run ORDER BY id"
)


class Careless(Automated):
    def publish(self, package: Package) -> None:
        with self.workspace.work(SYSTEM) as work:
            publish(work, package)


async def _to_the_end(at: Engine) -> list[str]:
    """How the runs ended, oldest first: what they failed with, or nothing."""
    deadline = time.monotonic() + PATIENCE_SECONDS
    while time.monotonic() < deadline:
        for message in await asyncio.to_thread(at.waiting):
            await at.start(message)
        await at.wake()
        ended = await asyncio.to_thread(_ended, at)
        if ended is not None:
            return ended
        await asyncio.sleep(0.1)
    raise AssertionError(f"It still goes round after {PATIENCE_SECONDS} s.")


def _ended(at: Engine) -> list[str] | None:
    with at.crm.work() as work:
        rows = work.connection.execute(ENDS).all()
    return [row.error for row in rows] if all(row.is_over for row in rows) else None


@pytest.mark.parametrize(
    ("automations", "error", "most"),
    [
        (ITSELF, DEPTH, 7),
        (TWO, DEPTH, 7),
        (BULK, "record_budget", 25),
        (CALLS, DEPTH, 6),
    ],
    ids=["itself", "two", "bulk", "calls"],
)
async def test_a_loop_ends_with_a_named_error_within_its_budget(
    database_url: str,
    temporal_address: str,
    tmp_path: Path,
    automations: tuple[dict[str, Any], ...],
    error: str,
    most: int,
) -> None:
    crm = Careless(database_url, *automations)
    deal = crm.create("deal", crm.rep, name="Acme")
    for name in ("first", "second"):
        crm.create("task", crm.rep, name=name, deal=deal.ref.id)
    crm.update(deal.ref, {"note": "x"}, crm.rep)
    async with engine(crm, temporal_address, tmp_path.name) as at:
        found = await _to_the_end(at)
    crm.close()
    assert len(found) <= most
    assert {said.partition(":")[0] for said in found} - {"", "called_failed"} == {error}


@contextmanager
def _our_own_api(crm: Automated, *, forwards: bool) -> Generator[None]:
    """Reached over HTTP, as anybody's is. What lies between may leave out what it doesn't know."""
    api = Api(crm)
    client = api.client("")

    class Handler(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            known = {name: said for name, said in self.headers.items() if forwards or name.lower() == "authorization"}
            answer = client.post(self.path, headers=known)
            self.send_response(answer.status_code)
            self.send_header("content-length", str(len(answer.content)))
            self.end_headers()
            self.wfile.write(answer.content)

        def log_message(self, *_: Any) -> None:
            pass

    with ThreadingHTTPServer(("127.0.0.1", 0), Handler) as server:
        thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.02})
        thread.start()
        with crm.work() as work:
            told = {"type": "http", "base_url": f"http://127.0.0.1:{server.server_port}/api", "allows_private": True}
            save_connection(work, "ourselves", {**told, "auth": "bearer"}, api.key("max"))
        yield
        server.shutdown()
        thread.join()


@pytest.mark.parametrize(("forwards", "error", "most"), [(True, "loop_stopped", 6), (False, "record_budget", 9)])
async def test_a_circle_over_our_own_api_ends_too(
    database_url: str, temporal_address: str, tmp_path: Path, *, forwards: bool, error: str, most: int
) -> None:
    crm = Careless(database_url, ROUND)
    deal = crm.create("deal", crm.rep, name="Acme")
    with _our_own_api(crm, forwards=forwards):
        with crm.work(crm.rep) as work:
            start_by_hand(work, "round", [deal.ref])
        async with engine(crm, temporal_address, tmp_path.name) as at:
            found = await _to_the_end(at)
    crm.close()
    assert len(found) <= most
    assert found[:-1] == [""] * (len(found) - 1)
    assert error in found[-1]
