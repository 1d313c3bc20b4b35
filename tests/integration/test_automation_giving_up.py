"""What becomes of a step whose other machine stays away: a named failure that `catch` sees, and mail not lost."""

import socket
from collections.abc import AsyncIterator, Iterator
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from aiosmtpd.controller import Controller
from psycopg import errors
from sqlalchemy import text
from sqlalchemy.exc import OperationalError

from crm_app.automation.relay import Relay
from crm_app.kernel import clock
from crm_app.kernel.errors import NotFound
from crm_app.runtime.ports import LOOPBACK, free_port
from crm_app.services.automation_starts import claim_pending, mark_started
from crm_app.services.connection_checks import connection_problems
from crm_app.services.connections import save_connection
from crm_app.services.mail_sending import send_again
from crm_app.services.mails import failed_mails, requeue
from tests.integration.test_automation_outside import MAIL, Post, connected, mail_server
from tests.workflows.blocks import tasks, win
from tests.workflows.builders import WON, Automated, automation, deals_and_tasks
from tests.workflows.engine import Engine, engine, wait_until
from workflows.activities import is_passing, pause_before
from workflows.watchdog import Patience, Watchdog

CALL: dict[str, Any] = {"id": "post", "type": "http", "connection": "erp", "tries": 1}


@pytest.fixture
def post() -> Iterator[Post]:
    found = Post(free_port())
    controller = Controller(found, hostname="127.0.0.1", port=found.port)
    controller.start()
    yield found
    controller.stop()


@pytest.fixture
def refusing() -> Iterator[int]:
    """A port that is taken, so that nobody else listens there, and at which nobody does."""
    with socket.socket() as held:
        held.bind((LOOPBACK, 0))
        yield held.getsockname()[1]


def noted(name: str) -> dict[str, Any]:
    return {"id": "note", "type": "create", "object": "task", "values": {"name": name}}


async def test_a_system_that_stays_away_is_a_failure_that_can_be_caught(
    database_url: str, temporal_address: str, tmp_path: Path, refusing: int
) -> None:
    attempt = {"id": "try", "type": "try", "steps": [CALL], "catch": [noted("steps.try.code")], "finally": []}
    crm = Automated(database_url, automation("won", WON, attempt))
    connected(crm, "erp", type="http", base_url=f"http://127.0.0.1:{refusing}")
    async with engine(crm, temporal_address, tmp_path.name) as at:
        win(at)
        assert await at.run() == "finished"
        assert tasks(at) == ["egress_failed"]
    crm.close()


async def test_a_mail_that_could_not_be_sent_is_kept_and_sent_again_by_hand(
    database_url: str, temporal_address: str, tmp_path: Path, post: Post, refusing: int
) -> None:
    crm = Automated(database_url, automation("won", WON, {**MAIL, "to": "owner", "tries": 1}))
    mail_server(crm, post, port=refusing)
    async with engine(crm, temporal_address, tmp_path.name) as at:
        win(at)
        assert (await at.run()).startswith("failed egress_failed")
    with crm.work() as work:
        (mail,) = failed_mails(work)
        assert "could not be reached" in mail.error
        requeue(work, mail.id)
    assert "could not be reached" in send_again(crm.workspace, mail.id)
    mail_server(crm, post)
    with crm.work() as work:
        requeue(work, mail.id)
    assert send_again(crm.workspace, mail.id) == ""
    assert len(post.mails) == 1
    with crm.work() as work, pytest.raises(NotFound):
        requeue(work, mail.id)
    with crm.work() as work:
        assert work.connection.execute(text("SELECT state FROM crm.mail")).scalar_one() == "sent"
    crm.close()


@pytest.fixture
async def away(
    database_url: str, temporal_address: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, refusing: int
) -> AsyncIterator[Engine]:
    """A run whose other system is away, and which asks it again in a minute."""
    monkeypatch.setattr("workflows.activities.pause_before", lambda *_: timedelta(minutes=1))
    crm = Automated(database_url, automation("won", WON, {**CALL, "tries": 3}))
    connected(crm, "erp", type="http", base_url=f"http://127.0.0.1:{refusing}")
    async with engine(crm, temporal_address, tmp_path.name) as at:
        win(at)
        await at.begin()
        await wait_until(lambda: is_left_alone(at), "it has been tried once")
        yield at
    crm.close()


def is_left_alone(at: Engine) -> bool:
    with at.crm.work() as work:
        ahead = text("SELECT touched_at > now() + interval '150 seconds' FROM crm.run")
        return work.connection.execute(ahead).scalar_one()


async def test_a_pause_is_no_stall_unless_temporal_forgets_its_end(away: Engine) -> None:
    with away.crm.work() as work:
        work.connection.execute(text("UPDATE crm.run SET touched_at = now() - interval '1 hour'"))
    watchdog = Watchdog(away.crm.workspace, away.client, Patience(doubt=timedelta(0), stall=timedelta(0)))
    await watchdog.look()
    assert away.ended() == "started"
    with clock.frozen(clock.now() + timedelta(minutes=17)):
        await watchdog.look()
    assert away.ended() == "pending"


async def test_a_system_that_is_away_keeps_no_other_run_from_beginning(away: Engine) -> None:
    win(away)
    Relay(away.crm.workspace, lambda: None).drain()
    with away.crm.work() as work:
        (other,) = claim_pending(work, 1, timedelta(seconds=10)).runs
        mark_started(work, [other.id])
        assert claim_pending(work, 1, timedelta(seconds=10)).is_full
        work.connection.execute(text("UPDATE crm.run SET status = 'finished' WHERE id = :run"), {"run": other.id})
        work.connection.execute(text("UPDATE crm.run SET touched_at = now() - interval '1 second'"))
        assert claim_pending(work, 1, timedelta(seconds=10)).is_full


def test_pauses_grow_with_patience_and_stay_within_reason() -> None:
    assert pause_before(1, None).total_seconds() <= 3
    assert all(pause_before(attempt, None).total_seconds() <= 90 for attempt in range(1, 16))
    assert 450 <= pause_before(100, None).total_seconds() <= 1350


@pytest.mark.parametrize(
    ("error", "passes"),
    [
        (errors.LockNotAvailable(), True),
        (errors.AdminShutdown(), True),
        (errors.StatementTooComplex(), False),
        (errors.ProgramLimitExceeded(), False),
    ],
    ids=lambda given: type(given).__name__,
)
def test_what_is_too_much_for_the_database_does_not_pass_by_itself(error: Exception, *, passes: bool) -> None:
    assert is_passing(OperationalError("", {}, error)) == passes


def test_connections_that_are_missing_or_of_another_kind_are_problems_at_their_place(database_url: str) -> None:
    crm = Automated(database_url)
    nested = {"id": "try", "type": "try", "steps": [{**MAIL, "connection": "erp"}], "catch": [], "finally": []}
    (definition,) = deals_and_tasks(automation("it", WON, CALL, nested)).automations
    with crm.work() as work:
        missing = [problem.path for problem in connection_problems(work, [definition])]
        save_connection(work, "erp", {"type": "http", "base_url": "https://erp.example.com"})
        wrong = connection_problems(work, [definition])
        off = connection_problems(work, [definition.model_copy(update={"is_active": False})])
    places = ["automations/it/steps/0/connection", "automations/it/steps/1/steps/0/connection"]
    assert missing == places
    assert [(problem.path, "takes one to a mail server" in problem.message) for problem in wrong] == [(places[1], True)]
    assert off == []
    crm.close()
