"""What a run waits for comes once, and never early."""

from datetime import UTC, date, datetime, time, timedelta
from uuid import UUID

import pytest
from sqlalchemy import text

from crm_app.automation.control.wait_until import moment_of
from crm_app.definitions.model import changed
from crm_app.definitions.package import Package
from crm_app.kernel import clock
from crm_app.services.automation_starts import expire_runs, start_again
from crm_app.services.automation_waits import rest
from tests.workflows.blocks import branch, side_by_side, task, tasks, win
from tests.workflows.builders import WON, automation, deals_and_tasks
from tests.workflows.conftest import Running
from tests.workflows.engine import Engine, settled, wait_until

ANSWERED = {"id": "answered", "type": "wait_for", "object": "task", "match": "deal = vars.record and done"}


def one(at: Engine, statement: str) -> object:
    with at.crm.work() as work:
        return work.connection.execute(text(statement)).scalar_one()


def without_note(package: Package) -> Package:
    deal, task = package.objects
    fields = tuple(changed(each, archived=each.name == "note") for each in deal.fields)
    return package.with_kind("objects", [changed(deal, fields=fields), task])


async def test_a_wait_is_as_long_as_it_says(running: Running) -> None:
    async with running({"id": "hold", "type": "wait", "duration": "PT1.5S"}, task("after")) as at:
        win(at)
        before = clock.now()
        assert await at.run() == "finished"
        assert clock.now() - before >= timedelta(seconds=1.5)
        assert one(at, "SELECT extract(epoch FROM max(e.at) - min(e.at)) >= 1.5 FROM crm.effect e") is True


async def test_a_moment_that_is_over_is_not_waited_for_or_ends_the_run(running: Running) -> None:
    past = {"id": "past", "type": "wait_until", "at": "created_at"}
    stop = {"id": "end", "type": "wait_until", "at": "created_at - P1D", "if_past": "stop"}
    async with running(past, task("went_on"), stop, task("never")) as at:
        win(at)
        assert await at.run() == "finished"
        assert tasks(at) == ["went_on"]


async def test_a_moment_that_moves_is_followed(running: Running) -> None:
    hold = {"id": "hold", "type": "wait_until", "at": "if note = 'now' then now else now + P1D", "recheck": True}
    async with running(hold, task("after")) as at:
        deal = win(at)
        handle = await at.begin()
        await at.comes_to("hold")
        at.crm.update(deal, {"note": "soon"}, at.crm.rep)
        await at.wake()
        at.crm.update(deal, {"note": "now"}, at.crm.rep)
        await at.wake()
        await settled(handle)
        assert at.ended() == "finished"
        assert tasks(at) == ["after"]


async def test_being_woken_uses_up_none_of_the_steps_of_a_run(
    running: Running, monkeypatch: pytest.MonkeyPatch
) -> None:
    """However long its history gets by it."""
    monkeypatch.setattr("workflows.walking.STEPS_OF_A_HISTORY", 4)
    monkeypatch.setattr("workflows.walking.FEWEST_STEPS", 4)
    hold = {"id": "hold", "type": "wait_until", "at": "if note = 'now' then now else now + P1D", "recheck": True}
    async with running(hold, task("after"), limits={"max_steps": 3}) as at:
        deal = win(at)
        handle = await at.begin()
        await at.comes_to("hold")
        for note in ("one", "two", "three", "four", "five", "six"):
            before = one(at, "SELECT until FROM crm.run_wait")
            at.crm.update(deal, {"note": note}, at.crm.rep)
            await at.wake()
            await wait_until(lambda known=before: one(at, "SELECT until FROM crm.run_wait") != known, note)
        at.crm.update(deal, {"note": "now"}, at.crm.rep)
        await at.wake()
        await settled(handle)
        assert at.ended() == "finished"
        assert tasks(at) == ["after"]


async def test_the_fact_that_is_meant_ends_a_wait_and_no_other(running: Running) -> None:
    mark = {"id": "mark", "type": "update", "record": "steps.answered.record", "values": {"name": "'right'"}}
    async with running(ANSWERED, mark) as at:
        deal = win(at)
        early = at.crm.create("task", at.crm.rep, name="early", deal=deal.id)
        handle = await at.begin()
        await at.comes_to("answered")
        assert one(at, "SELECT resting FROM crm.run") is True
        other = at.crm.create("task", at.crm.rep, name="other")
        at.crm.update(other.ref, {"done": True}, at.crm.rep)
        await at.wake()
        assert one(at, "SELECT state FROM crm.run_wait") == "open"
        at.crm.update(early.ref, {"done": True}, at.crm.rep)
        await at.wake()
        await settled(handle)
        assert at.ended() == "finished"
        assert tasks(at) == ["other", "right"]


async def test_the_fact_is_of_the_day_that_it_is_in_the_workspace(running: Running) -> None:
    now = clock.now()
    zone = next(each for each in ("Pacific/Kiritimati", "Etc/GMT+12") if clock.today(each) != now.date())
    async with running({**ANSWERED, "match": "due = today"}, task("after")) as at:
        with at.crm.work() as work:
            work.connection.execute(text("UPDATE crm.workspace SET time_zone = :zone"), {"zone": zone})
        win(at)
        handle = await at.begin()
        await at.comes_to("answered")
        due = at.crm.create("task", at.crm.rep, name="due", due=now.date().isoformat())
        at.crm.update(due.ref, {"done": True}, at.crm.rep)
        await at.wake()
        assert one(at, "SELECT state FROM crm.run_wait") == "open"
        at.crm.update(due.ref, {"due": clock.today(zone).isoformat()}, at.crm.rep)
        await at.wake()
        await settled(handle)
        assert at.ended() == "finished"


async def test_a_run_hears_what_it_waits_for_when_no_live_workflow_listens_any_more(running: Running) -> None:
    hold = {"id": "hold", "type": "wait_until", "at": "if note = 'now' then now else now + P1D", "recheck": True}
    async with running(side_by_side("all", [ANSWERED], [hold]), task("after")) as at:
        deal = win(at)
        handle = await at.begin()
        await at.comes_to("both/answered")
        await at.comes_to("both/hold")
        at.crm.publish(deals_and_tasks(automation("won", WON, task("other"), is_active=False)))
        made = at.crm.create("task", at.crm.rep, name="theirs", deal=deal.id)
        at.crm.update(made.ref, {"done": True}, at.crm.rep)
        at.crm.update(deal, {"note": "now"}, at.crm.rep)
        await at.wake()
        await settled(handle)
        assert at.ended() == "finished"
        at.crm.update(made.ref, {"name": "nobody waits for this"}, at.crm.rep)
        assert one(at, "SELECT count(*) FROM crm.outbox") == 0


async def test_a_rule_that_names_what_was_archived_meanwhile_fails_its_run_and_decides_nothing(
    running: Running,
) -> None:
    async with running(ANSWERED, branch("way", "note = 'x'", [task("yes")], [task("no")])) as at:
        deal = win(at, note="x")
        handle = await at.begin()
        await at.comes_to("answered")
        at.crm.publish(without_note(deals_and_tasks(automation("won", WON, ANSWERED))))
        made = at.crm.create("task", at.crm.rep, name="theirs", deal=deal.id)
        at.crm.update(made.ref, {"done": True}, at.crm.rep)
        await at.wake()
        await settled(handle)
        assert at.ended().startswith("failed broken_automation: `note = 'x'` names `note` of `deal`")
        assert tasks(at) == ["theirs"]


async def test_past_its_timeout_a_wait_goes_another_way(running: Running) -> None:
    waits = {**ANSWERED, "timeout": "PT0.2S", "on_timeout": [task("late")]}
    async with running(waits, task("after", "if steps.answered.timed_out then 'after' else 'no'")) as at:
        win(at)
        assert await at.run() == "finished"
        assert tasks(at) == ["after", "late"]


async def test_an_answer_while_temporal_forgets_the_run_is_taken_when_it_begins_anew(running: Running) -> None:
    async with running(task("before"), ANSWERED, task("after")) as at:
        deal = win(at)
        handle = await at.begin()
        await at.comes_to("answered")
        await handle.terminate()
        made = at.crm.create("task", at.crm.rep, name="theirs", deal=deal.id)
        at.crm.update(made.ref, {"done": True}, at.crm.rep)
        await at.wake()
        with at.crm.work() as work:
            start_again(work, UUID(str(one(at, "SELECT id FROM crm.run"))))
        assert await at.run() == "finished"
        assert tasks(at) == ["after", "before", "theirs"]


async def test_who_waits_beside_others_is_not_taken_for_stalled(running: Running) -> None:
    async with running(side_by_side("all", [ANSWERED], [task("a")])) as at:
        win(at)
        handle = await at.begin()
        await at.comes_to("both/a")
        run = UUID(str(one(at, "SELECT id FROM crm.run")))
        with at.crm.work() as work:
            assert rest(work, run)
        await handle.terminate()


async def test_who_waits_beside_others_is_looked_for_at_once_when_temporal_has_lost_it(running: Running) -> None:
    held = {"id": "held", "type": "wait", "duration": "PT1H"}
    async with running(side_by_side("all", [held], [task("a"), {**held, "id": "too"}])) as at:
        win(at)
        handle = await at.begin()
        await at.comes_to("both/held")
        await at.comes_to("both/too")
        assert one(at, "SELECT resting FROM crm.run") is False
        await handle.terminate()


async def test_a_loser_that_waits_is_let_go(running: Running) -> None:
    async with running(side_by_side("race", [ANSWERED], [task("quick")]), task("after")) as at:
        win(at)
        assert await at.run() == "finished"
        assert tasks(at) == ["after", "quick"]


async def test_a_deadline_ends_a_run_by_its_name(running: Running) -> None:
    async with running(ANSWERED, limits={"deadline": "PT1M"}) as at:
        win(at)
        handle = await at.begin()
        await at.comes_to("answered")
        with clock.frozen(clock.now() + timedelta(minutes=2)), at.crm.work() as work:
            assert expire_runs(work) == 1
        await at.wake()
        await settled(handle)
        assert at.ended().startswith("cancelled deadline:")


@pytest.mark.parametrize(
    ("zone", "day", "at", "moment"),
    [
        ("Europe/Berlin", date(2026, 3, 29), time(2, 30), datetime(2026, 3, 29, 1, 30, tzinfo=UTC)),
        ("Europe/Berlin", date(2026, 10, 25), time(2, 30), datetime(2026, 10, 25, 0, 30, tzinfo=UTC)),
        ("Europe/Berlin", date(2026, 10, 25), time(3, 0), datetime(2026, 10, 25, 2, 0, tzinfo=UTC)),
        ("America/New_York", date(2026, 3, 8), time(2, 0), datetime(2026, 3, 8, 7, 0, tzinfo=UTC)),
        ("America/New_York", date(2026, 11, 1), time(1, 30), datetime(2026, 11, 1, 5, 30, tzinfo=UTC)),
        ("America/Sao_Paulo", date(2018, 11, 4), time(0, 0), datetime(2018, 11, 4, 3, 0, tzinfo=UTC)),
        ("Australia/Lord_Howe", date(2026, 10, 4), time(2, 15), datetime(2026, 10, 3, 15, 45, tzinfo=UTC)),
        ("Pacific/Apia", date(2011, 12, 31), time(0, 0), datetime(2011, 12, 30, 10, 0, tzinfo=UTC)),
        ("Asia/Kathmandu", date(2026, 6, 1), time(9, 0), datetime(2026, 6, 1, 3, 15, tzinfo=UTC)),
    ],
)
def test_a_date_begins_where_the_runner_lives_whatever_the_clocks_do(
    zone: str, day: date, at: time, moment: datetime
) -> None:
    assert moment_of(day, at, zone) == moment
