"""A run waits in every way at once while its worker is killed again and again: each wait ends once, and not early."""

import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import text

from crm_app.kernel.settings import Settings
from crm_app.services.inbox import Reply, answer, my_questions
from crm_app.services.record_query import RecordQuery
from tests.workflows.blocks import side_by_side, task
from tests.workflows.builders import WON, Automated, automation
from tests.workflows.processes import Running, running, wait_until, wait_until_polling, worker

pytestmark = pytest.mark.alone

SOON = ("--doubt-seconds", "2", "--stall-seconds", "12")
LANES: dict[str, dict[str, Any]] = {
    "wait": {"type": "wait", "duration": "PT6S"},
    "wait_until": {"type": "wait_until", "at": "now + PT6S"},
    "approval": {"type": "approval", "assignees": "owner"},
    "form": {"type": "form", "assignees": "owner", "fields": [{"name": "why", "label": "Why", "kind": "text"}]},
    "wait_for": {"type": "wait_for", "object": "task", "match": "deal = vars.record and done"},
    "late": {"type": "wait_for", "object": "deal", "match": "id = vars.record", "timeout": "PT6S"},
    "call": {"type": "call", "automation": "helper"},
}


def lane(name: str) -> list[dict[str, Any]]:
    return [{"id": name, **LANES[name]}, task(f"after_{name}")]


@pytest.fixture
def crm(database_url: str) -> Iterator[Automated]:
    lanes = [side_by_side("all", *(lane(name) for name in LANES)), task("then")]
    helper = automation(
        "helper", {"type": "called", "object": "deal"}, {"id": "hold", "type": "wait", "duration": "PT3S"}, task("help")
    )
    found = Automated(database_url, automation("won", WON, *lanes), helper)
    yield found
    found.close()


def one(crm: Automated, query: str) -> Any:
    with crm.work() as work:
        return work.connection.execute(text(query)).scalar_one()


def die(found: Running, seconds: float) -> None:
    found.kill()
    time.sleep(seconds)
    found.start()
    wait_until_polling(found)


def test_every_wait_ends_once_and_not_early_whenever_the_worker_dies(
    crm: Automated, database_url: str, temporal_address: str, tmp_path: Path
) -> None:
    settings = Settings(tmp_path, database_url, temporal_address, task_queue=tmp_path.name)
    with running(worker(settings, *SOON), tmp_path / "logs") as found:
        wait_until_polling(found)
        deal = crm.create("deal", crm.rep, name="Acme", stage="engaging")
        crm.update(deal.ref, {"stage": "won"}, crm.rep)
        opened = "SELECT count(*) FROM crm.run_wait WHERE path LIKE 'both/%'"
        wait_until(lambda: one(crm, opened) == len(LANES), "it waits in every way")
        die(found, 0)
        found.kill()
        with crm.work(crm.rep) as work:
            said = [(each.key, "sent" if each.asks["kind"] == "form" else "approved") for each in my_questions(work)]
        for key, word in said:
            with crm.work(crm.rep) as work:
                answer(work, key, Reply(word))
        made = crm.create("task", crm.rep, name="theirs", deal=deal.ref.id)
        crm.update(made.ref, {"done": True}, crm.rep)
        found.start()
        wait_until(lambda: one(crm, "SELECT count(*) FROM crm.effect WHERE path LIKE 'both/after%'") >= 2, "some end")
        die(found, 0.5)
        wait_until(lambda: one(crm, "SELECT count(*) FROM crm.run WHERE finished_at IS NULL") == 0, "all is done", 90)
    assert one(crm, "SELECT string_agg(DISTINCT status, ' ') FROM crm.run") == "finished"
    assert sorted(crm.names(RecordQuery("task", limit=100))) == sorted(
        [*(f"after_{name}" for name in LANES), "help", "then", "theirs"]
    )
    for name in ("wait", "wait_until", "late"):
        waited = (
            "SELECT extract(epoch FROM a.at - b.at) FROM crm.effect a JOIN crm.effect b USING (run) "  # noqa: S608 - constants
            f"WHERE a.path = 'both/after_{name}' AND b.path = 'both/{name}'"
        )
        assert one(crm, waited) >= 6, name
