"""Operators see what waits and who works, on a page for administrators and as figures behind a guard of their own."""

from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path

import httpx
import pytest
from sqlalchemy import text
from starlette.applications import Starlette

from crm_app.automation.relay import Relay
from crm_app.kernel import clock
from crm_app.kernel.errors import Forbidden
from crm_app.services.automation_pauses import pause
from crm_app.services.health import health
from crm_app.services.worker_beats import beat
from crm_app.web.metrics import metrics_route
from tests.workflows.builders import FOLLOW_UP, WON, Automated, automation


@pytest.fixture
def crm(database_url: str) -> Iterator[Automated]:
    crm = Automated(database_url, automation("won", WON, FOLLOW_UP))
    yield crm
    crm.close()


def win(crm: Automated) -> None:
    deal = crm.create("deal", crm.rep, name="Acme", stage="engaging")
    crm.update(deal.ref, {"stage": "won"}, crm.rep)


def test_what_waits_is_counted_and_what_is_wrong_is_said(crm: Automated, tmp_path: Path) -> None:
    admin = crm.user("Ada", "admin")
    win(crm)
    with crm.work(admin) as work:
        found = health(work, tmp_path)
    assert (found.outbox, found.pending, found.started, found.failed) == (2, 0, 0, 0)
    assert found.disk is not None
    assert [problem.split(",")[0] for problem in found.problems] == ["No worker is alive"]
    Relay(crm.workspace, lambda: None).drain()
    now = clock.now()
    with crm.workspace.owned() as connection:
        beat(connection, "1@here", now, now, "Away.")
        beat(connection, "2@here", now, now, "")
        connection.execute(
            text("UPDATE crm.worker SET seen_at = :then WHERE id = '1@here'"), {"then": now - timedelta(minutes=1)}
        )
        connection.execute(text("UPDATE crm.run SET created_at = :then"), {"then": now - timedelta(minutes=2)})
    with crm.work(admin) as work:
        found = health(work, tmp_path)
        pause(work, "won", keeps=True)
        paused = health(work, tmp_path)
    assert (found.outbox, found.pending, found.held) == (0, 1, 0)
    assert [problem.split(" for")[0] for problem in found.problems] == ["Runs wait"]
    assert [(worker.id, worker.is_late) for worker in found.workers] == [("1@here", True), ("2@here", False)]
    assert (paused.held, paused.problems) == (1, [])


def test_only_administrators_see_how_the_product_is_doing(crm: Automated) -> None:
    with crm.work(crm.rep) as work, pytest.raises(Forbidden):
        health(work, None)


@pytest.mark.parametrize(
    ("token", "peer", "headers", "status"),
    [
        ("", "127.0.0.1", {}, 200),
        ("", "127.0.0.1", {"x-forwarded-for": "10.0.0.7"}, 404),
        ("", "127.0.0.1", {"host": "crm.example.com"}, 404),
        ("", "10.0.0.7", {}, 404),
        ("secret", "10.0.0.7", {"authorization": "Bearer secret"}, 200),
        ("secret", "127.0.0.1", {"authorization": "Bearer other"}, 404),
        ("secret", "127.0.0.1", {}, 404),
    ],
)
async def test_figures_are_for_this_machine_or_who_has_the_token(
    crm: Automated, tmp_path: Path, token: str, peer: str, headers: dict[str, str], status: int
) -> None:
    app = Starlette(routes=[metrics_route(lambda: crm.workspace, tmp_path, token)])
    transport = httpx.ASGITransport(app=app, client=(peer, 1234))
    async with httpx.AsyncClient(transport=transport, base_url="http://localhost:8750") as client:
        answer = await client.get("/metrics", headers=headers)
    assert answer.status_code == status
    if status == httpx.codes.OK:
        assert "trellis_up 1\n" in answer.text
        assert "# TYPE trellis_outbox_events gauge\ntrellis_outbox_events 0\n" in answer.text
