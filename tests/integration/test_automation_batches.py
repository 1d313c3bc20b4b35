"""Runs about many records, and about none: what happens together starts one."""

from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import UUID

import pytest
from sqlalchemy import text

from crm_app.automation.by_hand import start_for_chosen
from crm_app.automation.checks import check
from crm_app.automation.dry_run import dry_run
from crm_app.automation.relay import Relay
from crm_app.automation.ticker import Ticker
from crm_app.definitions.load import load_package
from crm_app.kernel import clock
from crm_app.kernel.events import NO_RECORD
from crm_app.services.bulk_edit import Chosen
from crm_app.services.record_query import RecordQuery
from tests.integration.test_automation_triggers import BY_HAND
from tests.workflows.builders import FOLLOW_UP, Automated, automation, deals_and_tasks
from tests.workflows.engine import engine

Make = Callable[..., Automated]
MONDAY = datetime(2026, 6, 8, 6, 59, tzinfo=UTC)
MARK: dict[str, Any] = {"id": "mark", "type": "update", "record": "steps.each.item", "values": {"note": "'seen'"}}
EACH: dict[str, Any] = {"id": "each", "type": "for_each", "over": "vars.records", "steps": [MARK]}
TOGETHER: dict[str, Any] = {"type": "record.created", "object": "deal", "when": "stage = 'engaging'", "batch": True}
NAMED: dict[str, Any] = {**FOLLOW_UP, "values": {"name": "'Weekly'"}}


def runs(crm: Automated) -> list[tuple[UUID, UUID, int]]:
    """About which record, as whom, and how many came along."""
    with crm.work() as work:
        found = work.connection.execute(text("SELECT record, runner, input FROM crm.run ORDER BY id"))
        return [(row.record, row.runner, len(row.input["given"].get("records", ()))) for row in found]


def deals(crm: Automated, count: int, **values: Any) -> list[UUID]:
    return [crm.create("deal", crm.rep, name=f"D{n}", stage="engaging", **values).ref.id for n in range(count)]


def test_a_batch_starts_one_run_for_each_person_that_it_acts_as(make_with: Make) -> None:
    crm = make_with(automation("it", TOGETHER, EACH))
    deals(crm, 3)
    other = crm.user("Olga")
    crm.create("deal", other, name="hers", stage="engaging")
    crm.create("deal", crm.rep, name="not meant", stage="won")
    Relay(crm.workspace, lambda: None).drain()
    assert runs(crm) == [(NO_RECORD, crm.rep.user_id, 3), (NO_RECORD, other.user_id, 1)]


async def test_a_batch_takes_each_of_its_records(make_with: Make, temporal_address: str) -> None:
    crm = make_with(automation("it", TOGETHER, EACH))
    deals(crm, 3)
    async with engine(crm, temporal_address, "batches") as at:
        assert await at.run() == "finished"
    assert sorted(crm.names(RecordQuery("deal", rule="note = 'seen'"))) == ["D0", "D1", "D2"]


def test_steps_of_a_batch_name_no_record_of_their_own() -> None:
    found = check(deals_and_tasks(automation("it", TOGETHER, FOLLOW_UP)))
    assert {problem.path for problem in found} == {
        f"automations/it/steps/0/values/{name}" for name in ("name", "owner", "deal")
    }
    assert (
        "take each of `vars.records`"
        in next(iter(check(deals_and_tasks(automation("it", TOGETHER, FOLLOW_UP))))).message
    )


def test_a_dry_run_of_a_batch_takes_one_at_a_time(make_with: Make) -> None:
    crm = make_with()
    deals(crm, 2)
    definition = deals_and_tasks(automation("it", TOGETHER, EACH)).automations[0]
    with crm.work() as work:
        found = dry_run(work, definition)
    assert (found.started, found.failed, found.total("effects")) == (2, 0, {"deal record.updated": 2})


@pytest.mark.parametrize(
    ("more", "expected"),
    [({"batch": True}, [2]), ({"view": "engaged"}, [0, 0]), ({"view": "engaged", "batch": True}, [2])],
)
def test_a_schedule_takes_the_records_of_a_view_one_by_one_or_together(
    make_with: Make, more: dict[str, Any], expected: list[int]
) -> None:
    trigger = {"type": "schedule", "object": "deal", "cron": "0 7 * * 1", "when": "note is empty", **more}
    crm = make_with()
    step = EACH if more.get("batch") else {**MARK, "record": "id"}
    package = deals_and_tasks(automation("it", trigger, step))
    view = {
        "format_version": 1,
        "object": "deal",
        "name": "engaged",
        "label": "Engaged",
        "filter": "stage = 'engaging'",
    }
    views = load_package({"views": {"views/engaged.json": view}}).views
    crm.publish(package.model_copy(update={"views": views}))
    deals(crm, 2)
    deals(crm, 1, note="done")
    if "view" in more:
        crm.create("deal", crm.rep, name="not in it", stage="won")
    ticker = Ticker(crm.workspace, lambda: None)
    for moment in (MONDAY, MONDAY + timedelta(minutes=1), MONDAY + timedelta(minutes=2)):
        with clock.frozen(moment):
            ticker.tick()
    assert [count for _, _, count in runs(crm)] == expected


async def test_a_schedule_can_be_about_no_record(make_with: Make, temporal_address: str) -> None:
    trigger = {"type": "schedule", "object": "deal", "cron": "0 7 * * 1", "once": True}
    crm = make_with(automation("it", trigger, NAMED, run_as="rita@example.com"))
    ticker = Ticker(crm.workspace, lambda: None)
    for moment in (MONDAY, MONDAY + timedelta(minutes=1), MONDAY + timedelta(minutes=2)):
        with clock.frozen(moment):
            ticker.tick()
    assert runs(crm) == [(NO_RECORD, crm.rep.user_id, 0)]
    async with engine(crm, temporal_address, "alone") as at:
        assert await at.run() == "finished"
    assert crm.names(RecordQuery("task")) == ["Weekly"]


@pytest.mark.parametrize(
    ("more", "whose", "place"),
    [
        ({"once": True}, "owner", "run_as"),
        ({"once": True, "batch": True}, "rita@example.com", "trigger/once"),
        ({"view": "nope"}, "owner", "trigger/view"),
        ({"once": True, "when": "stage = 'won'"}, "rita@example.com", "trigger/when"),
    ],
)
def test_a_schedule_that_cannot_work_is_not_published(more: dict[str, Any], whose: str, place: str) -> None:
    trigger = {"type": "schedule", "object": "deal", "cron": "0 7 * * 1", **more}
    found = check(deals_and_tasks(automation("it", trigger, NAMED, run_as=whose)))
    assert f"automations/it/{place}" in [problem.path for problem in found]


def test_what_was_picked_in_a_list_starts_runs_and_the_rest_says_why(make_with: Make) -> None:
    crm = make_with(automation("it", BY_HAND, {"id": "mark", "type": "update", "values": {"name": "'seen'"}}))
    fitting = [crm.create("task", crm.rep, name=f"T{n}").ref.id for n in range(2)]
    done = crm.create("task", crm.rep, name="Done", done=True).ref.id
    with crm.work(crm.rep) as work:
        report = start_for_chosen(work, "it", "task", [Chosen(each) for each in (*fitting, done, crm.rep.user_id)])
    assert report.done == fitting
    assert [(each.name, each.code) for each in report.refused] == [("Done", "does_not_apply"), ("", "does_not_apply")]
    assert [record for record, _, _ in runs(crm)] == fitting


def test_what_was_picked_can_be_one_batch(make_with: Make) -> None:
    crm = make_with(automation("it", {"type": "manual", "object": "deal", "batch": True}, EACH))
    chosen = deals(crm, 3)
    with crm.work(crm.rep) as work:
        assert start_for_chosen(work, "it", "deal", [Chosen(each) for each in chosen]).done == chosen
    assert runs(crm) == [(NO_RECORD, crm.rep.user_id, 3)]
