"""Whether a run that waits fits another version of its automation: each reason against it, in words."""

from typing import Any

import pytest

from crm_app.automation.compiled import compile_automation
from crm_app.automation.messages import Output
from crm_app.automation.move_checks import MoveVersion, reasons_against, waits_at
from crm_app.automation.retracing import Retrace
from crm_app.automation.scope import DefinedFields
from crm_app.definitions.automation import AutomationDefinition
from crm_app.services.live import Schema
from tests.workflows.blocks import Steps, branch, no, side_by_side, task
from tests.workflows.builders import WON, automation, deals_and_tasks

PACKAGE = deals_and_tasks()
HOLD: dict[str, Any] = {"id": "hold", "type": "wait", "duration": "P1D"}
OK: dict[str, Any] = {"id": "ok", "type": "approval", "role": "clerk"}
WAITS = {"until": "2030-01-01T00:00:00+00:00"}
MADE = {"id": "01"}
Ledger = dict[str, Output]


def version(number: int, *steps: dict[str, Any]) -> MoveVersion:
    definition = AutomationDefinition.model_validate(automation("won", WON, *steps))
    scope = DefinedFields(Schema(0, PACKAGE))
    return MoveVersion(number, compile_automation(definition, PACKAGE, scope))


def reasons(old: Steps, new: Steps, ledger: Ledger, *, is_open: bool = True) -> list[str]:
    return reasons_against(version(3, *old), version(5, *new), ledger, is_open=is_open)


OLD = [task("first"), HOLD, task("last")]
AT_HOLD: Ledger = {"first": MADE, "hold": WAITS}


def test_a_run_that_waits_moves_where_only_what_comes_later_differs() -> None:
    later = {**task("last"), "values": {"name": "'Other'"}}
    for new in (
        OLD,
        [*OLD[:2], task("new"), later],
        [*OLD[:2]],
        [*OLD[:2], branch("big", "amount > 5 USD", [task("yes")], [])],
        [task("first", "'renamed'"), HOLD],
    ):
        assert reasons(OLD, new, AT_HOLD) == []
    assert waits_at(version(3, *OLD), AT_HOLD) == "hold"


@pytest.mark.parametrize(
    ("new", "said"),
    [
        ([task("new"), *OLD], "“new” stands before “first” in version 5, and this run has not done it."),
        ([OLD[0], task("new"), *OLD[1:]], "“new” stands before “hold” in version 5, and this run has not done it."),
        ([OLD[0], OLD[2]], "“hold” was begun, and version 5 doesn't have it."),
        ([OLD[0], {**HOLD, "id": "held"}, OLD[2]], "“hold” was begun, and version 5 doesn't have it."),
        ([HOLD, OLD[2]], "“first” was begun, and version 5 doesn't have it."),
        ([no("first"), *OLD[1:]], "“first” was “Create a record”, and is “Fail” in version 5."),
        ([OLD[0], {**OK, "id": "hold"}], "“hold” was “Wait”, and is “Approval” in version 5."),
        (
            [OLD[0], branch("big", "amount > 5 USD", [HOLD], [])],
            "“hold” stood at the top, and stands in “big” (case 1) in version 5.",
        ),
        ([HOLD, OLD[0]], "“first” stands after “hold” in version 5, and this run did it before."),
    ],
    ids=[
        "before-all",
        "before-the-wait",
        "wait-gone",
        "renamed",
        "done-gone",
        "type",
        "wait-type",
        "elsewhere",
        "swap",
    ],
)
def test_what_a_run_did_must_be_there_as_it_was(new: Steps, said: str) -> None:
    assert reasons(OLD, new, AT_HOLD)[0] == said


def test_the_way_that_was_taken_must_be_the_same() -> None:
    old = [branch("big", "amount > 5 USD", [task("yes"), HOLD], [task("no")]), task("last")]
    ledger: Ledger = {"big": {"case": 0}, "big/yes": MADE, "big/hold": WAITS}
    fits = branch("big", "amount > 9 USD", [task("yes"), HOLD, task("new")], [task("other"), task("no")])
    assert reasons(old, [fits], ledger) == []
    cases = [{"when": f"amount > {at} USD", "steps": steps} for at, steps in ((9, []), (5, [task("yes"), HOLD]))]
    shifted = {"id": "big", "type": "branch", "cases": cases, "else": []}
    assert reasons(old, [shifted], ledger)[0] == (
        "“yes” stood in “big” (case 1), and stands in “big” (case 2) in version 5."
    )
    assert "“big” was begun" in reasons(old, [task("yes"), HOLD], ledger)[0]


def test_a_loop_keeps_its_turns() -> None:
    def loop(*steps: dict[str, Any]) -> Steps:
        return [{"id": "again", "type": "loop", "while": "amount is empty", "max": 9, "steps": [*steps]}]

    first: Ledger = {"again#0": {"again": True}, "again#0/hold": WAITS}
    second: Ledger = {**first, "again#0/hold!": WAITS, "again#1": {"again": True}, "again#1/hold": WAITS}
    assert reasons(loop(HOLD), loop(HOLD, task("new")), first) == []
    said = ["“new” stands before “again” in version 5, and this run has not done it."]
    assert reasons(loop(HOLD), loop(HOLD, task("new")), second) == said
    assert reasons(loop(HOLD), loop(HOLD), second) == []


def test_items_and_branches_side_by_side_are_looked_at_one_by_one() -> None:
    found = {"id": "found", "type": "find", "object": "task", "where": "done"}
    one = [found, {"id": "each", "type": "for_each", "over": "steps.found.records", "steps": [task("in"), HOLD]}]
    ledger: Ledger = {
        "found": {"records": ["a", "b"], "count": 2}, "each": {"items": ["a", "b"]},
        "each#0/in": MADE, "each#0/hold": WAITS, "each#0/hold!": WAITS, "each#1/in": MADE, "each#1/hold": WAITS,
    }  # fmt: skip
    assert reasons(one, one, ledger) == []
    more = [found, {**one[1], "steps": [task("in"), HOLD, task("new")]}]
    assert "“new” stands before" in reasons(one, more, ledger)[0]
    old = [side_by_side("all", [task("a"), HOLD], [task("b")]), task("last")]
    lanes: Ledger = {"both/a": MADE, "both/hold": WAITS, "both/b": MADE}
    assert reasons(old, [side_by_side("all", [task("a"), HOLD, task("c")], [task("b")])], lanes) == []
    assert reasons(old, old, {"both/a": MADE, "both/hold": WAITS}) == ["It is at work on “b”. Try again when it waits."]


def test_failures_that_were_caught_and_undone_are_come_by() -> None:
    undoable = task("made", "", task("unmade"))
    old = [{"id": "safe", "type": "try", "steps": [undoable, no()], "catch": [HOLD], "finally": [task("end")]}]
    ledger: Ledger = {
        "safe/made": MADE, "safe/no": {"!": {"error": "No", "code": "failed"}}, "safe/made/unmade": MADE,
        "safe/hold": WAITS,
    }  # fmt: skip
    assert Retrace(ledger).walk(version(3, *old).compiled.blocks).left == set()
    assert reasons(old, old, ledger) == []
    more = [{**old[0], "catch": [task("new"), HOLD]}]
    assert reasons(old, more, ledger) == ["“new” stands before “hold” in version 5, and this run has not done it."]


def test_what_is_read_later_keeps_its_type() -> None:
    def form(kind: str, *names: str) -> dict[str, Any]:
        fields = [{"name": name, "label": name, "kind": kind} for name in names]
        return {"id": "ask", "type": "form", "assignees": "owner", "fields": fields}

    old = [form("text", "seats"), task("last", "steps.ask.seats")]
    ledger: Ledger = {"ask": WAITS}
    assert reasons(old, [form("text", "seats", "more"), old[1]], ledger) == []
    said = ["“last” reads `steps.ask.seats` as decimal, and in this run it is text."]
    numbers = task("last", "if steps.ask.seats > 1 then 'a' else 'b'")
    assert reasons(old, [form("number", "seats"), numbers], ledger) == said
    unknown = [form("text", "seats", "more"), task("last", "steps.ask.more")]
    assert reasons(old, unknown, ledger) == ["“last” reads `steps.ask.more`, which this run does not have."]
    kept = {"id": "keep", "type": "set_variable", "variable": "size", "value": "'big'"}
    as_number = {**kept, "value": "3"}
    reads = task("last", "if vars.size > 1 then 'a' else 'b'")
    was = {"keep": {"value": "big"}, "hold": WAITS}
    assert reasons([kept, HOLD], [as_number, HOLD, reads], was) == [
        "“last” reads `vars.size` as int, and in this run it is text."
    ]


def test_a_run_at_work_or_at_its_end_stays_and_one_that_failed_may_get_a_step_before_that() -> None:
    assert "at work on “last”" in reasons(OLD, OLD, {**AT_HOLD, "hold!": WAITS})[0]
    assert reasons(OLD, OLD, {**AT_HOLD, "hold!": WAITS, "last": MADE}) == ["It is about to end."]
    assert reasons(OLD, [task("new"), *OLD], {}) == []
    failed = {**AT_HOLD, "hold!": WAITS}
    assert reasons(OLD, [*OLD[:2], task("new"), OLD[2]], failed, is_open=False) == []
    assert reasons(OLD, [task("new"), *OLD], failed, is_open=False) != []
    assert reasons(OLD, OLD, {**failed, "other": MADE}, is_open=False) == ["What it did was undone, so it can't go on."]
