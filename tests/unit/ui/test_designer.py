"""The designer of workflows, without a browser."""

import json
from typing import Any

from crm_app.kernel.actor import UserActor
from crm_app.services import drafts
from crm_app.ui.designer.actions_state import DesignerActions
from crm_app.ui.designer.automations_page import AutomationsPage
from crm_app.ui.designer.designer_state import Designer
from crm_app.ui.designer.entrance_state import EntranceActions
from crm_app.ui.designer.rules_state import StepRules
from tests.unit.ui.conftest import Crm, Send

ALL = "/settings/automations"
PING = f"{ALL}/ping"
NEW = {"label": "Ping", "name": "ping", "object": "task", "trigger": "record.created", "template": ""}


async def _made(send: Send) -> dict[str, Any]:
    await send(AutomationsPage.open, ALL)
    await send(AutomationsPage.create, ALL, form=NEW)
    return (await send(Designer.open, PING))["designer"]


def _body(crm: Crm) -> dict[str, Any]:
    with crm.workspace.work(UserActor(crm.people["admin"])) as work:
        return drafts.body_of(work, drafts.read_draft(work), "automations/ping")


async def _add(send: Send, type_name: str, owner: str = "", place: str = "steps", index: int = 0) -> dict[str, Any]:
    return (await send(Designer.add, PING, owner=owner, place=place, index=index, type_name=type_name))["designer"]


async def test_a_workflow_is_made_of_steps_and_published(crm: Crm, send: Send) -> None:
    shown = await _made(send)
    assert shown["tree"]["trigger"]["label"] == "Record created"
    assert shown["tree"]["blocks"] == []
    added = await _add(send, "update")
    assert added["chosen"] == "update"
    block = added["tree"]["blocks"][0]
    assert (block["label"], block["problem"]) == ("Update a record", "Values: this is needed.")
    saved = await send(Designer.save, PING, form={"record": "id", "values": '{"notes": "\'x\'"}'})
    assert saved["designer"]["tree"]["blocks"][0]["problem"] == ""
    assert _body(crm)["steps"] == [{"id": "update", "type": "update", "values": {"notes": "'x'"}}]
    await send(DesignerActions.publish, PING)
    with crm.workspace.work(UserActor(crm.people["admin"])) as work:
        assert "ping" in {each.name for each in work.schema.stored.automations}


async def test_what_is_wrong_is_told_at_the_block_and_the_input(crm: Crm, send: Send) -> None:
    await _made(send)
    await _add(send, "update")
    shown = (await send(Designer.save, PING, form={"record": "notes", "values": '{"notes": "1"}'}))["designer"]
    assert "record" in shown["tree"]["blocks"][0]["problem"]
    problems = {each["name"]: each["problem"] for each in shown["inputs"]}
    assert "record" in problems["record"]
    assert _body(crm)["steps"][0]["record"] == "notes"


async def test_what_was_typed_stays_with_its_step_when_another_is_chosen_meanwhile(crm: Crm, send: Send) -> None:
    await _made(send)
    await _add(send, "update")
    await _add(send, "wait", index=1)
    form = {"values": '{"notes": "1"}', "id": "note"}
    shown = (await send(Designer.save, PING, form=form, about="update"))["designer"]
    assert [each["id"] for each in _body(crm)["steps"]] == ["note", "wait"]
    assert _body(crm)["steps"][0]["values"] == {"notes": "1"}
    assert "chosen" not in shown


async def test_how_long_is_a_number_with_a_unit_and_a_step_can_say_why_it_is_there(crm: Crm, send: Send) -> None:
    await _made(send)
    shown = await _add(send, "wait")
    kinds = {each["name"]: each["kind"] for each in shown["inputs"]}
    assert (kinds["duration"], kinds["note"]) == ("duration", "long")
    shown = (await send(Designer.save, PING, form={"duration": "P3D", "note": "They asked for it."}))["designer"]
    assert shown["tree"]["blocks"][0]["why"] == "They asked for it."
    shown = await _add(send, "update", "wait", "compensate")
    assert [lane["label"] for lane in shown["tree"]["blocks"][0]["lanes"]] == ["To undo it"]
    wait = {"id": "wait", "type": "wait", "duration": "P3D", "note": "They asked for it."}
    assert _body(crm)["steps"] == [{**wait, "compensate": [{"id": "update", "type": "update"}]}]
    settings = (await send(Designer.open, f"{PING}?tab=settings"))["designer"]["inputs"]
    assert {each["name"]: each["kind"] for each in settings}["limits/deadline"] == "plain_duration"


async def test_steps_are_moved_copied_removed_and_brought_back(crm: Crm, send: Send) -> None:
    await _made(send)
    await _add(send, "update")
    await _add(send, "create", index=1)
    await send(Designer.move, PING, key="create", owner="", place="steps", index=0)
    assert [each["id"] for each in _body(crm)["steps"]] == ["create", "update"]
    await send(Designer.copy_step, PING, key="update")
    await send(Designer.paste, PING, owner="", place="steps", index=2)
    await send(Designer.remove, PING, key="create")
    assert [each["id"] for each in _body(crm)["steps"]] == ["update", "update_2"]
    await send(Designer.undo, PING)
    assert [each["id"] for each in _body(crm)["steps"]] == ["create", "update", "update_2"]
    await send(Designer.redo, PING)
    assert [each["id"] for each in _body(crm)["steps"]] == ["update", "update_2"]


async def test_rules_of_a_step_know_what_stands_before_it(send: Send) -> None:
    await _made(send)
    await _add(send, "create")
    await send(Designer.save, PING, form={"object": "task", "values": '{"subject": "\'a\'"}'})
    shown = await _add(send, "update", index=1)
    names = {each["name"] for each in shown["data"]}
    assert {"steps.create.id", "subject", "old.subject"} <= names
    answer = await send(StepRules.look, PING, place="record", text="steps.create.", caret=13)
    answers = answer["step_rules"]["answers"]["record"]
    assert "steps.create.id" in {each["text"] for each in answers["suggestions"]} | {
        f"steps.create.{each['text']}" for each in answers["suggestions"]
    }
    answer = await send(StepRules.look, PING, place="values/due_date", text="'soon'", caret=-1)
    assert answer["step_rules"]["answers"]["values/due_date"]["message"]


async def test_the_id_of_a_step_can_change_and_rules_follow(crm: Crm, send: Send) -> None:
    await _made(send)
    await _add(send, "create")
    await send(Designer.save, PING, form={"object": "task", "values": '{"subject": "\'a\'"}'})
    await _add(send, "update", index=1)
    await send(Designer.save, PING, form={"record": "steps.create.id", "values": '{"notes": "\'b\'"}'})
    await send(Designer.choose, PING, key="create")
    shown = await send(Designer.save, PING, form={"id": "made", "object": "task", "values": '{"subject": "\'a\'"}'})
    assert shown["designer"]["chosen"] == "made"
    assert [each.get("record") for each in _body(crm)["steps"]] == [None, "steps.made.id"]


async def test_json_is_kept_with_its_problems_at_their_lines(crm: Crm, send: Send) -> None:
    await _made(send)
    await send(Designer.open, f"{PING}?tab=json")
    text = '{"name": "ping", "label": "Pong",\n "trigger": {"type": "record.created", "object": "task"},\n'
    wrong = text + ' "steps": [{"id": "No", "type": "update"}]}'
    shown = (await send(DesignerActions.save_json, f"{PING}?tab=json", form={"json": wrong}))["designer_actions"]
    assert shown["problems"][0]["line"] == "Line 3"
    assert _body(crm)["label"] == "Ping"
    await send(DesignerActions.save_json, f"{PING}?tab=json", form={"json": text + ' "steps": []}'})
    assert _body(crm)["label"] == "Pong"


async def test_a_webhook_gets_an_address_that_is_shown_once(send: Send) -> None:
    await _made(send)
    trigger = {"type": "webhook", "object": "task", "body": {"what": {}}, "values": {"subject": "what"}}
    body = {"name": "ping", "label": "Ping", "trigger": trigger, "run_as": "admin@example.com"}
    step = {"id": "stop", "type": "stop"}
    text = json.dumps({**body, "steps": [step]})
    await send(DesignerActions.save_json, f"{PING}?tab=json", form={"json": text})
    assert (await send(Designer.open, PING))["designer"]["entrance"]["kind"] == "unpublished"
    await send(DesignerActions.publish, f"{PING}?tab=publish")
    shown = (await send(Designer.open, PING))["designer"]["entrance"]
    assert shown == {"kind": "webhook", "path": "", "made": ""}
    made = await send(EntranceActions.make, PING)
    once = made["entrance_actions"]
    assert (once["of"], once["address"][:14], once["secret"][:6]) == ("ping", "/api/v1/hooks/", "whsec_")
    assert made["designer"]["entrance"]["made"] != ""
    assert (await send(EntranceActions.forget, PING))["entrance_actions"]["secret"] == ""
    refused = await send(EntranceActions.make, PING, who="rita", token="other")
    assert (refused["entrance_actions"]["secret"], refused["shell"]["notice"]["kind"]) == ("", "bad")
    gone = (await send(EntranceActions.remove, PING))["designer"]["entrance"]
    assert gone["made"] == ""


async def test_what_a_webhook_takes_and_a_form_asks_are_rows(crm: Crm, send: Send) -> None:
    await _made(send)
    shown = (await send(Designer.save, PING, form={"type": "webhook", "object": "task"}))["designer"]
    assert {each["name"]: each["kind"] for each in shown["inputs"]}["body"] == "rows"
    taken = [{"*": "what", "path": "order.id", "required": True}, {"*": "", "path": "waits"}]
    shown = (await send(Designer.save, PING, form={"body": json.dumps(taken)}))["designer"]
    by_name = {each["name"]: each for each in shown["inputs"]}
    field, variable = by_name["values"]["columns"]
    assert "subject" in {each["value"] for each in field["choices"]}
    assert (variable["label"], [each["value"] for each in variable["choices"]]) == ("Variable", ["what"])
    await send(Designer.save, PING, form={"values": json.dumps([{"*": "subject", "=": "what"}])})
    trigger = _body(crm)["trigger"]
    assert trigger["body"] == {"what": {"path": "order.id", "required": True}}
    assert trigger["values"] == {"subject": "what"}
    double = json.dumps([{"*": "what"}, {"*": "what"}])
    errors = (await send(Designer.save, PING, form={"body": double}))["designer"]["errors"]
    assert errors == {"body": "There are two rows for 'what'."}
    await _add(send, "form")
    why = {"label": "Why", "name": "why", "kind": "choice", "options": ["Fair", "Web"]}
    asked = [why, {"label": "Since", "name": "since"}]
    shown = (await send(Designer.save, PING, form={"fields": json.dumps(asked)}))["designer"]
    assert _body(crm)["steps"][0]["fields"] == asked
    assert [each["is_list"] for each in shown["inputs"] if each["name"] == "fields"] == [True]


async def test_what_rows_cant_say_stays_json(crm: Crm, send: Send) -> None:
    await _made(send)
    await _add(send, "form")
    odd = [{"name": "why", "label": "Why", "colour": "red"}]
    shown = (await send(Designer.save, PING, form={"fields": json.dumps(odd)}))["designer"]
    given = next(each for each in shown["inputs"] if each["name"] == "fields")
    assert (given["kind"], json.loads(given["value"])) == ("json", odd)
    assert _body(crm)["steps"][0]["fields"] == odd


async def test_versions_are_compared_and_brought_back(crm: Crm, send: Send) -> None:
    await _made(send)
    await _add(send, "update")
    await send(Designer.save, PING, form={"record": "id", "values": '{"notes": "\'x\'"}'})
    await send(DesignerActions.publish, PING)
    await send(Designer.save, PING, form={"record": "id", "values": '{"notes": "\'y\'"}'})
    await _add(send, "create", index=1)
    versions = (await send(Designer.open, f"{PING}?tab=versions"))["designer"]["versions"]
    rows = {row["key"]: (row["state"], row["says"]) for row in versions["rows"]}
    assert rows["update"] == ("changed", ["values/notes: 'x' → 'y'"])
    assert rows["create"][0] == "added"
    await send(DesignerActions.restore, f"{PING}?tab=versions", number=versions["lines"][0]["number"])
    assert _body(crm)["steps"] == [{"id": "update", "type": "update", "values": {"notes": "'x'"}}]


async def test_a_workflow_pauses_at_once(send: Send) -> None:
    await _made(send)
    await _add(send, "update")
    await send(Designer.save, PING, form={"record": "id", "values": '{"notes": "\'x\'"}'})
    await send(DesignerActions.publish, PING)

    async def paused(*, is_active: bool) -> bool:
        shown = await send(AutomationsPage.pause, ALL, name="ping", is_active=is_active)
        return not next(line for line in shown["automations_page"]["lines"] if line["name"] == "ping")["is_active"]

    await send(AutomationsPage.open, ALL)
    assert await paused(is_active=False)
    assert not await paused(is_active=True)


async def test_only_administrators_design(crm: Crm, send: Send) -> None:
    await _made(send)
    shown = (await send(Designer.open, PING, who="rita"))["designer"]
    assert shown["tree"] == {}
    await _add_as(send, "rita")
    await send(DesignerActions.publish, PING, who="rita")
    assert _body(crm).get("steps", []) == []


async def _add_as(send: Send, who: str) -> None:
    await send(Designer.add, PING, who=who, owner="", place="steps", index=0, type_name="update")


async def test_each_record_that_convert_makes_has_its_own_inputs(crm: Crm, send: Send) -> None:
    await send(AutomationsPage.open, ALL)
    await send(AutomationsPage.create, ALL, form={**NEW, "object": "lead"})
    await send(Designer.open, PING)
    shown = await _add(send, "convert")
    assert [lane["label"] for lane in shown["panel"]["lanes"]] == ["Record 1", "Add a record"]
    shown = (await send(Designer.save, PING, form={"makes/0/name": "firm", "makes/0/object": "company"}))["designer"]
    inputs = {each["name"]: each for each in shown["inputs"]}
    assert {name: inputs[f"makes/0/{name}"]["kind"] for name in ("object", "when", "match", "values", "links")} == {
        "object": "choice", "when": "rule", "match": "values", "values": "values", "links": "rows",
    }  # fmt: skip
    assert "name" in {each["value"] for each in inputs["makes/0/values"]["choices"]}
    await send(Designer.lane, PING, what="add", lot="makes", at=-1)
    person = {"makes/1/name": "person", "makes/1/object": "contact", "makes/1/values": '{"name": "name"}'}
    said = {**person, "makes/0/values": '{"name": "company_name"}', "makes/1/links": '[{"*": "company", "=": "firm"}]'}
    shown = (await send(Designer.save, PING, form=said))["designer"]
    field, target = next(each for each in shown["inputs"] if each["name"] == "makes/1/links")["columns"]
    assert "company" in {each["value"] for each in field["choices"]}
    assert (target["label"], [each["value"] for each in target["choices"]]) == ("Record", ["firm"])
    moves = next(each for each in shown["inputs"] if each["name"] == "moves")["columns"]
    assert "task_lead" in {each["value"] for each in moves[0]["choices"]}
    assert [each["value"] for each in moves[1]["choices"]] == ["firm", "person"]
    assert _body(crm)["steps"][0]["makes"] == [
        {"name": "firm", "object": "company", "values": {"name": "company_name"}},
        {"name": "person", "object": "contact", "values": {"name": "name"}, "links": {"company": "firm"}},
    ]
    assert shown["tree"]["blocks"][0]["problem"] == ""
    shown = (await send(Designer.lane, PING, what="remove", lot="makes", at=0))["designer"]
    assert "firm" in next(each for each in shown["inputs"] if each["name"] == "makes/0/links")["problem"]
