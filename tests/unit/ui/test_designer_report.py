"""What the designer says of a workflow before it is published."""

import json
from typing import Any

from crm_app.kernel.actor import UserActor
from crm_app.services import drafts
from crm_app.ui.designer.actions_state import DesignerActions
from crm_app.ui.designer.automations_page import AutomationsPage
from crm_app.ui.designer.designer_state import Designer
from tests.unit.ui.conftest import Crm, Send

ALL = "/settings/automations"
CREATED = {"type": "record.created", "object": "task"}
UPDATED = {"type": "record.updated", "object": "task"}
ANOTHER = {"id": "another", "type": "create", "object": "task", "values": {"subject": "'Again'"}}


async def _report(send: Send, name: str, trigger: dict[str, Any], *steps: dict[str, Any]) -> dict[str, Any]:
    """The parts by name, and whether it can be published."""
    path = f"{ALL}/{name}"
    form = {"label": name.capitalize(), "name": name, "object": "task", "trigger": "record.created", "template": ""}
    await send(AutomationsPage.create, ALL, form=form)
    body = {"name": name, "label": name.capitalize(), "trigger": trigger, "steps": steps}
    await send(DesignerActions.save_json, f"{path}?tab=json", form={"json": json.dumps(body)})
    data = (await send(Designer.open, f"{path}?tab=publish"))["designer"]["publish"]
    return {**{part["name"]: (part["state"], part["lines"]) for part in data["parts"]}, "can": data["can_publish"]}


def _branch(*cases: str, **more: Any) -> dict[str, Any]:
    return {"id": "which", "type": "branch", "cases": [{"when": case, "steps": []} for case in cases], **more}


async def test_what_it_reads_and_writes_is_named(send: Send) -> None:
    step = {"id": "note", "type": "update", "values": {"notes": "subject"}}
    found = await _report(send, "ping", {**CREATED, "when": "due_date is not empty"}, step)
    assert found["reads"] == ("good", ["Task: Due, Subject."])
    assert found["writes"] == ("good", ["Task: Notes."])
    assert found["can"]


async def test_a_circle_without_a_question_is_refused_with_its_way(crm: Crm, send: Send) -> None:
    found = await _report(send, "ping", CREATED, ANOTHER)
    state, lines = found["cycles"]
    assert state == "bad"
    assert lines[0].startswith("“Ping” (step another) → Task is created → “Ping” again. Nothing in it asks whether")
    assert not found["can"]
    said = await send(DesignerActions.publish, f"{ALL}/ping?tab=publish")
    assert "Nothing in it asks" in said["shell"]["notice"]["text"]
    with crm.workspace.work(UserActor(crm.people["admin"])) as work:
        assert "ping" not in {each.name for each in work.schema.stored.automations}


async def test_a_circle_through_another_workflow_is_told_with_its_budget(send: Send) -> None:
    await _report(send, "ping", {**UPDATED, "fields": ["notes"]}, _set("subject", "notes"))
    found = await _report(send, "pong", {**UPDATED, "fields": ["subject"]}, _set("notes", "subject"))
    state, lines = found["cycles"]
    assert state == "note"
    assert lines[0].startswith("“Pong” (step set) → Task changes → “Ping” (step set) → Task changes → “Pong” again.")
    assert "5 times" in lines[0]


async def test_a_change_that_starts_itself_is_refused_with_a_record_that_shows_it(send: Send) -> None:
    found = await _report(send, "ping", {**UPDATED, "when": "notes != 'z'"}, _set("notes", "notes & 'x'"))
    assert found["spinning"] == (
        "bad",
        ["Step set: a record whose Notes becomes “a” → “ax” → “axx” → “axxx” → …, each change starting it again."],
    )
    assert not found["can"]
    found = await _report(send, "pong", {**UPDATED, "when": "notes = 'z'"}, _set("notes", "notes & 'x'"))
    assert "spinning" not in found


async def test_what_a_step_sets_can_end_the_circle(send: Send) -> None:
    step = _set("notes", "'done'")
    found = await _report(send, "ping", {**UPDATED, "when": "notes is empty"}, step)
    assert found["cycles"] == ("good", ["It sets off nothing that leads back to it."])


async def test_ways_that_are_never_taken_are_told_with_an_example(send: Send) -> None:
    found = await _report(send, "ping", CREATED, _branch("notes = 'a'", "notes = 'a' and subject = 'b'"))
    state, lines = found["ways"]
    assert state == "note"
    taken = "as a record with Notes “a”, Subject “b” goes to case 1"
    assert lines[0] == f"Step which: case 2 is never reached: those before it take all of it, {taken}."
    assert "goes no way" in lines[1]
    found = await _report(send, "pong", {**CREATED, "when": "notes = 'a' and notes = 'b'"}, _set("notes", "'c'"))
    assert found["never"][0] == "bad"
    assert not found["can"]


async def test_who_lacks_the_rights_is_named(crm: Crm, send: Send) -> None:
    with crm.workspace.work(UserActor(crm.people["admin"])) as work:
        roles = [each for each in work.schema.stored.roles if each.name == "sales_rep"]
        drafts.edit_draft(
            work,
            "Close tasks",
            {f"roles/{each.name}": lambda body: {**body, "grants": _without_create(body)} for each in roles},
        )
    found = await _report(send, "ping", UPDATED, {**ANOTHER, "values": {"subject": "'x'"}})
    state, lines = found["rights"]
    assert state in ("note", "bad")
    assert any("lacks: create on Task (step another)" in line for line in lines)


async def test_the_worst_case_counts_loops(send: Send) -> None:
    loop = {"id": "again", "type": "loop", "while": "notes is empty", "max": 10, "steps": [_set("notes", "'x'")]}
    found = await _report(send, "ping", CREATED, loop, _branch("notes = 'a'", **{"else": [_set("subject", "'b'")]}))
    assert found["size"][1][0] == "At most 23 steps per run; 2,000 are allowed."


async def test_the_worst_case_counts_what_the_budget_of_a_run_counts(send: Send) -> None:
    loop = {"id": "again", "type": "loop", "while": "notes is empty", "max": 1000, "steps": [_set("notes", "'x'")]}
    state, lines = (await _report(send, "ping", CREATED, loop))["size"]
    assert (state, lines[0]) == ("note", "At most 2,001 steps per run; 2,000 are allowed.")
    assert lines[2] == "At most about 4,010 events in its history."
    found = await _report(send, "pong", CREATED, {"id": "hold", "type": "wait", "duration": "P1D"})
    assert found["size"][1][0] == "At most 2 steps per run; 2,000 are allowed."
    assert found["size"][1][2] == "At most about 12 events in its history."


def _set(field: str, text: str) -> dict[str, Any]:
    step_id = "set" if text not in ("'b'", "'x'") else f"set_{field}"
    return {"id": step_id, "type": "update", "values": {field: text}}


def _without_create(body: dict[str, Any]) -> list[dict[str, Any]]:
    return [{**grant, "actions": ["read", "edit"]} for grant in body["grants"]]
