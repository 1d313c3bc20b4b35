"""Steps that follow each other are done in one transaction, all of them or none; nobody could tell afterwards."""

import re
from collections.abc import Callable, Generator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import replace
from typing import Any
from uuid import UUID, uuid4

import pytest
from sqlalchemy import event, text

from crm_app.automation.catalog import STEP_TYPES
from crm_app.automation.execution import actor_of, execute_step, run_key
from crm_app.automation.messages import RunInput, StepInput, StepResult, StepsInput, StepsResult
from crm_app.automation.together import execute_together
from crm_app.kernel import clock
from crm_app.kernel.events import RecordRef
from crm_app.services.automation_runs import StepSeen, end_soon
from crm_app.services.automation_steps import Did, finish_steps
from crm_app.services.in_time import TooSlow
from crm_app.services.record_query import RecordQuery
from tests.workflows.builders import FOLLOW_UP, Automated
from tests.workflows.runs import won_run

BY: dict[str, Any] = {"id": "by", "type": "set_variable", "variable": "by", "value": "owner.name"}
MARK: dict[str, Any] = {"id": "mark", "type": "update", "values": {"note": "'seen by ' & vars.by"}}
DONE: dict[str, Any] = {"id": "done", "type": "update", "record": "steps.follow_up.id", "values": {"done": "true"}}
AGAIN: dict[str, Any] = {"id": "again", "type": "update", "values": {"note": "note & ', twice'"}}
REFUSED: dict[str, Any] = {"id": "refused", "type": "update", "values": {"name": "''"}}
FIND: dict[str, Any] = {"id": "find", "type": "find", "object": "task"}
NONE = StepsResult([])
IDS = re.compile("[0-9a-f-]{8,}")
Make = Callable[..., Automated]


def all_of(run: RunInput) -> StepsInput:
    assert run.blocks
    return StepsInput(run.run, run.blocks, "", {}, {}, run.blocks[-1].id)


def told(crm: Automated, question: str) -> list[Any]:
    with crm.work() as work:
        return [tuple(row) for row in work.connection.execute(text(question))]


def effects(crm: Automated) -> list[str]:
    return [path for (path,) in told(crm, "SELECT path FROM crm.effect ORDER BY at")]


def runs(crm: Automated) -> list[str]:
    return [status for (status,) in told(crm, "SELECT status FROM crm.run")]


def test_each_step_sees_what_those_before_it_did_and_the_last_ends_the_run(make: Make) -> None:
    crm = make(FOLLOW_UP, BY, MARK, DONE, AGAIN)
    run = won_run(crm)
    result = execute_together(crm.workspace, all_of(run))
    assert result.has_ended
    task = crm.get(RecordRef("task", UUID(result.outputs[0]["id"])))
    deal = crm.get(RecordRef("deal", UUID(run.run.record)))
    assert (task.values["done"], deal.values["note"]) == (True, "seen by Rita, twice")
    assert runs(crm) == ["finished"]


def test_the_ledger_the_inspector_and_the_audit_hold_what_they_hold_of_steps_done_alone(make: Make) -> None:
    crm = make(FOLLOW_UP, BY, MARK, DONE, AGAIN)
    execute_together(crm.workspace, all_of(won_run(crm)))
    looked = (
        "SELECT path, iteration FROM crm.effect ORDER BY at",
        "SELECT path, type, status, error, attempts, input, traces FROM crm.run_step ORDER BY started_at",
        "SELECT name, object, version, actor ->> 'automation' FROM crm.audit WHERE correlation IS NOT NULL ORDER BY id",
        "SELECT object, record, after ->> 'note', depth FROM crm.outbox WHERE object = 'deal' ORDER BY id",
    )
    jointly = [told(crm, question) for question in looked]
    with crm.work() as work:
        for table in ("effect", "run_step", "outbox"):
            work.connection.execute(text(f"DELETE FROM crm.{table}"))  # noqa: S608 - names from above
    second = won_run(crm)
    outputs: dict[str, Any] = {}
    for block in second.blocks or ():
        known, variables = dict(outputs), {"by": "Rita"}
        step = StepInput(second.run, block, block.id, 0, known, variables, is_last=block.id == "again")
        outputs[block.id] = execute_step(crm.workspace, step).output
    alone = [told(crm, question) for question in looked]
    assert len(alone[2]) == 2 * len(jointly[2])
    alone[2] = alone[2][len(jointly[2]) :]
    for ours, theirs in zip(jointly, alone, strict=True):
        assert IDS.sub("", str(ours)) == IDS.sub("", str(theirs))


def test_what_one_of_them_is_refused_undoes_all_and_is_told_by_it_alone(make: Make) -> None:
    crm = make(FOLLOW_UP, BY, MARK, REFUSED)
    run = won_run(crm)
    assert execute_together(crm.workspace, all_of(run)) == NONE
    assert (effects(crm), crm.count(RecordQuery("task")), told(crm, "SELECT path FROM crm.run_step")) == ([], 0, [])
    assert run.blocks
    assert execute_step(crm.workspace, StepInput(run.run, run.blocks[0], "follow_up")).output


def test_delivered_again_they_are_looked_up_one_by_one(make: Make) -> None:
    crm = make(FOLLOW_UP, DONE)
    run = won_run(crm)
    first = execute_together(crm.workspace, replace(all_of(run), last=""))
    assert execute_together(crm.workspace, replace(all_of(run), last="")) == NONE
    assert run.blocks
    assert execute_step(crm.workspace, StepInput(run.run, run.blocks[0], "follow_up")) == StepResult(first.outputs[0])
    assert (effects(crm), crm.count(RecordQuery("task"))) == (["follow_up", "done"], 1)


def test_delivered_twice_at_the_same_time_they_are_done_once(make: Make) -> None:
    crm = make(FOLLOW_UP, BY, MARK, DONE)
    steps = all_of(won_run(crm))
    with ThreadPoolExecutor(4) as threads:
        results = list(threads.map(execute_together, [crm.workspace] * 4, [steps] * 4))
    assert sorted(len(result.outputs) for result in results) == [0, 0, 0, 4]
    assert (effects(crm), crm.count(RecordQuery("task"))) == (["follow_up", "by", "mark", "done"], 1)


def test_a_step_that_was_done_alone_is_not_done_again_together(make: Make) -> None:
    crm = make(FOLLOW_UP, DONE)
    run = won_run(crm)
    assert run.blocks
    execute_step(crm.workspace, StepInput(run.run, run.blocks[0], "follow_up"))
    assert execute_together(crm.workspace, all_of(run)) == NONE
    assert crm.count(RecordQuery("task")) == 1


def test_rights_that_change_before_the_end_undo_all(make: Make) -> None:
    crm = make(FOLLOW_UP, DONE)
    run = won_run(crm).run
    done = [Did("follow_up", "create", StepSeen(clock.now()), {}, clock.now())]
    with crm.workspace.work(actor_of(run, UUID(run.runner))) as work:
        crm.user("Otto")
        assert not finish_steps(work, run_key(run), done, ends=False)
        work.connection.rollback()
    with crm.workspace.work(actor_of(run, UUID(run.runner))) as work:
        assert finish_steps(work, run_key(run), done, ends=False)


@pytest.mark.parametrize("event", ["ends", "is to end", "acts as another", "goes on with another version"])
def test_nothing_is_done_together_in_a_run_that(make: Make, event: str) -> None:
    crm = make(FOLLOW_UP, DONE)
    steps = all_of(won_run(crm))
    with crm.work() as work:
        if event == "is to end":
            end_soon(work, [UUID(steps.run.id)], "cancelled: Somebody did.")
        else:
            change = {
                "ends": "status = 'cancelled'",
                "acts as another": f"runner = '{uuid4()}'",
                "goes on with another version": "automation_hash = 'other'",
            }[event]
            work.connection.execute(text(f"UPDATE crm.run SET {change}"))  # noqa: S608 - from above
    assert execute_together(crm.workspace, steps) == NONE
    assert (effects(crm), crm.count(RecordQuery("task"))) == ([], 0)


@contextmanager
def too_slow(crm: Automated) -> Generator[None]:
    """What reads tasks waits, and the database stops it, long before the time that it really has."""
    event.listen(crm.workspace.engine, "begin", lambda each: each.exec_driver_sql("SET LOCAL statement_timeout = 300"))
    with crm.work() as work:
        work.connection.execute(text("LOCK TABLE data.task"))
        yield


def test_what_takes_too_long_fails_by_name_and_the_time_it_took_is_no_stall(make: Make) -> None:
    crm = make(BY, FIND)
    run = won_run(crm)
    steps = all_of(run)
    with crm.work() as work:
        work.connection.execute(text("UPDATE crm.run SET touched_at = now() - interval '1 hour'"))
    with too_slow(crm):
        assert execute_together(crm.workspace, steps) == NONE
        assert told(crm, "SELECT touched_at > now() - interval '1 minute' FROM crm.run") == [(True,)]
        with pytest.raises(TooSlow):
            execute_step(crm.workspace, StepInput(run.run, steps.blocks[1], "find"))
    said = "too_slow: It took longer than 30 seconds; narrow its rule."
    assert told(crm, "SELECT path, error FROM crm.run_step") == [("find", said)]


def test_only_what_is_brief_stays_here_and_goes_on_joins(make: Make) -> None:
    alone = {each.name for each in STEP_TYPES if each.flow is None and not each.joins}
    assert alone == {"code", "email", "http", "fail"}
    crm = make(FOLLOW_UP, {"id": "no", "type": "fail", "message": "'No'"})
    assert [block.joins for block in won_run(crm).blocks or ()] == [True, False]
