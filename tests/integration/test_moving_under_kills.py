"""Runs are moved to a new version while people answer them and the worker is killed: each ends with what its version
says, and nothing is done twice.
"""

import threading
import time
from collections import Counter
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import text

from crm_app.automation.moving import move
from crm_app.kernel.actor import UserActor
from crm_app.kernel.settings import Settings
from crm_app.services.inbox import Reply, answer, my_questions
from crm_app.services.record_query import RecordQuery
from tests.workflows.builders import WON, Automated, automation, deals_and_tasks
from tests.workflows.processes import running, wait_until, wait_until_polling, worker

pytestmark = pytest.mark.alone

DEALS = 24
SOON = ("--doubt-seconds", "2", "--stall-seconds", "12")
OK: dict[str, Any] = {"id": "ok", "type": "approval", "role": "clerk"}


def task(key: str) -> dict[str, Any]:
    return {"id": key, "type": "create", "object": "task", "values": {"name": f"'{key} ' & name"}}


OLD = [task("first"), OK, task("old")]
NEW = [task("first"), OK, task("new"), task("newer")]


@pytest.fixture
def crm(database_url: str) -> Iterator[Automated]:
    found = Automated(database_url, automation("won", WON, *OLD))
    yield found
    found.close()


def answer_some(crm: Automated, clerk: UserActor, count: int) -> int:
    with crm.work(clerk) as work:
        keys = [each.key for each in my_questions(work, limit=count)]
    for key in keys:
        with crm.work(clerk) as work:
            answer(work, key, Reply("approved"))
        time.sleep(0.05)
    return len(keys)


def count(crm: Automated, what: str) -> int:
    with crm.work() as work:
        return work.connection.execute(text(f"SELECT count(*) FROM crm.{what}")).scalar_one()  # noqa: S608 - constants


def ended(crm: Automated) -> Counter[tuple[str, bool]]:
    """How runs have ended, by whether they are of the newer version."""
    newest = "(SELECT hash FROM crm.definition_version WHERE name = 'won' ORDER BY schema_version DESC LIMIT 1)"
    with crm.work() as work:
        rows = work.connection.execute(text(f"SELECT status, automation_hash = {newest} AS is_new FROM crm.run"))  # noqa: S608 - constants
        return Counter((row.status, row.is_new) for row in rows)


def test_runs_move_while_they_are_answered_and_the_worker_dies(
    crm: Automated, database_url: str, temporal_address: str, tmp_path: Path
) -> None:
    settings = Settings(tmp_path, database_url, temporal_address, task_queue=tmp_path.name)
    admin, clerk = crm.user("Ada", "admin"), crm.user("Cora", "clerk")
    moved = 0
    with running(worker(settings, *SOON), tmp_path / "logs") as work_process:
        wait_until_polling(work_process)
        for index in range(DEALS):
            deal = crm.create("deal", crm.rep, name=f"{index}", stage="engaging")
            crm.update(deal.ref, {"stage": "won"}, crm.rep)
        wait_until(lambda: count(crm, "run_wait WHERE state = 'open'") == DEALS, "every run asks")
        crm.publish(deals_and_tasks(automation("won", WON, *NEW)))
        answering = threading.Thread(target=answer_some, args=(crm, clerk, 8))
        answering.start()
        wait_until(lambda: count(crm, "run WHERE status = 'finished'") > 0, "one has gone on with the old version")
        for part in range(3):
            with crm.work(admin) as work:
                runs = work.connection.execute(text("SELECT id FROM crm.run ORDER BY id")).scalars().all()
            with crm.work(admin) as work:
                moved += sum(each.moved for each in move(work, "won", runs[part::3]))
            if part == 1:
                work_process.kill()
        answering.join()
        with crm.work(admin) as work:
            moved += sum(each.moved for each in move(work, "won"))
        work_process.start()
        wait_until(lambda: answer_some(crm, clerk, DEALS) == 0, "nobody is asked any more")
        wait_until(lambda: count(crm, "run WHERE finished_at IS NULL") == 0, "every run has ended", 90)
    assert ended(crm) == Counter({("finished", True): moved, ("finished", False): DEALS - moved})
    names = Counter(name.split()[0] for name in crm.names(RecordQuery("task", limit=200)))
    assert names == Counter({"first": DEALS, "old": DEALS - moved, "new": moved, "newer": moved})
    assert DEALS // 2 <= moved < DEALS
