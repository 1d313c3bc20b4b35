"""A real worker on a real Temporal: runs end as they should, whatever was away meanwhile."""

import asyncio
import statistics
import tempfile
import time
from collections.abc import Callable, Generator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from pathlib import Path
from typing import Any
from uuid import UUID

import psycopg
import pytest
from sqlalchemy import text

from crm_app.kernel.events import RecordRef
from crm_app.kernel.settings import Settings
from crm_app.runtime import temporal
from crm_app.runtime.postgres import EmbeddedPostgres
from crm_app.services.record_query import RecordQuery
from tests.workflows.builders import FOLLOW_UP, WON, Automated, automation
from tests.workflows.processes import Running, running, wait_until, wait_until_polling, worker

pytestmark = pytest.mark.alone

CHANGED: dict[str, Any] = {"type": "record.updated", "object": "deal"}
SOON = ("--doubt-seconds", "1", "--stall-seconds", "12")
Make = Callable[..., Automated]


@contextmanager
def working(settings: Settings, *arguments: str) -> Generator[Running]:
    with running(worker(settings, *arguments), settings.data_dir / "logs") as found:
        wait_until_polling(found)
        yield found


@pytest.fixture
def settings(database_url: str, temporal_address: str, tmp_path: Path) -> Settings:
    return Settings(tmp_path, database_url, temporal_address, task_queue=tmp_path.name)


def statuses(crm: Automated) -> list[tuple[str, str]]:
    with crm.work() as work:
        rows = work.connection.execute(text("SELECT automation, status FROM crm.run ORDER BY id"))
        return [(row.automation, row.status) for row in rows]


def errors(crm: Automated) -> list[str]:
    with crm.work() as work:
        return list(work.connection.execute(text("SELECT error FROM crm.run WHERE status = 'failed'")).scalars())


def has_settled(crm: Automated) -> bool:
    with crm.work() as work:
        open_things = text(
            "SELECT (SELECT count(*) FROM crm.outbox) + (SELECT count(*) FROM crm.run WHERE finished_at IS NULL)"
        )
        return work.connection.execute(open_things).scalar_one() == 0


def win(crm: Automated, name: str = "Acme") -> RecordRef:
    deal = crm.create("deal", crm.rep, name=name, stage="engaging")
    crm.update(deal.ref, {"stage": "won"}, crm.rep)
    return deal.ref


def test_a_won_deal_has_its_task_within_moments(
    make_with: Make, settings: Settings, record_property: Callable[[str, object], None]
) -> None:
    crm = make_with(automation("won", WON, FOLLOW_UP))
    taken: list[float] = []
    with working(settings):
        for index in range(15):
            before = time.monotonic()
            win(crm, f"Deal {index}")
            wait_until(lambda index=index: crm.count(RecordQuery("task")) == index + 1, "the task is there", 10)
            taken.append(time.monotonic() - before)
        wait_until(lambda: has_settled(crm), "every run has ended")
    record_property("median_ms", round(statistics.median(taken) * 1000))
    assert statistics.median(taken) < 1
    assert {status for _, status in statuses(crm)} == {"finished"}


def test_a_step_that_may_not_be_done_is_a_failed_run_with_the_sentence(make_with: Make, settings: Settings) -> None:
    crm = make_with(automation("won", WON, FOLLOW_UP))
    with crm.work() as work:
        work.connection.execute(text("UPDATE crm.user_role SET role = 'clerk'"))
    with working(settings):
        deal = crm.create("deal", name="Acme", stage="engaging", owner=crm.rep.user_id)
        crm.update(deal.ref, {"stage": "won"}, crm.rep)
        wait_until(lambda: has_settled(crm) and statuses(crm) != [], "the run has ended")
    assert statuses(crm) == [("won", "failed")]
    assert errors(crm) == ["forbidden: Your role doesn't let you create tasks."]
    assert crm.count(RecordQuery("task")) == 0


def test_two_automations_that_set_each_other_off_are_stopped(make_with: Make, settings: Settings) -> None:
    """Each writes what the other waits for, so without a limit they would never end."""
    crm = make_with(
        automation("ping", {**CHANGED, "fields": ["note"], "when": "note ends with 'x'"}, _say("'y'")),
        automation("pong", {**CHANGED, "fields": ["note"], "when": "note ends with 'y'"}, _say("'x'")),
    )
    deal = crm.create("deal", crm.rep, name="Acme")
    with working(settings):
        crm.update(deal.ref, {"note": "x"}, crm.rep)
        wait_until(lambda: has_settled(crm) and len(statuses(crm)) == 7, "the loop is stopped")
    assert [status for _, status in statuses(crm)] == ["finished"] * 6 + ["failed"]
    assert [error.split(":")[0] for error in errors(crm)] == ["loop_stopped"]


def _say(word: str) -> dict[str, Any]:
    return {"id": "say", "type": "update", "values": {"note": f"if note is empty then {word} else note & {word}"}}


def test_two_workers_share_the_work_and_double_nothing(make_with: Make, settings: Settings) -> None:
    crm = make_with(automation("won", WON, FOLLOW_UP))
    with working(settings), working(settings):
        for index in range(40):
            win(crm, f"Deal {index}")
        wait_until(lambda: has_settled(crm) and len(statuses(crm)) == 40, "every run has ended")
    assert {status for _, status in statuses(crm)} == {"finished"}
    assert crm.count(RecordQuery("task")) == 40
    with crm.work() as work:
        assert work.connection.execute(text("SELECT count(*) FROM crm.worker")).scalar_one() == 2


@pytest.mark.slow
def test_changes_go_on_without_temporal_and_even_its_lost_database_loses_no_run(
    make_with: Make, database_url: str, tmp_path: Path
) -> None:
    crm = make_with(automation("won", WON, FOLLOW_UP))
    server = temporal.dev_server(tmp_path)
    settings = Settings(tmp_path, database_url, server.address)
    with running(worker(settings, *SOON), tmp_path / "logs") as automation_worker:
        for index in range(5):
            win(crm, f"Early {index}")
        wait_until(lambda: len(statuses(crm)) == 5, "the relay works without Temporal")
        assert {status for _, status in statuses(crm)} == {"pending"}
        with running(server.program(), tmp_path / "logs") as temporal_server:
            _wait_for(server, temporal_server)
            wait_until_polling(automation_worker)
            wait_until(lambda: has_settled(crm), "what waited has run")
            _forget_runs_and_lose_the_database(crm, temporal_server, server.file)
            win(crm, "Late")
            temporal_server.start()
            wait_until(lambda: has_settled(crm) and len(statuses(crm)) == 6, "what was lost has run again")
    assert {status for _, status in statuses(crm)} == {"finished"}
    assert crm.count(RecordQuery("task")) == 6


def _forget_runs_and_lose_the_database(crm: Automated, server: Running, file: Path) -> None:
    """As if Temporal had died with all five in its hands, two of them not yet done."""
    server.kill()
    for each in file.parent.glob(f"{file.name}*"):
        each.unlink()
    with crm.work() as work:
        work.connection.execute(text("UPDATE crm.run SET status = 'started', finished_at = NULL"))
        undone = text(
            "DELETE FROM crm.effect WHERE run IN (SELECT id FROM crm.run ORDER BY id LIMIT 2) RETURNING output"
        )
        for (output,) in work.connection.execute(undone).all():
            work.connection.execute(text("DELETE FROM data.task WHERE id = :id"), {"id": UUID(output["id"])})


def _wait_for(server: temporal.DevServer, child: Running) -> None:
    with ThreadPoolExecutor(1) as outside:
        outside.submit(asyncio.run, temporal.wait_until_ready(server, child.child)).result()


@pytest.mark.slow
def test_a_worker_that_starts_before_its_database_waits_for_it(
    postgres_server: EmbeddedPostgres, temporal_address: str, tmp_path: Path
) -> None:
    url = postgres_server.url_of("later")
    settings = Settings(tmp_path, url, temporal_address, task_queue=tmp_path.name)
    with working(settings), psycopg.connect(postgres_server.owner_url_of("postgres"), autocommit=True) as connection:
        connection.execute('CREATE DATABASE "later" TEMPLATE empty STRATEGY file_copy')
        crm = Automated(url, automation("won", WON, FOLLOW_UP))
        win(crm)
        wait_until(lambda: crm.count(RecordQuery("task")) == 1, "the worker found its database")
        connection.execute("SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = 'later'")
        crm.close()
        crm = _reopened(crm, url)
        win(crm, "Again")
        wait_until(lambda: crm.count(RecordQuery("task")) == 2, "the worker found it again")
        crm.close()


def _reopened(crm: Automated, url: str) -> Automated:
    again = Automated.__new__(Automated)
    again.workspace = type(crm.workspace).open(url, pool_size=2)
    again.rep = crm.rep
    again.folder = tempfile.TemporaryDirectory(prefix="trellis-files-")
    again.files = Path(again.folder.name)
    return again


def test_a_worker_asked_to_stop_ends_in_time_and_in_order(settings: Settings, make_with: Make) -> None:
    make_with(automation("won", WON, FOLLOW_UP))
    with working(settings) as found:
        found.child.process.terminate()
        assert found.child.process.wait(8) == 0
        assert "Traceback" not in found.child.output()
