"""The steps that work on records: as the runner, once, and as their settings say."""

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from typing import Any
from uuid import UUID

import pytest

from crm_app.automation.checks import check
from crm_app.automation.execution import execute_step
from crm_app.automation.messages import RunInput, StepInput
from crm_app.automation.rules import rules_of
from crm_app.automation.steps.upsert import SeveralMatch
from crm_app.definitions.package import Package
from crm_app.kernel.errors import Conflict, Forbidden, NotFound
from crm_app.kernel.events import RecordRef
from crm_app.services.record_query import RecordQuery
from crm_app.services.renames import rename
from tests.workflows.builders import FOLLOW_UP, WON, Automated, automation, deals_and_tasks
from tests.workflows.runs import won_run

Make = Callable[..., Automated]


def done(crm: Automated, run: RunInput) -> dict[str, dict[str, Any]]:
    """Every step of the run, one after the other, each with the outputs of those before."""
    outputs: dict[str, dict[str, Any]] = {}
    for block in run.blocks or ():
        outputs[block.id] = execute_step(crm.workspace, StepInput(run.run, block, block.id, outputs=outputs)).output
    return outputs


def problems(*steps: dict[str, Any]) -> list[str]:
    found = check(deals_and_tasks(automation("it", WON, *steps)))
    return [problem.path.removeprefix("automations/it/") for problem in found]


def usd(amount: str) -> dict[str, str]:
    return {"amount": amount, "currency": "USD"}


UPSERT = {"id": "one", "type": "upsert", "object": "task", "match": {"name": "'For ' & name"}, "values": {"deal": "id"}}


def test_an_upsert_makes_the_record_and_the_next_one_changes_it(make: Make) -> None:
    crm = make(UPSERT, {**UPSERT, "id": "two", "values": {"done": "true"}})
    outputs = done(crm, won_run(crm))
    assert (outputs["one"]["created"], outputs["two"]["created"]) == (True, False)
    assert outputs["one"]["id"] == outputs["two"]["id"]
    task = crm.get(RecordRef("task", UUID(outputs["one"]["id"])))
    assert (task.name, task.values["done"]) == ("For Acme", True)


def test_an_upsert_does_not_choose_among_several(make: Make) -> None:
    crm = make(UPSERT)
    for _ in range(2):
        crm.create("task", crm.rep, name="For Acme")
    with pytest.raises(SeveralMatch):
        done(crm, won_run(crm))


def test_upserts_of_several_runs_at_once_make_one_record(make: Make) -> None:
    crm = make(UPSERT)
    runs = [won_run(crm) for _ in range(4)]
    with ThreadPoolExecutor(4) as threads:
        list(threads.map(lambda run: done(crm, run), runs))
    assert crm.count(RecordQuery("task")) == 1


FIND = {"id": "tasks", "type": "find", "object": "task", "where": "deal = vars.record and not done"}


def test_find_gives_the_records_that_the_rule_and_the_runner_reach(make: Make) -> None:
    order = [{"field": "due", "descending": True}]
    use = {"id": "use", "type": "update", "record": "steps.tasks.first", "values": {"name": "'Last'"}}
    crm = make({**FIND, "order": order, "limit": 2}, use)
    run = won_run(crm)
    deal = run.run.record
    for day, finished in (("2026-01-01", False), ("2026-03-01", False), ("2026-02-01", False), ("2026-04-01", True)):
        crm.create("task", crm.rep, name=day, due=day, deal=deal, done=finished)
    crm.create("task", crm.rep, name="elsewhere", due="2027-01-01")
    outputs = done(crm, run)
    names = [crm.get(RecordRef("task", UUID(each))).name for each in outputs["tasks"]["records"]]
    assert names == ["Last", "2026-02-01"]
    assert outputs["tasks"]["count"] == 2


def test_find_reads_past_the_first_page(make: Make) -> None:
    crm = make({"id": "tasks", "type": "find", "object": "task", "limit": 250})
    run = won_run(crm)
    for index in range(230):
        crm.create("task", crm.rep, name=f"T{index}")
    assert done(crm, run)["tasks"]["count"] == 230


def test_what_nothing_points_at_is_no_record_to_change(make: Make) -> None:
    crm = make(FIND, {"id": "use", "type": "update", "record": "steps.tasks.first", "values": {"name": "'x'"}})
    with pytest.raises(NotFound, match="no record to work on"):
        done(crm, won_run(crm))


@pytest.mark.parametrize(
    ("function", "expected"),
    [("count", 3), ("sum", usd("60.00")), ("max", usd("30.00")), ("avg", usd("20")), ("min", usd("10.00"))],
)
def test_an_aggregate_is_over_what_its_rule_finds(make: Make, function: str, expected: Any) -> None:
    step = {"id": "all", "type": "aggregate", "object": "deal", "function": function, "where": "stage = 'lost'"}
    crm = make(step if function == "count" else {**step, "field": "amount"})
    run = won_run(crm)
    for amount in (10, 20, 30):
        crm.create("deal", crm.rep, name="A", stage="lost", amount=f"{amount} USD")
    assert done(crm, run)["all"]["value"] == expected


def test_an_aggregate_is_a_value_for_later_rules(make: Make) -> None:
    total = {"id": "total", "type": "aggregate", "object": "deal", "function": "sum", "field": "amount"}
    tell = {**FOLLOW_UP, "values": {"name": "if steps.total.value > 50 USD then 'large' else 'small'"}}
    crm = make(total, tell)
    outputs = done(crm, won_run(crm, amount="60 USD"))
    assert crm.get(RecordRef("task", UUID(outputs["follow_up"]["id"]))).name == "large"


def test_a_relation_is_set_and_let_go(make: Make) -> None:
    bare = {**FOLLOW_UP, "values": {"name": "name"}}
    tie = {"record": "steps.follow_up.id", "field": "deal", "to": "id"}
    crm = make(
        bare,
        {"id": "tie", "type": "link", **tie},
        {**FIND, "id": "look"},
        {"id": "part", "type": "unlink", **tie},
        {"id": "again", "type": "unlink", **tie},
    )
    outputs = done(crm, won_run(crm))
    assert outputs["look"]["records"] == [outputs["follow_up"]["id"]]
    assert crm.get(RecordRef("task", UUID(outputs["follow_up"]["id"]))).values["deal"] is None


def test_a_deleted_record_is_in_the_trash_and_gone_for_the_next_step(make: Make) -> None:
    crm = make(FOLLOW_UP, {"id": "gone", "type": "delete", "record": "steps.follow_up.id"})
    outputs = done(crm, won_run(crm))
    with pytest.raises(NotFound):
        crm.get(RecordRef("task", UUID(outputs["follow_up"]["id"])))


def test_a_runner_who_may_not_delete_deletes_nothing(make: Make) -> None:
    crm = make({"id": "gone", "type": "delete"})
    run = won_run(crm)
    with crm.work() as work:
        work.connection.exec_driver_sql("UPDATE crm.user_role SET role = 'clerk'")
    with pytest.raises(Forbidden):
        done(crm, run)
    assert crm.get(RecordRef("deal", UUID(run.run.record))).name == "Acme"


@pytest.mark.parametrize(
    ("step", "place"),
    [
        ({**UPSERT, "object": "tusk"}, "steps/0/object"),
        ({**UPSERT, "match": {"nope": "1", "name": "name"}}, "steps/0/match/nope"),
        ({**FIND, "where": "deal = id"}, "steps/0/where"),
        ({**FIND, "where": "vars.other = 1"}, "steps/0/where"),
        ({**FIND, "where": "old.name = 'x'"}, "steps/0/where"),
        ({**FIND, "where": "name"}, "steps/0/where"),
        ({**FIND, "order": [{"field": "nope"}]}, "steps/0/order/0/field"),
        ({**FIND, "limit": 5000}, "steps/0/limit"),
        ({"id": "a", "type": "aggregate", "object": "deal", "function": "sum", "field": "name"}, "steps/0/field"),
        ({"id": "a", "type": "aggregate", "object": "deal", "function": "middle"}, "steps/0/function"),
        ({"id": "a", "type": "link", "field": "name", "to": "id"}, "steps/0/field"),
        ({"id": "a", "type": "delete", "record": "owner"}, "steps/0/record"),
        ({"id": "a", "type": "decide", "table": "nope"}, "steps/0/table"),
    ],
)  # fmt: skip
def test_settings_that_cannot_work_are_refused_at_their_place(step: dict[str, Any], place: str) -> None:
    assert problems(step) == [place]


def test_a_step_that_clashes_leaves_nothing(make: Make) -> None:
    crm = make(UPSERT, {**UPSERT, "id": "two"})
    crm.create("task", crm.rep, name="For Acme")
    crm.create("task", crm.rep, name="For Acme")
    with pytest.raises(Conflict):
        done(crm, won_run(crm))
    assert crm.count(RecordQuery("task")) == 2


def test_a_renamed_field_is_called_so_wherever_a_step_names_it(make: Make) -> None:
    steps = (
        {**UPSERT, "match": {"name": "name", "due": "today"}},
        {**FIND, "where": "due = today and deal = vars.record", "order": [{"field": "due"}]},
        {"id": "last", "type": "aggregate", "object": "task", "function": "max", "field": "due"},
        {"id": "tell", "type": "notify", "to": "owner", "title": "Due {{steps.tasks.first.due}}, {{ name }}"},
    )
    crm = make(*steps)
    with crm.work() as work:
        after = rename(work, Package(), "objects/task/fields/due", "due_on", rules_of)
    (it,) = after.automations
    found = [step.model_dump() for step in it.steps]
    assert set(found[0]["match"]) == {"name", "due_on"}
    assert (found[1]["where"], found[1]["order"]) == ("due_on = today and deal = vars.record", [{"field": "due_on"}])
    assert found[2]["field"] == "due_on"
    assert found[3]["title"] == "Due {{steps.tasks.first.due_on}}, {{name}}"
    crm.publish(after)
