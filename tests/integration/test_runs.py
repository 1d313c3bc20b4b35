"""The inspector: what runs did is told, to whom, and what an administrator can do about it."""

from collections.abc import Callable
from datetime import timedelta
from typing import Any
from uuid import UUID

import pytest
from sqlalchemy import text

from crm_app.automation.execution import RunEnded, end_run, execute_step
from crm_app.automation.messages import RunInput, RunOutcome, StepInput
from crm_app.automation.relay import Relay
from crm_app.automation.starting import Versions
from crm_app.kernel.actor import UserActor
from crm_app.kernel.errors import Forbidden, Invalid
from crm_app.services.automation_pauses import pause, pauses, resume
from crm_app.services.automation_starts import claim_pending, mark_started
from crm_app.services.record_query import RecordQuery
from crm_app.services.run_actions import WrongMoment, cancel_run, reassign_run, rerun, retry_run
from crm_app.services.run_details import BlockOfRun, RunDetail, read_run
from crm_app.services.run_lists import CLOSED, RunFilter, list_runs
from tests.builders import role_body
from tests.workflows.builders import FOLLOW_UP, WON, Automated, automation, deals_and_tasks

LEASE = timedelta(seconds=10)
MARK: dict[str, Any] = {"id": "mark", "type": "update", "values": {"note": "if amount > 5 USD then 'big' else 'small'"}}
BREAK: dict[str, Any] = {"id": "break", "type": "update", "values": {"name": "note"}}
Make = Callable[..., Automated]


def win(crm: Automated, name: str = "Acme", **values: Any) -> UUID:
    deal = crm.create("deal", crm.rep, name=name, stage="engaging", **values)
    crm.update(deal.ref, {"stage": "won"}, crm.rep)
    Relay(crm.workspace, lambda: None).drain()
    return deal.ref.id


def claimed(crm: Automated) -> list[RunInput]:
    """What Temporal would get now."""
    with crm.work() as work:
        runs = list(claim_pending(work, 10, LEASE).runs)
        mark_started(work, [run.id for run in runs])
    return [Versions(crm.workspace).run_input(run) for run in runs]


def execute(crm: Automated, run: RunInput) -> None:
    """As the workflow does it: block by block, until one fails."""
    for block in run.blocks or ():
        step = StepInput(run.run, block, block.id)
        try:
            execute_step(crm.workspace, step)
        except (Invalid, Forbidden) as error:
            outcome = RunOutcome(run.run, "failed", str(error), error.code, path=block.id, step_type=block.type)
            end_run(crm.workspace, outcome)
            return
    end_run(crm.workspace, RunOutcome(run.run, "finished"))


def detail(crm: Automated, run: RunInput | UUID, actor: Any = None) -> RunDetail:
    identifier = run if isinstance(run, UUID) else UUID(run.run.id)
    with crm.work(actor or _admin(crm)) as work:
        return read_run(work, identifier)


def _admin(crm: Automated) -> UserActor:
    if not hasattr(crm, "admin"):
        crm.admin = crm.user("Ada", "admin")  # type: ignore[attr-defined]
    return crm.admin  # type: ignore[attr-defined]


def block(run: RunDetail, name: str) -> BlockOfRun:
    return next(each for each in run.blocks if each.id == name)


def audited(crm: Automated) -> list[str]:
    with crm.work() as work:
        names = text("SELECT name FROM crm.audit WHERE object = 'automation' ORDER BY id")
        return list(work.connection.execute(names).scalars())


def test_a_run_tells_what_each_block_got_gave_and_why(make: Make) -> None:
    crm = make(MARK, FOLLOW_UP)
    win(crm, amount="9 USD")
    (run,) = claimed(crm)
    before = detail(crm, run)
    assert (before.line.status, [each.status for each in before.blocks]) == ("started", ["none", "none"])
    execute(crm, run)
    after = detail(crm, run)
    assert (after.line.status, after.line.record_name, after.event) == ("finished", "Acme", "record.updated")
    (once,) = block(after, "mark").times
    assert once.input["values/note"].value == "“big”"
    parts = [(each.text, each.truth or each.value) for each in once.traces["values/note"]]
    assert ("amount > 5 USD", "true") in parts
    assert ("amount", "9 USD") in parts
    assert (once.attempts, once.failures, once.error) == (1, [], "")
    assert once.started_at <= once.at
    (made,) = block(after, "follow_up").times
    assert set(made.output) == {"id"}
    assert made.input["values/due"].text == "today + P7D"


def test_what_is_unknown_is_told_as_unknown(make: Make) -> None:
    crm = make(MARK)
    win(crm)
    (run,) = claimed(crm)
    execute(crm, run)
    (once,) = block(detail(crm, run), "mark").times
    assert [each.truth for each in once.traces["values/note"] if each.text == "amount > 5 USD"] == ["unknown"]


def test_a_failed_run_goes_on_from_the_step_that_failed(make: Make) -> None:
    crm = make(FOLLOW_UP, BREAK)
    deal = win(crm)
    (run,) = claimed(crm)
    execute(crm, run)
    failed = detail(crm, run)
    assert (failed.line.status, failed.can.retry, failed.can.cancel) == ("failed", True, False)
    assert "Name" in failed.line.error
    assert [each.status for each in failed.blocks] == ["finished", "failed"]
    assert block(failed, "break").times[0].input["values/name"].value == ""
    with crm.work() as work:
        work.connection.execute(text("UPDATE data.deal SET note = 'Better' WHERE id = :id"), {"id": deal})
    with crm.work(_admin(crm)) as work:
        retry_run(work, UUID(run.run.id))
    (again,) = claimed(crm)
    assert again.run.id == run.run.id
    execute(crm, again)
    done = detail(crm, run)
    assert (done.line.status, done.line.error, done.line.attempt) == ("finished", "", 2)
    once = block(done, "break").times[0]
    assert (once.attempts, len(once.failures), once.error) == (2, 1, "")
    assert crm.count(RecordQuery("task")) == 1
    assert audited(crm) == ["run.retried"]
    with crm.work(_admin(crm)) as work, pytest.raises(WrongMoment, match="failed or was cancelled"):
        retry_run(work, UUID(run.run.id))


def test_a_cancelled_run_does_nothing_more_and_can_go_on(make: Make) -> None:
    crm = make(FOLLOW_UP, MARK)
    win(crm)
    (run,) = claimed(crm)
    assert run.blocks
    execute_step(crm.workspace, StepInput(run.run, run.blocks[0], "follow_up"))
    with crm.work(_admin(crm)) as work:
        cancel_run(work, UUID(run.run.id))
    with pytest.raises(RunEnded):
        execute_step(crm.workspace, StepInput(run.run, run.blocks[1], "mark"))
    end_run(crm.workspace, RunOutcome(run.run, "failed", "This run has already ended.", "run_ended"))
    cancelled = detail(crm, run)
    assert (cancelled.line.status, cancelled.line.error) == ("cancelled", "cancelled: Cancelled by Ada.")
    with crm.work(_admin(crm)) as work:
        retry_run(work, UUID(run.run.id))
    execute(crm, claimed(crm)[0])
    assert detail(crm, run).line.status == "finished"
    assert crm.count(RecordQuery("task")) == 1
    assert audited(crm) == ["run.cancelled", "run.retried"]


def test_a_run_under_way_acts_as_whom_it_is_given_to(make: Make) -> None:
    crm = make(MARK)
    win(crm)
    (run,) = claimed(crm)
    other = crm.user("Olga")
    with crm.work(_admin(crm)) as work:
        reassign_run(work, UUID(run.run.id), other.user_id)
    with crm.work() as work:
        work.connection.execute(text("UPDATE crm.app_user SET is_active = false WHERE name = 'Rita'"))
        work.connection.execute(text("UPDATE crm.workspace SET access_version = access_version + 1"))
    execute(crm, run)
    assert (detail(crm, run).line.status, detail(crm, run).runner_name) == ("finished", "Olga")
    with crm.work(_admin(crm)) as work, pytest.raises(Invalid, match="active account"):
        reassign_run(work, UUID(run.run.id), crm.rep.user_id)


def test_a_run_can_be_done_again_as_another_run(make: Make) -> None:
    crm = make(FOLLOW_UP)
    win(crm)
    (run,) = claimed(crm)
    with crm.work(_admin(crm)) as work, pytest.raises(WrongMoment, match="not ended"):
        rerun(work, UUID(run.run.id))
    execute(crm, run)
    with crm.work(_admin(crm)) as work:
        made = rerun(work, UUID(run.run.id))
    (again,) = claimed(crm)
    assert UUID(again.run.id) == made
    execute(crm, again)
    assert (detail(crm, made).line.status, detail(crm, made).line.rerun_of) == ("finished", UUID(run.run.id))
    assert crm.count(RecordQuery("task")) == 2


def test_a_run_that_is_done_again_has_the_time_and_the_records_of_the_live_version(make: Make) -> None:
    crm = make(FOLLOW_UP)
    win(crm)
    (run,) = claimed(crm)
    execute(crm, run)
    crm.publish(deals_and_tasks(automation("won", WON, FOLLOW_UP, limits={"deadline": "P2D"})))
    with crm.work(_admin(crm)) as work:
        made = rerun(work, UUID(run.run.id))
        left = text("SELECT deadline - created_at FROM crm.run WHERE id = :run")
        assert work.connection.execute(left, {"run": made}).scalar_one() == timedelta(days=2)
    for trigger in ({"type": "record.created", "object": "task"}, {**WON, "batch": True}):
        crm.publish(deals_and_tasks(automation("won", trigger, {"id": "no", "type": "fail", "message": "'No'"})))
        with crm.work(_admin(crm)) as work, pytest.raises(WrongMoment, match="other records"):
            rerun(work, UUID(run.run.id))


def test_while_an_automation_pauses_its_events_wait_or_are_passed_over(make: Make) -> None:
    crm = make(FOLLOW_UP)
    win(crm, "Before")
    admin = _admin(crm)
    with crm.work(admin) as work:
        pause(work, "won", keeps=True)
    win(crm, "Kept")
    assert claimed(crm) == []
    with crm.work(admin) as work:
        pause(work, "won", keeps=False)
    win(crm, "Skipped")
    with crm.work(admin) as work:
        assert pauses(work)["won"].waiting == 2
        assert [line.is_held for line in list_runs(work, RunFilter()).runs] == [True, True]
        assert resume(work, "won") == 2
    assert len(claimed(crm)) == 2
    with crm.work(admin) as work:
        pause(work, "won", keeps=True)
    win(crm, "Dropped")
    with crm.work(admin) as work:
        assert resume(work, "won", drops=True) == 1
    assert claimed(crm) == []
    with crm.work(admin) as work:
        assert [line.record_name for line in list_runs(work, RunFilter(status="cancelled")).runs] == ["Dropped"]
    assert audited(crm) == ["automation.paused"] * 2 + ["automation.resumed", "automation.paused", "automation.resumed"]


def test_runs_are_listed_newest_first_page_by_page(make: Make) -> None:
    crm = make(FOLLOW_UP)
    deals = [win(crm, f"Deal {number}") for number in range(5)]
    with crm.work(_admin(crm)) as work:
        first = list_runs(work, RunFilter(limit=3))
        second = list_runs(work, RunFilter(limit=3, after=first.after))
        assert [line.record_name for line in [*first.runs, *second.runs]] == [f"Deal {n}" for n in (4, 3, 2, 1, 0)]
        assert second.after is None
        assert [line.ref.id for line in list_runs(work, RunFilter(record=first.runs[1].ref)).runs] == [deals[3]]
        assert list_runs(work, RunFilter(automation="other")).runs == []
        assert list_runs(work, RunFilter(status="failed")).runs == []
        assert len(list_runs(work, RunFilter(since=first.runs[2].at)).runs) == 3
        assert len(list_runs(work, RunFilter(until=first.runs[2].at)).runs) == 2


def test_only_who_administers_automations_sees_runs(make: Make) -> None:
    crm = make(FOLLOW_UP)
    win(crm)
    (run,) = claimed(crm)
    for act in (
        lambda work: list_runs(work, RunFilter()),
        lambda work: read_run(work, UUID(run.run.id)),
        lambda work: cancel_run(work, UUID(run.run.id)),
        lambda work: pause(work, "won", keeps=True),
    ):
        with crm.work(crm.rep) as work, pytest.raises(Forbidden):
            act(work)


def test_an_administrator_sees_of_a_run_only_what_they_may_see_of_its_record(make: Make) -> None:
    crm = make(MARK)
    package = deals_and_tasks(automation("won", WON, MARK))
    levels = [{"object": "deal", "field": "amount", "level": "none"}]
    everything = {"objects": ["deal", "task"], "actions": ["read"]}
    keeper = role_body("keeper", everything, {"objects": ["*"], "actions": ["administer"]}, field_levels=levels)
    roles = (*package.roles, type(package.roles[0]).model_validate(keeper))
    crm.publish(package.model_copy(update={"roles": roles}))
    win(crm, amount="9 USD")
    (run,) = claimed(crm)
    execute(crm, run)
    (once,) = block(detail(crm, run, crm.user("Kim", "keeper")), "mark").times
    assert [(each.truth, each.value) for each in once.traces["values/note"] if "amount" in each.text] == [("", "")] * 3
    assert all(each.is_closed for each in once.traces["values/note"] if "amount" in each.text)


def test_an_error_that_may_tell_of_what_is_closed_is_told_by_its_code(make: Make) -> None:
    refuse = {"id": "refuse", "type": "fail", "message": "'Too much: ' & text(amount)"}
    crm, package = make(refuse), deals_and_tasks(automation("won", WON, refuse))
    levels = [{"object": "deal", "field": "amount", "level": "none"}]
    everything = {"objects": ["deal", "task"], "actions": ["read"]}
    keeper = role_body("keeper", everything, {"objects": ["*"], "actions": ["administer"]}, field_levels=levels)
    crm.publish(package.model_copy(update={"roles": (*package.roles, type(package.roles[0]).model_validate(keeper))}))
    win(crm, amount="9 USD")
    (run,) = claimed(crm)
    execute(crm, run)
    for actor, told in ((_admin(crm), "Too much: 9 USD"), (crm.user("Kim", "keeper"), CLOSED)):
        seen = detail(crm, run, actor)
        (once,) = block(seen, "refuse").times
        assert {error.partition(": ")[2] for error in (once.error, seen.line.error)} == {told}
        with crm.work(actor) as work:
            assert list_runs(work, RunFilter()).runs[0].error == seen.line.error
