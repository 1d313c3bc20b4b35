"""A dry run tells what would happen and leaves no trace."""

import socket
from collections.abc import Callable
from datetime import UTC, datetime
from typing import Any

import pytest
from sqlalchemy import TextClause, text

from crm_app.automation.dry_run import DryRun, dry_run
from crm_app.automation.relay import Relay
from crm_app.definitions.automation import AutomationDefinition
from crm_app.kernel import clock
from crm_app.kernel.actor import UserActor
from crm_app.kernel.errors import Forbidden, Invalid
from crm_app.kernel.events import RecordRef
from crm_app.services.connections import save_connection
from tests.workflows.builders import FOLLOW_UP, WON, Automated, automation

MARK: dict[str, Any] = {"id": "mark", "type": "update", "values": {"note": "'seen'"}}
BIG: dict[str, Any] = {
    "id": "big",
    "type": "branch",
    "cases": [{"when": "amount >= 10 USD", "steps": [FOLLOW_UP]}],
    "else": [],
}
Make = Callable[..., Automated]


def won(crm: Automated, name: str, **values: Any) -> RecordRef:
    deal = crm.create("deal", crm.rep, name=name, stage="engaging", **values)
    crm.update(deal.ref, {"stage": "won"}, crm.rep)
    crm.update(deal.ref, {"note": "later"}, crm.rep)
    return deal.ref


def tried(crm: Automated, body: dict[str, Any], admin: UserActor | None = None, **how: Any) -> DryRun:
    with crm.work(admin or crm.user("Ada", "admin")) as work:
        return dry_run(work, AutomationDefinition.model_validate(body), **how)


def fingerprint(crm: Automated) -> dict[str, str]:
    with crm.work() as work:
        names = work.connection.execute(
            text("SELECT schemaname || '.' || tablename FROM pg_tables WHERE schemaname IN ('crm', 'data')")
        )
        return {name: str(work.connection.execute(_hash_of(name)).scalar()) for name in names.scalars()}


def _hash_of(table: str) -> TextClause:
    return text(f"SELECT md5(string_agg(t::text, '' ORDER BY t::text)) FROM {table} t")  # noqa: S608 - our own tables


def test_it_tells_what_the_last_events_would_have_started_and_does_nothing(make_with: Make) -> None:
    crm = make_with(automation("won", WON, FOLLOW_UP))
    for name, amount in (("Small", "1 USD"), ("Large", "20 USD"), ("Larger", "30 USD")):
        won(crm, name, amount=amount)
    admin = crm.user("Ada", "admin")
    before = fingerprint(crm)
    found = tried(crm, automation("won", WON, BIG), admin)
    assert fingerprint(crm) == before
    assert (len(found.tried), found.started, found.failed) == (9, 3, 0)
    assert found.total("effects") == {"task record.created": 2}
    assert found.differing == 1
    assert [each.name for each in found.tried if each.differs] == ["Small"]
    live = next(each for each in found.tried if each.differs).live
    assert live is not None
    assert live.effects == {"task record.created": 1}


def test_a_trigger_sees_the_record_as_it_was_at_the_event(make_with: Make) -> None:
    crm = make_with(automation("won", WON, FOLLOW_UP))
    deal = won(crm, "Acme", amount="5 USD")
    crm.update(deal, {"amount": "50 USD"}, crm.rep)
    small = automation("won", {**WON, "when": "amount < 10 USD"}, FOLLOW_UP)
    large = automation("won", {**WON, "when": "amount > 10 USD"}, FOLLOW_UP)
    admin = crm.user("Ada", "admin")
    assert tried(crm, small, admin).started == 1
    assert tried(crm, large, admin).started == 0


def test_its_condition_is_of_the_day_that_it_is_where_the_schedule_is(make_with: Make) -> None:
    crm = make_with()
    task = crm.create("task", crm.rep, name="due", due="2026-03-09")
    schedule = {"type": "schedule", "object": "task", "cron": "0 18 * * *", "when": "due = today"}
    by_hand = {"type": "manual", "object": "task", "when": "due = today"}
    mark = {**MARK, "values": {"name": "'seen'"}}
    here, there = crm.user("Ada", "admin"), crm.user("Amy", "admin")
    with crm.work() as work:
        moved = text("UPDATE crm.app_user SET time_zone = 'America/Los_Angeles' WHERE id = :id")
        work.connection.execute(moved, {"id": there.user_id})
    with clock.frozen(datetime(2026, 3, 10, 1, tzinfo=UTC)):
        assert tried(crm, automation("it", schedule, mark), here, record=task.ref).started == 0
        there_too = automation("it", {**schedule, "time_zone": "America/Los_Angeles"}, mark)
        assert tried(crm, there_too, here, record=task.ref).started == 1
        assert tried(crm, automation("it", by_hand, mark), here, record=task.ref).started == 0
        assert tried(crm, automation("it", by_hand, mark), there, record=task.ref).started == 1


@pytest.mark.parametrize(
    ("at", "if_past", "does", "error"),
    [
        ("created_at - P1D", "stop", {}, ""),
        ("created_at - P1D", "continue", {"deal record.updated": 1}, ""),
        ("created_at - P1D", "fail", {}, "The moment is already over."),
        ("now + P1D", "stop", {"deal record.updated": 1}, ""),
    ],
)
def test_a_moment_that_is_past_does_what_it_does_in_a_run(
    make_with: Make, at: str, if_past: str, does: dict[str, int], error: str
) -> None:
    crm = make_with()
    deal = won(crm, "Acme")
    hold = {"id": "hold", "type": "wait_until", "at": at, "if_past": if_past}
    (only,) = tried(crm, automation("it", WON, hold, MARK), record=deal).tried
    assert (dict(only.outcome.effects), only.outcome.error) == (does, error)


def test_it_has_the_rights_of_the_runner_and_tells_what_they_may_not(make_with: Make) -> None:
    crm = make_with(automation("won", WON, FOLLOW_UP))
    deal = won(crm, "Acme")
    with crm.work() as work:
        work.connection.execute(text("UPDATE crm.user_role SET role = 'clerk' WHERE role = 'rep'"))
        work.connection.execute(text("UPDATE crm.workspace SET access_version = access_version + 1"))
    found = tried(crm, automation("won", WON, FOLLOW_UP), record=deal)
    assert (found.started, found.failed) == (1, 1)
    (only,) = found.tried
    assert "create tasks" in only.outcome.error
    assert only.outcome.effects == {}


def test_what_a_failed_run_undoes_is_undone_in_a_trial_too(make_with: Make) -> None:
    crm = make_with(automation("won", WON, MARK))
    won(crm, "Acme")
    kept = {**FOLLOW_UP, "compensate": [{"id": "back", "type": "update", "values": {"note": "'undone'"}}]}
    stop = {"id": "no", "type": "fail", "message": "'Not today, ' & name"}
    (only,) = [each for each in tried(crm, automation("won", WON, kept, stop)).tried if each.outcome.starts]
    assert only.outcome.error == "Not today, Acme"
    assert [(step.path, bool(step.error)) for step in only.outcome.steps] == [
        ("follow_up", False),
        ("no", True),
        ("follow_up/back", False),
    ]


def test_deleted_records_are_as_they_were(make_with: Make) -> None:
    crm = make_with(automation("won", WON, MARK))
    deal = crm.create("deal", crm.rep, name="Gone", stage="lost")
    crm.delete(deal.ref, crm.rep)
    gone = automation("gone", {"type": "record.deleted", "object": "deal", "when": "stage = 'lost'"}, FOLLOW_UP)
    Relay(crm.workspace, lambda: None).drain()
    assert tried(crm, gone).started == 1


def test_what_no_change_starts_is_tried_on_a_record_as_it_is_now(make_with: Make) -> None:
    crm = make_with(automation("won", WON, MARK))
    deal = crm.create("deal", crm.rep, name="Acme", amount="5 USD").ref
    admin = crm.user("Ada", "admin", "rep")
    by_hand = {"type": "manual", "object": "deal", "when": "amount > 1 USD"}
    (only,) = tried(crm, automation("by_hand", by_hand, FOLLOW_UP), admin, record=deal).tried
    assert (only.name, only.outcome.starts, only.outcome.error) == ("Acme", True, "")
    assert [(fact.event, fact.name) for fact in only.outcome.facts] == [("record.created", "Follow up: Acme")]
    assert [(each.text, each.truth) for each in only.outcome.why[:1]] == [("amount > 1 USD", "true")]
    daily = {"type": "schedule", "object": "deal", "cron": "0 9 * * *", "when": "amount > 9 USD"}
    (only,) = tried(crm, automation("daily", daily, FOLLOW_UP), admin, record=deal).tried
    assert (only.outcome.starts, only.outcome.why[0].truth) == (False, "false")


def test_a_workflow_about_no_record_is_tried_on_none(make_with: Make) -> None:
    crm = make_with(automation("won", WON, MARK))
    deal = won(crm, "Acme")
    once = {"type": "schedule", "object": "deal", "cron": "0 9 * * *", "once": True}
    body = automation("once", once, {"id": "end", "type": "stop"}, run_as="rita@example.com")
    with pytest.raises(Invalid, match="about no record"):
        tried(crm, body, record=deal)


def test_it_acts_as_the_person_that_the_workflow_names(make_with: Make) -> None:
    crm = make_with(automation("won", WON, MARK))
    deal = won(crm, "Acme")
    gone = automation("won", WON, FOLLOW_UP, run_as="nobody@example.com")
    (only,) = tried(crm, gone, record=deal).tried
    assert "who has no active account" in only.outcome.error


def test_only_administrators_try_automations(make_with: Make) -> None:
    crm = make_with(automation("won", WON, MARK))
    with crm.work(crm.rep) as work, pytest.raises(Forbidden):
        dry_run(work, AutomationDefinition.model_validate(automation("won", WON, MARK)))


def test_waits_are_over_at_once_and_people_are_asked_by_nobody(make_with: Make) -> None:
    crm = make_with(automation("won", WON, MARK))
    won(crm, "Acme")
    ask = {"id": "ok", "type": "approval", "assignees": "owner", "title": "Fine?", "timeout": "P3D"}
    hold = {"id": "hold", "type": "wait", "duration": "P7D"}
    found = tried(crm, automation("won", WON, ask, hold, FOLLOW_UP))
    (only,) = [each for each in found.tried if each.outcome.starts]
    assert (only.outcome.error, dict(only.outcome.sent)) == ("", {"approval": 1})
    assert [step.type for step in only.outcome.steps] == ["approval", "wait", "create"]
    with crm.work() as work:
        assert work.connection.execute(text("SELECT count(*) FROM crm.run_wait")).scalar_one() == 0


def test_what_leaves_the_product_is_captured_and_no_socket_is_opened(
    make_with: Make, monkeypatch: pytest.MonkeyPatch
) -> None:
    crm = make_with()
    with crm.work() as work:
        erp = {"type": "http", "base_url": "http://127.0.0.1:9", "allows_private": True}
        mail = {"type": "smtp", "host": "127.0.0.1", "port": 9, "security": "none", "sender": "crm@example.com"}
        save_connection(work, "erp", erp, "t0ken")
        save_connection(work, "mail", {**mail, "allows_private": True})
    won(crm, "Acme")
    admin = crm.user("Ada", "admin")
    before = fingerprint(crm)

    def refuse(*_: object, **__: object) -> None:
        pytest.fail("A dry run opened a socket.")

    for name in ("connect", "connect_ex", "sendto"):
        monkeypatch.setattr(socket.socket, name, refuse)
    for name in ("create_connection", "getaddrinfo"):
        monkeypatch.setattr(socket, name, refuse)
    call = {"id": "post", "type": "http", "connection": "erp", "path": "deals/{{name}}", "body": {"name": "name"}}
    tell = {"id": "tell", "type": "email", "connection": "mail", "to": "owner", "subject": "{{name}}", "body": "Hi"}
    found = tried(crm, automation("won", WON, call, tell, {"id": "nudge", "type": "notify", "to": "owner"}), admin)
    monkeypatch.undo()
    assert (found.started, found.failed, found.total("sent")) == (1, 0, {"http": 1, "email": 1, "notify": 1})
    assert fingerprint(crm) == before
