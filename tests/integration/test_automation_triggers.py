"""What starts runs besides a change: moments, schedules, people and other programs. Each once."""

from collections.abc import Callable, Iterator
from datetime import UTC, date, datetime, timedelta
from typing import Any

import pytest
from sqlalchemy import text

from crm_app.automation.by_hand import DoesNotApply, send_signal, start_by_hand, startable
from crm_app.automation.execution import execute_step
from crm_app.automation.messages import StepInput
from crm_app.automation.relay import Relay
from crm_app.automation.ticker import Ticker
from crm_app.automation.trigger_type import Span
from crm_app.automation.triggers.date_reached import DateConfig, moment_of
from crm_app.automation.triggers.schedule import ScheduleConfig, last_moment
from crm_app.definitions.load import load_package
from crm_app.kernel import clock
from crm_app.kernel.actor import UserActor
from crm_app.kernel.causation import DEPTH
from crm_app.kernel.errors import Forbidden, NotFound
from crm_app.kernel.events import RecordRef
from crm_app.services.automation_pauses import pause
from crm_app.services.automation_records import all_records
from crm_app.services.lists import list_records
from crm_app.services.record_query import Record, RecordQuery
from crm_app.services.run_lists import RunFilter, list_runs
from crm_app.services.unit_of_work import UnitOfWork
from tests.integration.api_client import Api
from tests.workflows.builders import Automated, automation, deals_and_tasks
from tests.workflows.runs import next_run

Make = Callable[..., Automated]
MARK: dict[str, Any] = {"id": "mark", "type": "update", "values": {"name": "'seen'"}}
NOON = datetime(2026, 6, 10, 12, tzinfo=UTC)


@pytest.fixture
def make(database_url: str) -> Iterator[Make]:
    made: list[Automated] = []

    def build(trigger: dict[str, Any], **more: Any) -> Automated:
        made.append(Automated(database_url, automation("it", trigger, MARK, **more)))
        return made[-1]

    yield build
    for crm in made:
        crm.close()


class Clock:
    """A ticker that looks whenever it is told what time it is."""

    def __init__(self, crm: Automated, at: datetime) -> None:
        self.crm, self.ticker = crm, Ticker(crm.workspace, lambda: None)
        self.at(at)

    def at(self, moment: datetime) -> int:
        with clock.frozen(moment):
            return self.ticker.tick()


def runs(crm: Automated) -> list[tuple[str, str]]:
    with crm.work() as work:
        found = work.connection.execute(text("SELECT status, error FROM crm.run ORDER BY id"))
        return [(row.status, row.error) for row in found]


def about(crm: Automated) -> list[date]:
    """When the tasks are due that runs are about."""
    with crm.work() as work:
        found = work.connection.execute(text("SELECT record FROM crm.run")).scalars().all()
    return [crm.get(RecordRef("task", record)).values["due"] for record in found]


def in_los_angeles(crm: Automated) -> None:
    with crm.work() as work:
        work.connection.execute(text("UPDATE crm.workspace SET time_zone = 'America/Los_Angeles'"))


TOO_MANY = "too_many_records: There are more than 2 records to work over; narrow the rule that finds them."
DUE: dict[str, Any] = {"type": "date.reached", "object": "task", "field": "due", "days": -1, "when": "not done"}


def task(crm: Automated, day: date, **values: Any) -> Record:
    return crm.create("task", crm.rep, name="T", due=day.isoformat(), **values)


def test_a_date_starts_one_run_at_its_moment_and_never_again(make: Make) -> None:
    crm = make(DUE)
    task(crm, date(2026, 6, 12))
    task(crm, date(2026, 6, 12), done=True)
    hands = Clock(crm, NOON)
    assert hands.at(datetime(2026, 6, 11, 8, 59, 59, tzinfo=UTC)) == 0
    assert hands.at(datetime(2026, 6, 11, 9, tzinfo=UTC)) == 1
    assert hands.at(datetime(2026, 6, 11, 9, 0, 30, tzinfo=UTC)) == 0
    assert hands.at(datetime(2026, 6, 12, 9, tzinfo=UTC)) == 0
    assert runs(crm) == [("pending", "")]


def test_a_date_that_passed_while_everything_was_down_is_not_lost(make: Make) -> None:
    crm = make(DUE)
    task(crm, date(2026, 6, 12))
    hands = Clock(crm, NOON)
    assert hands.at(NOON + timedelta(days=9)) == 1


def test_a_new_date_is_reached_anew_and_one_that_is_past_is_not(make: Make) -> None:
    crm = make(DUE)
    record = task(crm, date(2026, 6, 12))
    hands = Clock(crm, NOON)
    assert hands.at(NOON + timedelta(days=2)) == 1
    crm.update(record.ref, {"due": "2026-06-20"}, crm.rep)
    assert hands.at(NOON + timedelta(days=3)) == 0
    assert hands.at(NOON + timedelta(days=10)) == 1
    crm.update(record.ref, {"due": "2026-06-01"}, crm.rep)
    assert hands.at(NOON + timedelta(days=11)) == 0


def test_publishing_a_new_version_reaches_no_date_again(make: Make) -> None:
    crm = make(DUE)
    task(crm, date(2026, 6, 12))
    hands = Clock(crm, NOON)
    assert hands.at(datetime(2026, 6, 11, 9, tzinfo=UTC)) == 1
    crm.publish(deals_and_tasks(automation("it", DUE, {**MARK, "values": {"name": "'other'"}})))
    assert hands.at(datetime(2026, 6, 11, 9, 5, tzinfo=UTC)) == 0


def test_what_was_off_does_not_catch_up_when_it_is_on_again(make: Make) -> None:
    crm = make(DUE)
    task(crm, date(2026, 6, 12))
    hands = Clock(crm, NOON)
    crm.publish(deals_and_tasks(automation("it", DUE, MARK, is_active=False)))
    hands.at(NOON + timedelta(hours=1))
    crm.publish(deals_and_tasks(automation("it", DUE, MARK)))
    assert hands.at(NOON + timedelta(days=5)) == 0


def test_two_that_look_at_the_clock_at_once_start_one_run(make: Make) -> None:
    crm = make(DUE)
    task(crm, date(2026, 6, 12))
    first, second = Clock(crm, NOON), Clock(crm, NOON)
    assert first.at(NOON + timedelta(days=2)) + second.at(NOON + timedelta(days=2)) == 1


def test_a_moment_has_its_hours(make: Make) -> None:
    crm = make({"type": "date.reached", "object": "task", "field": "created_at", "hours": 48})
    with clock.frozen(NOON):
        task(crm, date(2026, 1, 1))
    hands = Clock(crm, NOON)
    assert hands.at(NOON + timedelta(hours=47, minutes=59)) == 0
    assert hands.at(NOON + timedelta(hours=48)) == 1


@pytest.mark.parametrize(
    ("day", "at", "moment"),
    [
        (date(2026, 3, 28), "02:30", "2026-03-28T01:30:00+00:00"),
        (date(2026, 3, 29), "02:30", "2026-03-29T01:30:00+00:00"),
        (date(2026, 3, 30), "02:30", "2026-03-30T00:30:00+00:00"),
        (date(2026, 10, 25), "02:30", "2026-10-25T00:30:00+00:00"),
        (date(2026, 10, 26), "02:30", "2026-10-26T01:30:00+00:00"),
    ],
)
def test_a_date_has_one_moment_on_days_when_the_clocks_change(day: date, at: str, moment: str) -> None:
    config = DateConfig(field="due", at=at, time_zone="Europe/Berlin")
    assert moment_of(config, day, "UTC").isoformat() == moment


@pytest.mark.parametrize(
    ("cron", "since", "until", "moment"),
    [
        ("0 9 * * 1-5", "2026-06-10T06:59", "2026-06-10T07:00", "2026-06-10T07:00"),
        ("0 9 * * 1-5", "2026-06-10T07:00", "2026-06-10T23:00", None),
        ("0 9 * * 1-5", "2026-06-05T06:00", "2026-06-10T07:30", "2026-06-10T07:00"),
        ("30 2 * * *", "2026-03-29T00:00", "2026-03-29T00:59", None),
        ("30 2 * * *", "2026-03-29T00:00", "2026-03-29T01:00", "2026-03-29T01:00"),
        ("30 2 * * *", "2026-10-25T00:00", "2026-10-25T00:30", "2026-10-25T00:30"),
        ("*/15 * * * *", "2026-06-10T06:59", "2026-06-10T07:31", "2026-06-10T07:30"),
    ],
)
def test_a_schedule_has_its_moments_by_the_clock_on_the_wall(
    cron: str, since: str, until: str, moment: str | None
) -> None:
    begin, end = (datetime.fromisoformat(each).replace(tzinfo=UTC) for each in (since, until))
    found = last_moment(ScheduleConfig(cron=cron, time_zone="Europe/Berlin"), Span(begin, end, begin, "UTC"))
    assert (found and found.astimezone(UTC)) == (moment and datetime.fromisoformat(moment).replace(tzinfo=UTC))


def test_a_schedule_starts_a_run_for_each_record_that_it_is_about(make: Make) -> None:
    crm = make({"type": "schedule", "object": "task", "cron": "0 9 * * *", "when": "not done"})
    for finished in (False, False, True):
        task(crm, date(2026, 1, 1), done=finished)
    hands = Clock(crm, NOON)
    assert hands.at(NOON + timedelta(hours=20)) == 0
    assert hands.at(NOON + timedelta(hours=21)) == 2
    assert hands.at(NOON + timedelta(hours=22)) == 0
    assert hands.at(NOON + timedelta(days=7)) == 2


@pytest.mark.parametrize("when", ["not done", "not done and owner = me"])
def test_a_schedule_may_take_so_many_records_and_those_that_it_leaves_out_do_not_count(
    make: Make, monkeypatch: pytest.MonkeyPatch, when: str
) -> None:
    monkeypatch.setattr("crm_app.services.automation_records.MAX_ALL", 2)
    crm = make({"type": "schedule", "object": "task", "cron": "0 9 * * *", "when": when})
    for finished in (True, False, True, False, True):
        task(crm, date(2026, 1, 1), done=finished)
    hands = Clock(crm, NOON)
    assert hands.at(NOON + timedelta(days=1)) == 2
    task(crm, date(2026, 1, 1))
    assert hands.at(NOON + timedelta(days=2)) == 0
    assert runs(crm)[2:] == [("failed", TOO_MANY)]
    with crm.work() as work:
        assert [line.error for line in list_runs(work, RunFilter(status="failed")).runs] == [TOO_MANY]


def test_what_a_schedule_leaves_out_is_not_even_read(make: Make, monkeypatch: pytest.MonkeyPatch) -> None:
    crm = make({"type": "schedule", "object": "task", "cron": "0 9 * * *", "when": "not done"})
    for finished in (True, False, True):
        task(crm, date(2026, 1, 1), done=finished)
    read: list[int] = []

    def counted(work: UnitOfWork, query: RecordQuery, _fits: object) -> list[Record]:
        read.append(len(list_records(work, query).records))
        return []

    monkeypatch.setattr("crm_app.automation.ticker.all_records", counted)
    Clock(crm, NOON).at(NOON + timedelta(days=1))
    assert read == [1]


def test_too_many_dates_at_once_are_told_once(make: Make, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("crm_app.services.automation_records.MAX_ALL", 2)
    crm = make(DUE)
    for _ in range(3):
        task(crm, date(2026, 6, 12))
    hands = Clock(crm, NOON)
    for minutes in range(3):
        assert hands.at(datetime(2026, 6, 11, 9, minutes, tzinfo=UTC)) == 0
    assert runs(crm) == [("failed", TOO_MANY)]


def test_one_that_breaks_keeps_no_other_from_its_moments(make: Make, monkeypatch: pytest.MonkeyPatch) -> None:
    trigger = {"type": "schedule", "object": "task", "cron": "0 9 * * *"}
    crm = make(trigger)
    slow = automation("a_slow_one", {**trigger, "object": "deal"}, {**MARK, "values": {"name": "'seen'"}})
    crm.publish(deals_and_tasks(slow, automation("it", trigger, MARK)))
    task(crm, date(2026, 1, 1))

    def too_slow(work: UnitOfWork, query: RecordQuery, fits: Callable[[Record], bool]) -> list[Record]:
        if query.object == "deal":
            work.connection.execute(text("SELECT 1 / 0"))
        return all_records(work, query, fits)

    monkeypatch.setattr("crm_app.automation.ticker.all_records", too_slow)
    hands = Clock(crm, NOON)
    assert hands.at(NOON + timedelta(days=1)) == 1
    assert sorted(runs(crm)) == [
        ("failed", "internal: The workflow's trigger stopped on an internal error."),
        ("pending", ""),
    ]


@pytest.mark.parametrize(
    ("trigger", "at"),
    [
        ({"time_zone": ""}, "2026-03-10T01:00"),
        ({"time_zone": "Pacific/Auckland"}, "2026-03-09T05:00"),
    ],
)
@pytest.mark.parametrize("more", [{"when": "due = today"}, {"view": "due_today"}])
def test_what_day_it_is_says_the_clock_by_which_a_schedule_comes(
    make: Make, trigger: dict[str, Any], at: str, more: dict[str, Any]
) -> None:
    """At six in the evening, when it is another day for somebody else: in Los Angeles, where the workspace is, and
    where the trigger is.
    """
    body: dict[str, Any] = {"type": "schedule", "object": "task", "cron": "0 18 * * *", **trigger}
    crm = make(body)
    view = {"format_version": 1, "object": "task", "name": "due_today", "label": "Due", "filter": "due = today"}
    views = load_package({"views": {"views/due_today.json": view}}).views
    crm.publish(deals_and_tasks(automation("it", {**body, **more}, MARK)).model_copy(update={"views": views}))
    in_los_angeles(crm)
    for day in (8, 9, 10):
        task(crm, date(2026, 3, day))
    moment = datetime.fromisoformat(at).replace(tzinfo=UTC)
    hands = Clock(crm, moment - timedelta(minutes=1))
    assert hands.at(moment) == 1
    assert about(crm) == [date(2026, 3, 9)]


def test_of_a_change_it_is_the_day_that_it_is_in_the_workspace(make: Make) -> None:
    crm = make({"type": "record.created", "object": "task", "when": "due = today"})
    in_los_angeles(crm)
    with clock.frozen(datetime(2026, 3, 10, 1, tzinfo=UTC)):
        for day in (9, 10):
            task(crm, date(2026, 3, day))
    Relay(crm.workspace, lambda: None).drain()
    assert about(crm) == [date(2026, 3, 9)]


def test_a_run_may_act_as_one_person(make: Make) -> None:
    crm = make({"type": "schedule", "object": "task", "cron": "0 9 * * *"}, run_as="rita@example.com")
    crm.create("task", name="nobody's")
    Clock(crm, NOON).at(NOON + timedelta(days=1))
    with crm.work() as work:
        assert work.connection.execute(text("SELECT runner FROM crm.run")).scalar_one() == crm.rep.user_id
        work.connection.execute(text("UPDATE crm.app_user SET is_active = false"))
    Clock(crm, NOON).at(NOON + timedelta(days=2))
    assert runs(crm)[-1][0] == "failed"
    assert "no active account" in runs(crm)[-1][1]


def test_a_record_that_is_new_or_changed_starts_a_run(make: Make) -> None:
    crm = make({"type": "record.created_or_updated", "object": "task", "fields": ["due"]})
    record = task(crm, date(2026, 1, 1))
    crm.update(record.ref, {"name": "other"}, crm.rep)
    crm.update(record.ref, {"due": "2026-02-01"}, crm.rep)
    Relay(crm.workspace, lambda: None).drain()
    assert len(runs(crm)) == 2


BY_HAND: dict[str, Any] = {"type": "manual", "object": "task", "when": "not done"}


def start(crm: Automated, who: UserActor, *records: Record) -> int:
    with crm.work(who) as work:
        return start_by_hand(work, "it", [record.ref for record in records])


def test_who_starts_a_run_by_hand_is_whom_it_acts_as(make: Make) -> None:
    crm = make(BY_HAND)
    record = task(crm, date(2026, 1, 1))
    other = crm.user("Olga")
    assert start(crm, other, record) == 1
    run = next_run(crm)
    assert run.run.runner == str(other.user_id)
    assert run.blocks
    execute_step(crm.workspace, StepInput(run.run, run.blocks[0], "mark"))
    assert crm.get(record.ref).name == "seen"


def test_only_records_that_are_seen_and_fit_start_runs_by_hand(make: Make) -> None:
    crm = make(BY_HAND)
    open_one, done_one = task(crm, date(2026, 1, 1)), task(crm, date(2026, 1, 1), done=True)
    assert start(crm, crm.rep, open_one, done_one) == 1
    with pytest.raises(DoesNotApply):
        start(crm, crm.rep, done_one)
    with pytest.raises(NotFound):
        start(crm, crm.user("Sam", role="nobody"), open_one)
    with crm.work(crm.rep) as work, pytest.raises(NotFound):
        start_by_hand(work, "other", [open_one.ref])
    with crm.work(crm.rep) as work:
        assert [each.name for each in startable(work, "task")] == ["it"]
        assert startable(work, "deal") == []


def test_only_the_named_roles_start_it(make: Make) -> None:
    crm = make({**BY_HAND, "roles": ["clerk"]})
    record = task(crm, date(2026, 1, 1))
    with pytest.raises(Forbidden):
        start(crm, crm.rep, record)
    with crm.work(crm.rep) as work:
        assert startable(work, "task") == []
    assert start(crm, crm.user("Carl", role="clerk"), record) == 1


def test_what_pauses_is_not_started_by_hand(make: Make) -> None:
    crm = make(BY_HAND)
    record = task(crm, date(2026, 1, 1))
    with crm.work() as work:
        pause(work, "it", keeps=False)
    with pytest.raises(DoesNotApply, match="pauses"):
        start(crm, crm.rep, record)


def test_a_signal_starts_what_waits_for_it(make: Make) -> None:
    crm = make({"type": "signal", "object": "task", "signal": "signed"})
    record = task(crm, date(2026, 1, 1))
    with crm.work(crm.rep) as work:
        assert (send_signal(work, "signed", record.ref), send_signal(work, "other", record.ref)) == (1, 0)
    with crm.work(crm.user("Sam", role="nobody")) as work, pytest.raises(NotFound):
        send_signal(work, "signed", record.ref)


def test_automations_are_started_over_the_api(make: Make) -> None:
    crm = make(BY_HAND)
    record = task(crm, date(2026, 1, 1))
    client = Api(crm).client("max")
    path = "/api/v1/objects/task"
    assert [each["name"] for each in client.get(f"{path}/automations").json()["automations"]] == ["it"]
    assert client.post(f"{path}/records/{record.ref.id}/automations/it", json={}).json() == {"started": 1}
    assert client.post(f"{path}/records/{record.ref.id}/automations/other", json={}).status_code == 404
    assert client.post(f"{path}/records/{record.ref.id}/signals/x", json={}).json() == {"started": 0}
    assert client.post(f"{path}/automations/it", json={"ids": [str(record.ref.id)]}).json() == {"started": 1}
    assert len(runs(crm)) == 2


def test_what_a_workflow_of_ours_asked_over_the_api_counts_on(make: Make) -> None:
    crm = make({"type": "record.updated", "object": "task", "fields": ["due"]})
    record = task(crm, date(2026, 1, 1))
    client = Api(crm).client("max")
    path = f"/api/v1/objects/task/records/{record.ref.id}"
    for day, depth in enumerate(("2", "x", "5"), 1):
        changed = {"values": {"due": f"2026-02-0{day}"}}
        assert client.patch(path, json=changed, headers={DEPTH: depth}).status_code == 200
    Relay(crm.workspace, lambda: None).drain()
    with crm.work() as work:
        rows = work.connection.execute(text("SELECT depth, error FROM crm.run ORDER BY id")).all()
    assert [(row.depth, row.error.partition(":")[0]) for row in rows] == [(3, ""), (0, ""), (6, "loop_stopped")]
