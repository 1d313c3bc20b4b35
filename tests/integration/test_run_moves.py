"""Runs that wait, moved to the live version of their automation: which, what becomes of them, and who may."""

import time
from collections.abc import Callable, Iterator
from typing import Any
from uuid import UUID

import pytest
from sqlalchemy import text

from crm_app.automation.execution import RunEnded, end_run, execute_step, keep_failure
from crm_app.automation.messages import RunInput, RunOutcome, StepFailure, StepInput
from crm_app.automation.moving import movable, move, runs_left_behind
from crm_app.kernel.actor import UserActor
from crm_app.kernel.errors import Forbidden, NotFound
from crm_app.services.record_query import RecordQuery
from crm_app.services.run_actions import retry_run
from crm_app.services.unit_of_work import UnitOfWork
from tests.integration.test_runs import claimed, detail, win
from tests.workflows.blocks import no, task
from tests.workflows.builders import WON, Automated, automation, deals_and_tasks

HOLD: dict[str, Any] = {"id": "hold", "type": "wait", "duration": "P1D"}
OLD = [task("first"), HOLD, task("last")]
Make = Callable[..., Automated]


@pytest.fixture
def make(database_url: str) -> Iterator[Make]:
    made: list[Automated] = []

    def build(*steps: dict[str, Any]) -> Automated:
        made.append(Automated(database_url, automation("won", WON, *(steps or OLD))))
        return made[-1]

    yield build
    for crm in made:
        crm.close()


def publish(crm: Automated, *steps: dict[str, Any], **more: Any) -> None:
    crm.publish(deals_and_tasks(automation("won", WON, *steps, **more)))


def admin(crm: Automated) -> UserActor:
    with crm.work() as work:
        found = work.connection.execute(text("SELECT id FROM crm.app_user WHERE name = 'Ada'")).scalar_one_or_none()
    return UserActor(found) if found else crm.user("Ada", "admin")


def begun(crm: Automated) -> RunInput:
    """A run that waits at the first of its blocks that waits."""
    win(crm)
    (run,) = claimed(crm)
    for block in run.blocks or ():
        execute_step(crm.workspace, StepInput(run.run, block, block.id, hint={"workflow": "run/x"}))
        if block.type == "wait":
            break
    return run


def row(crm: Automated, run: RunInput) -> Any:
    with crm.work() as work:
        query = text("SELECT *, deadline - created_at AS longest FROM crm.run WHERE id = :run")
        return work.connection.execute(query, {"run": run.run.id}).one()


def moved(crm: Automated, *runs: RunInput) -> list[tuple[bool, tuple[str, ...]]]:
    with crm.work(admin(crm)) as work:
        done = move(work, "won", [UUID(run.run.id) for run in runs] or None)
    return [(each.moved, each.reasons) for each in done]


def test_a_run_that_waits_goes_on_with_the_live_version_and_nobody_goes_on_with_the_old_one(make: Make) -> None:
    crm = make()
    run = begun(crm)
    assert run.blocks
    publish(crm, *OLD[:2], task("new"), limits={"deadline": "P30D"})
    with crm.work(admin(crm)) as work:
        assert runs_left_behind(work) == {"won": 1}
        found = movable(work, "won")
        assert (found.by_version, [each.waits_at for each in found.runs]) == ({found.runs[0].version: 1}, ["hold"])
        assert found.runs[0].version < found.version
    assert moved(crm) == [(True, ())]
    after = row(crm, run)
    assert (after.status, after.resting, after.input["restarts"], after.longest.days) == ("pending", False, 1, 30)
    settle = StepInput(run.run, run.blocks[1], "hold!", hint={"settle": True})
    for step in (settle, StepInput(run.run, run.blocks[2], "last")):
        with pytest.raises(RunEnded):
            execute_step(crm.workspace, step)
    with pytest.raises(RunEnded, match="another version"):
        keep_failure(crm.workspace, StepFailure(settle, "No", "no"))
    end_run(crm.workspace, RunOutcome(run.run, "failed", "This run has ended meanwhile.", "run_ended"))
    (again,) = claimed(crm)
    assert (again.run.id, again.run.restarts, [each.id for each in again.blocks or ()]) == (
        run.run.id, 1, ["first", "hold", "new"],
    )  # fmt: skip
    assert detail(crm, again, admin(crm)).is_live_version
    assert crm.count(RecordQuery("task")) == 1
    with crm.work() as work:
        said = text("SELECT changes FROM crm.audit WHERE name = 'run.moved'")
        changes = work.connection.execute(said).scalar_one()
    assert (changes["from"][1], changes["to"][1]) == (run.run.automation_hash, again.run.automation_hash)
    assert moved(crm) == []


def test_what_does_not_fit_stays_as_it_is_with_the_reasons(make: Make) -> None:
    crm = make()
    run = begun(crm)
    before = row(crm, run)
    publish(crm, OLD[0], task("new"), *OLD[1:])
    number = movable_version(crm)
    assert moved(crm) == [(False, (f"“new” stands before “hold” in version {number}, and this run has not done it.",))]
    assert row(crm, run) == before
    publish(crm, *OLD, limits={"deadline": "PT1M"})
    with crm.work() as work:
        work.connection.execute(text("UPDATE crm.run SET created_at = created_at - interval '1 hour'"))
    assert "takes longer already" in moved(crm, run)[0][1][0]


def movable_version(crm: Automated) -> int:
    with crm.work(admin(crm)) as work:
        return movable(work, "won").version


def test_a_run_that_has_not_begun_moves_and_one_that_is_just_being_handed_over_does_not(make: Make) -> None:
    crm = make()
    win(crm, "A")
    publish(crm, task("new"), *OLD)
    with crm.work() as work:
        work.connection.execute(text("UPDATE crm.run SET touched_at = created_at + interval '1 second'"))
    assert "just about to begin" in moved(crm)[0][1][0]
    with crm.work() as work:
        work.connection.execute(text("UPDATE crm.run SET touched_at = created_at"))
    assert moved(crm) == [(True, ())]
    (run,) = claimed(crm)
    assert [each.id for each in run.blocks or ()] == ["new", "first", "hold", "last"]


def test_a_run_that_failed_is_moved_only_when_it_is_named_and_waits_to_be_let_on(make: Make) -> None:
    crm = make(task("first"), no())
    run = begun_and_failed(crm)
    publish(crm, task("first"), task("instead"))
    with crm.work(admin(crm)) as work:
        assert (runs_left_behind(work), len(movable(work, "won").runs)) == ({}, 1)
    assert moved(crm) == []
    assert moved(crm, run) == [(True, ())]
    assert row(crm, run).status == "failed"
    with crm.work(admin(crm)) as work:
        retry_run(work, UUID(run.run.id))
    (again,) = claimed(crm)
    assert [each.id for each in again.blocks or ()] == ["first", "instead"]


def begun_and_failed(crm: Automated) -> RunInput:
    run = begun_to_fail(crm)
    end_run(crm.workspace, RunOutcome(run.run, "failed", "No", "failed", path="no", step_type="fail"))
    return run


def begun_to_fail(crm: Automated) -> RunInput:
    win(crm)
    (run,) = claimed(crm)
    assert run.blocks
    execute_step(crm.workspace, StepInput(run.run, run.blocks[0], "first"))
    return run


def test_only_who_administers_automations_moves_runs_and_only_of_what_is_live(make: Make) -> None:
    crm = make()
    run = begun(crm)
    acts: list[Callable[[UnitOfWork], object]] = [
        lambda work: movable(work, "won"),
        lambda work: move(work, "won"),
        runs_left_behind,
    ]
    for act in acts:
        with crm.work(crm.rep) as work, pytest.raises(Forbidden):
            act(work)
    with crm.work(admin(crm)) as work, pytest.raises(NotFound):
        movable(work, "nothing")
    assert moved(crm, run) == []


def test_hundreds_of_runs_move_at_once(make: Make) -> None:
    crm = make()
    run = begun(crm)
    copies = {"run": run.run.id, "count": 400}
    with crm.work() as work:
        work.connection.execute(
            text("INSERT INTO crm.run SELECT (jsonb_populate_record(r, jsonb_build_object('id', gen_random_uuid(), "
                 "'event', gen_random_uuid()))).* FROM crm.run r, generate_series(1, :count) WHERE r.id = :run"),
            copies,
        )  # fmt: skip
        work.connection.execute(
            text("INSERT INTO crm.effect SELECT r.id, e.path, e.iteration, e.output, e.at FROM crm.run r, crm.effect e "
                 "WHERE e.run = :run AND r.id <> :run"),
            copies,
        )  # fmt: skip
    publish(crm, *OLD, task("new"))
    before = time.monotonic()
    done = moved(crm)
    assert (len(done), {each for each, _ in done}) == (401, {True})
    assert time.monotonic() - before < 20


def test_a_wait_that_is_over_is_one_block_of_the_run(make: Make) -> None:
    crm = make()
    run = begun(crm)
    assert run.blocks
    with crm.work() as work:
        work.connection.execute(text("UPDATE crm.run_wait SET until = now() - interval '1 second'"))
    execute_step(crm.workspace, StepInput(run.run, run.blocks[1], "hold!", hint={"settle": True}))
    shown = detail(crm, run, admin(crm)).blocks
    assert [(each.id, each.status, len(each.times)) for each in shown] == [
        ("first", "finished", 1), ("hold", "finished", 1), ("last", "none", 0),
    ]  # fmt: skip
    assert shown[1].times[0].output["until"]
