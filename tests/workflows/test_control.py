"""Control blocks, from the definition to what is in the database afterwards."""

from typing import Any

import pytest

from tests.workflows.blocks import branch, make_tasks, no, side_by_side, task, tasks, undoable, win
from tests.workflows.conftest import Running
from tests.workflows.engine import Engine, settled


async def test_a_branch_takes_the_first_case_that_is_true(running: Running) -> None:
    inner = branch("inner", "note is empty", [task("quiet")], [])
    async with running(branch("big", "amount > 10 USD", [task("much")], [inner, task("little")]), task("after")) as at:
        win(at)
        assert await at.run() == "finished"
        assert at.effects() == ["big", "big/inner", "big/inner/quiet", "big/little", "after"]


async def test_a_switch_takes_the_case_with_the_value(running: Running) -> None:
    cases = [
        {"values": ["'lost'"], "steps": [task("sad")]},
        {"values": ["'engaging'", "'won'"], "steps": [task("glad")]},
    ]
    async with running({"id": "by", "type": "switch", "on": "stage", "cases": cases, "else": [task("odd")]}) as at:
        win(at)
        assert await at.run() == "finished"
        assert tasks(at) == ["glad"]


async def test_a_loop_counts_with_a_variable_and_ends(running: Running) -> None:
    count = {"id": "count", "type": "set_variable", "variable": "n", "value": "0"}
    add = {"id": "add", "type": "set_variable", "variable": "n", "value": "vars.n + 1"}
    again = {"id": "again", "type": "loop", "while": "vars.n < 3", "max": 5, "steps": [task("turn"), add]}
    told = branch("told", "steps.again.turns = 3 and vars.n = 3", [task("right")], [])
    async with running(count, again, told) as at:
        win(at)
        assert await at.run() == "finished"
        assert tasks(at) == ["right", "turn", "turn", "turn"]


async def test_a_loop_that_would_not_end_fails_by_its_name(running: Running) -> None:
    async with running({"id": "ever", "type": "loop", "while": "true", "max": 3, "steps": [task("turn")]}) as at:
        win(at)
        assert (await at.run()).startswith("failed loop_limit:")
        assert tasks(at) == ["turn"] * 3


async def test_what_fails_in_a_try_is_undone_in_reverse_and_told_to_its_catch(running: Running) -> None:
    attempt = {
        "id": "attempt",
        "type": "try",
        "steps": [undoable("a"), undoable("b"), no(), task("never")],
        "catch": [task("caught", "steps.attempt.code & ': ' & steps.attempt.error")],
        "finally": [task("last")],
    }
    async with running(undoable("before"), attempt, task("after")) as at:
        win(at)
        assert await at.run() == "finished"
        done = ["before", "attempt/a", "attempt/b", "attempt/b/unb", "attempt/a/una", "attempt/caught", "attempt/last"]
        assert at.effects() == [*done, "after"]
        assert "failed_on_purpose: No" in tasks(at)


async def test_a_run_that_fails_undoes_all_it_did_once_and_in_reverse(running: Running) -> None:
    inside = branch("way", "true", [undoable("b")], [])
    quietly = {"id": "quietly", "type": "try", "steps": [undoable("c")]}
    async with running(undoable("a"), inside, quietly, task("plain"), no()) as at:
        win(at)
        assert await at.run() == "failed failed_on_purpose: No"
        undone = [path for path in at.effects() if "/un" in path]
        assert undone == ["quietly/c/unc", "way/b/unb", "a/una"]


async def test_what_cannot_be_undone_does_not_keep_the_rest(running: Running) -> None:
    async with running(undoable("a"), task("b", "", no("never")), no()) as at:
        win(at)
        assert await at.run() == "failed failed_on_purpose: No"
        assert at.effects() == ["a", "b", "a/una"]


async def test_undo_can_be_a_step_and_stop_ends_the_run_well(running: Running) -> None:
    async with running(undoable("a"), {"id": "back", "type": "compensate"}, {"id": "end", "type": "stop"}, no()) as at:
        win(at)
        assert await at.run() == "finished"
        assert at.effects() == ["a", "back", "a/una", "end"]


async def test_side_by_side_all_are_done_and_known_afterwards(running: Running) -> None:
    finish = {"id": "finish", "type": "update", "record": "steps.a.id", "values": {"done": "true"}}
    async with running(side_by_side("all", [task("a")], [task("b"), task("c")]), finish) as at:
        win(at)
        assert await at.run() == "finished"
        assert tasks(at) == ["a", "b", "c"]


async def test_side_by_side_one_that_fails_has_all_undone(running: Running) -> None:
    async with running(side_by_side("all", [undoable("a"), no()], [undoable("b")])) as at:
        win(at)
        assert await at.run() == "failed failed_on_purpose: No"
        assert {path for path in at.effects() if "/un" in path} == {"both/a/una", "both/b/unb"}


async def test_of_any_the_first_that_ends_well_is_enough(running: Running) -> None:
    slow = [undoable(f"s{number}") for number in range(8)]
    async with running(side_by_side("any", [no()], [task("quick")], slow), task("after")) as at:
        win(at)
        assert await at.run() == "finished"
        assert {"quick", "after"} <= set(tasks(at))
        done = at.effects()
        assert {p.split("/")[1] for p in done if "/s" in p} == {p.split("/")[1] for p in done if "/un" in p}
        assert "both/s7" not in done


async def test_for_each_item_its_steps_are_done_with_it(running: Running) -> None:
    """More items than one history should hold, several side by side: they are parts of a list of their own."""
    name = {"record": "steps.each.item", "values": {"name": "steps.each.item.name & '!'"}}
    mark = {"id": "mark", "type": "update", **name}
    found = {"id": "found", "type": "find", "object": "task"}
    each = {"id": "each", "type": "for_each", "over": "steps.found.records", "concurrency": 3, "steps": [mark]}
    told = branch("told", "steps.each.count = 60", [task("right")], [])
    async with running(found, each, told) as at:
        make_tasks(at, 60)
        win(at)
        assert await at.run() == "finished"
        assert tasks(at) == sorted([*(f"{number}!" for number in range(60)), "right"])


async def test_an_item_that_fails_stops_the_others_or_is_passed_over(running: Running) -> None:
    bad = {"id": "found", "type": "find", "object": "task", "order": [{"field": "name"}]}
    check = branch("check", "steps.each.item.name = '1'", [no()], [task("fine", "'fine ' & steps.each.item.name")])
    each = {"id": "each", "type": "for_each", "over": "steps.found.records", "on_error": "continue", "steps": [check]}
    told = branch("told", "steps.each.count = 3 and steps.each.failed = 1", [task("right")], [])
    async with running(bad, each, told) as at:
        make_tasks(at, 3)
        win(at)
        assert await at.run() == "finished"
        assert tasks(at) == ["0", "1", "2", "fine 0", "fine 2", "right"]


async def test_the_budget_ends_a_run_whatever_would_catch_it(running: Running) -> None:
    ever = {"id": "ever", "type": "loop", "while": "true", "max": 1000, "steps": [task("turn")]}
    attempt = {"id": "attempt", "type": "try", "steps": [ever], "catch": [task("never")]}
    async with running(attempt, limits={"max_steps": 9}) as at:
        win(at)
        assert (await at.run()).startswith("failed step_budget: Stopped after 9 steps")
        assert tasks(at) == ["turn"] * 4


async def test_a_long_run_goes_on_in_another_history(running: Running, monkeypatch: pytest.MonkeyPatch) -> None:
    """Knowing all that it knew: the outputs of finished blocks, variables, what can be undone, and its budget."""
    monkeypatch.setattr("workflows.walking.STEPS_OF_A_HISTORY", 10)
    monkeypatch.setattr("workflows.walking.FEWEST_STEPS", 5)
    zero = {"id": "zero", "type": "set_variable", "variable": "n", "value": "0"}
    add = {"id": "add", "type": "set_variable", "variable": "n", "value": "vars.n + 1"}
    turn = branch("way", "true", [undoable("t")], [])
    again = {"id": "again", "type": "loop", "while": "vars.n < 9", "max": 20, "steps": [add, turn]}
    told = branch("told", "steps.again.turns = 9 and steps.early.id is not empty", [no()], [])
    async with running(undoable("early"), zero, side_by_side("all", [again], [task("b")]), told) as at:
        win(at)
        assert await at.run() == "failed failed_on_purpose: No"
        undone = [path for path in at.effects() if "/un" in path]
        assert undone == [f"both/again#{number}/way/t/unt" for number in reversed(range(9))] + ["early/unearly"]
        first = await at.handles[0].describe()
        histories = [each async for each in at.client.list_workflows(f"WorkflowId = '{first.id}'")]
        assert len(histories) > 3


@pytest.fixture
def short_parts(monkeypatch: pytest.MonkeyPatch) -> None:
    """Lists are done two items at a time, in histories of ten steps."""
    monkeypatch.setattr("workflows.walking.STEPS_OF_A_HISTORY", 10)
    monkeypatch.setattr("workflows.walking.FEWEST_STEPS", 5)
    monkeypatch.setattr("workflows.control.for_each.INLINE", 2)


FOUND: dict[str, Any] = {"id": "found", "type": "find", "object": "task", "order": [{"field": "name"}]}


def turns_for_each(*steps: dict[str, Any], turns: int = 6) -> list[dict[str, Any]]:
    """For each task a loop that ends: many more steps than stand there."""
    zero = {"id": "zero", "type": "set_variable", "variable": "n", "value": "0"}
    add = {"id": "add", "type": "set_variable", "variable": "n", "value": "vars.n + 1"}
    again = {"id": "again", "type": "loop", "while": f"vars.n < {turns}", "max": 100, "steps": [undoable("t"), add]}
    return [FOUND, {"id": "each", "type": "for_each", "over": "steps.found.records", "steps": [zero, again, *steps]}]


async def histories_of(at: Engine, path: str) -> int:
    started = f"{at.handles[0].id}/{path}"
    return len([each async for each in at.client.list_workflows(f"WorkflowId = '{started}'")])


@pytest.mark.usefixtures("short_parts")
async def test_a_long_part_of_a_list_goes_on_in_another_history(running: Running) -> None:
    """And what it did before is still undone when the last item fails."""
    check = branch("check", "steps.each.item.name = '2'", [no()], [])
    async with running(undoable("early"), *turns_for_each(check)) as at:
        make_tasks(at, 3)
        win(at)
        assert await at.run() == "failed failed_on_purpose: No"
        undone = [path for path in at.effects() if "/un" in path]
        done = [f"each#{item}/again#{turn}/t/unt" for item in range(3) for turn in range(6)]
        assert undone == [*reversed(done), "early/unearly"]
        assert await histories_of(at, "each#0/0") > 2


@pytest.mark.usefixtures("short_parts")
async def test_a_long_part_counts_on_toward_the_budget(running: Running) -> None:
    async with running(*turns_for_each(turns=90), limits={"max_steps": 30}) as at:
        make_tasks(at, 3)
        win(at)
        assert (await at.run()).startswith("failed step_budget: Stopped after 30 steps")
        assert await histories_of(at, "each#0/0") > 2


@pytest.mark.usefixtures("short_parts")
async def test_a_long_part_that_loses_a_race_is_undone_from_its_first_history_on(running: Running) -> None:
    made = {"type": "wait_for", "object": "task", "events": ["record.created"]}
    go, never = ({**made, "id": name, "match": f"name = '{name}'"} for name in ("go", "never"))
    held = branch("check", "steps.each.item.name = '1'", [never], [])
    async with running(side_by_side("race", [go], turns_for_each(held))) as at:
        make_tasks(at, 3)
        win(at)
        handle = await at.begin()
        await at.comes_to("both/each#1/check/never")
        at.crm.create("task", at.crm.rep, name="go")
        await at.wake()
        await settled(handle)
        assert at.ended() == "finished"
        done = [f"both/each#{item}/again#{turn}/t/unt" for item in range(2) for turn in range(6)]
        assert [path for path in at.effects() if "/un" in path] == [*reversed(done)]
        assert await histories_of(at, "both/each#0/0") > 2


@pytest.mark.usefixtures("short_parts")
async def test_parts_of_lists_side_by_side_count_together_toward_the_budget(running: Running) -> None:
    marks = [
        {"id": f"each{name}", "type": "for_each", "over": "steps.found.records", "steps": [task(f"mark{name}")]}
        for name in "ab"
    ]
    async with running(FOUND, side_by_side("all", *([each] for each in marks)), limits={"max_steps": 12}) as at:
        make_tasks(at, 6)
        win(at)
        assert (await at.run()).startswith("failed step_budget: Stopped after 12 steps")


@pytest.mark.usefixtures("short_parts")
@pytest.mark.parametrize("tasks_made", [1, 3])
async def test_what_is_undone_beyond_the_budget_goes_on_in_another_history_too(
    running: Running, tasks_made: int
) -> None:
    """In the run's own history, or in that of a part."""
    async with running(undoable("early"), *turns_for_each(turns=90), limits={"max_steps": 40}) as at:
        make_tasks(at, tasks_made)
        win(at)
        assert (await at.run()).startswith("failed step_budget: Stopped after 40 steps")
        effects = at.effects()
        done = [path for path in effects if path.rpartition("/")[2] in ("early", "t")]
        assert len(done) > 10
        undone = [path.rpartition("/")[0] for path in effects if path.rpartition("/")[2].startswith("un")]
        assert undone == done[::-1]
