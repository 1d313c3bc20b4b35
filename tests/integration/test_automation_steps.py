"""What a step does to records: once, with its runner's rights as they are now, or not at all."""

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from datetime import timedelta
from uuid import UUID

import pytest
from sqlalchemy import text

from crm_app.automation.execution import RunEnded, RunnerGone, end_run, execute_step
from crm_app.automation.messages import RunInput, RunOutcome, StepInput
from crm_app.automation.relay import Relay
from crm_app.automation.starting import Versions
from crm_app.definitions.load import load_package
from crm_app.kernel.errors import Forbidden, Invalid
from crm_app.kernel.events import RecordRef
from crm_app.services.automation_starts import claim_pending
from crm_app.services.pipelines import moves_of
from crm_app.services.record_query import RecordQuery
from crm_app.services.timeline import timeline
from tests.builders import STAGES
from tests.workflows.builders import FOLLOW_UP, WON, Automated, automation, deals_and_tasks
from tests.workflows.runs import LEASE, won_run

Make = Callable[..., Automated]


def first_step(run: RunInput) -> StepInput:
    assert run.blocks
    return StepInput(run.run, run.blocks[0], run.blocks[0].id)


def tasks(crm: Automated) -> int:
    return crm.count(RecordQuery("task"))


def test_a_step_makes_a_record_from_the_record_that_started_the_run(make: Make) -> None:
    crm = make(FOLLOW_UP)
    run = won_run(crm)
    result = execute_step(crm.workspace, first_step(run))
    task = crm.get(RecordRef("task", UUID(result.output["id"])), crm.rep)
    assert task.name == "Follow up: Acme"
    assert (str(task.values["deal"]), task.values["owner"]) == (run.run.record, crm.rep.user_id)
    assert task.values["due"] == task.values["created_at"].date() + timedelta(days=7)
    with crm.work(crm.rep) as work:
        created = [entry for entry in timeline(work, task.ref) if entry.kind == "created"]
    assert [entry.actor for entry in created] == ["Won"]


def test_a_step_delivered_twice_gives_the_same_answer_and_one_effect(make: Make) -> None:
    crm = make(FOLLOW_UP)
    step = first_step(won_run(crm))
    assert execute_step(crm.workspace, step) == execute_step(crm.workspace, step)
    assert tasks(crm) == 1


def test_a_step_delivered_twice_at_the_same_time_has_one_effect(make: Make) -> None:
    crm = make(FOLLOW_UP)
    step = first_step(won_run(crm))
    with ThreadPoolExecutor(4) as threads:
        results = list(threads.map(lambda _: execute_step(crm.workspace, step), range(4)))
    assert len({result.output["id"] for result in results}) == 1
    assert tasks(crm) == 1


def test_another_iteration_is_another_effect(make: Make) -> None:
    crm = make(FOLLOW_UP)
    step = first_step(won_run(crm))
    execute_step(crm.workspace, step)
    execute_step(crm.workspace, replace(step, iteration=1))
    assert tasks(crm) == 2


def test_a_later_step_uses_what_an_earlier_one_made(make: Make) -> None:
    finish = {"id": "finish", "type": "update", "record": "steps.follow_up.id", "values": {"done": "true"}}
    crm = make(FOLLOW_UP, finish)
    run = won_run(crm)
    assert run.blocks
    made = execute_step(crm.workspace, first_step(run))
    execute_step(crm.workspace, StepInput(run.run, run.blocks[1], "finish", outputs={"follow_up": made.output}))
    assert crm.get(RecordRef("task", UUID(made.output["id"]))).values["done"] is True


def test_rights_are_those_of_the_owner_at_the_time_of_the_step(make: Make) -> None:
    crm = make(FOLLOW_UP)
    step = first_step(won_run(crm))
    with crm.work() as work:
        work.connection.execute(text("UPDATE crm.user_role SET role = 'clerk'"))
    with pytest.raises(Forbidden, match="doesn't let you create tasks"):
        execute_step(crm.workspace, step)
    assert tasks(crm) == 0
    with crm.work() as work:
        assert work.connection.execute(text("SELECT count(*) FROM crm.effect")).scalar_one() == 0


def test_a_field_that_the_owner_may_not_read_is_empty_for_the_step(make: Make) -> None:
    reveal = {**FOLLOW_UP, "values": {"name": "if secret is empty then 'nothing' else secret"}}
    crm = make(reveal)
    step = first_step(won_run(crm))
    crm.update(RecordRef("deal", UUID(step.run.record)), {"secret": "the price"})
    result = execute_step(crm.workspace, step)
    assert crm.get(RecordRef("task", UUID(result.output["id"]))).name == "nothing"


def test_a_runner_whose_account_was_closed_can_do_nothing(make: Make) -> None:
    crm = make(FOLLOW_UP)
    step = first_step(won_run(crm))
    with crm.work() as work:
        work.connection.execute(text("UPDATE crm.app_user SET is_active = false"))
    with pytest.raises(RunnerGone):
        execute_step(crm.workspace, step)


def test_whoever_comes_after_the_end_of_a_run_is_too_late(make: Make) -> None:
    crm = make(FOLLOW_UP)
    step = first_step(won_run(crm))
    end_run(crm.workspace, RunOutcome(step.run, "failed", "Enough.", "enough", path="follow_up", step_type="create"))
    with pytest.raises(RunEnded):
        execute_step(crm.workspace, step)
    end_run(crm.workspace, RunOutcome(step.run, "finished"))
    assert tasks(crm) == 0
    with crm.work() as work:
        row = work.connection.execute(text("SELECT status, error FROM crm.run")).one()
        noted = work.connection.execute(text("SELECT path, status, error FROM crm.run_step")).one()
    assert tuple(row) == ("failed", "enough: Enough.")
    assert tuple(noted) == ("follow_up", "failed", "enough: Enough.")


def test_a_run_keeps_the_version_that_it_started_with(make: Make) -> None:
    crm = make(FOLLOW_UP)
    deal = crm.create("deal", crm.rep, name="Acme", stage="won")
    crm.update(deal.ref, {"stage": "lost"}, crm.rep)
    crm.update(deal.ref, {"stage": "won"}, crm.rep)
    Relay(crm.workspace, lambda: None).drain()
    renamed = {**FOLLOW_UP, "values": {"name": "'New: ' & name"}}
    crm.publish(deals_and_tasks(automation("won", WON, renamed)))
    with crm.work() as work:
        (run,) = claim_pending(work, 10, LEASE).runs
    result = execute_step(crm.workspace, first_step(Versions(crm.workspace).run_input(run)))
    assert crm.get(RecordRef("task", UUID(result.output["id"]))).name == "Follow up: Acme"


def test_a_gate_holds_for_a_step_and_what_it_moves_is_on_record(make: Make) -> None:
    crm = make({"id": "reopen", "type": "update", "values": {"stage": "'engaging'"}})
    step = first_step(won_run(crm))
    body = next(each for each in deals_and_tasks().objects if each.name == "deal").canonical()
    kinds = {"won": "won", "lost": "lost"}
    stages = [{"name": name, "kind": kinds.get(name, "open")} for name in STAGES]
    body["pipelines"] = [{"name": "sales", "label": "Sales", "field": "stage", "back": False, "stages": stages}]
    crm.publish(load_package({"objects": {"objects/deal.json": body}}))
    with pytest.raises(Invalid, match="What is won stays so"):
        execute_step(crm.workspace, step)
    body["pipelines"][0]["back"] = True
    crm.publish(load_package({"objects": {"objects/deal.json": body}}))
    execute_step(crm.workspace, step)
    with crm.work() as work:
        (move,) = moves_of(work, RecordRef("deal", UUID(step.run.record)))
    assert (move.from_stage, move.to_stage, move.by, move.seconds) == ("won", "engaging", "won", None)
