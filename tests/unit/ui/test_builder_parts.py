"""Layout, lists, pipelines, the object itself and its JSON, through the builder's handlers."""

import json
from typing import Any

from crm_app.kernel.actor import UserActor
from crm_app.services import drafts
from crm_app.ui.builder.builder_state import Builder
from crm_app.ui.builder.fields_state import FieldsTab
from crm_app.ui.builder.json_state import JsonTab
from crm_app.ui.builder.parts_state import PartsTab
from tests.unit.ui.conftest import Crm, Send

DEAL = "/settings/objects/deal"
LAYOUT, LISTS, PIPELINES, GENERAL, JSON = (
    f"{DEAL}?tab={tab}" for tab in ("layout", "lists", "pipelines", "general", "json")
)


def _body(crm: Crm) -> dict[str, Any]:
    with crm.workspace.work(UserActor(crm.people["admin"])) as work:
        return drafts.body_of(work, drafts.read_draft(work), "objects/deal")


async def _open(send: Send, path: str) -> dict[str, Any]:
    return (await send(Builder.open, path))["builder"]


def _form(found: dict[str, Any], **more: Any) -> dict[str, Any]:
    """What the browser would send of the panel as it is."""
    form: dict[str, Any] = {}
    for item in found["inputs"]:
        chosen = [choice["value"] for choice in item["choices"] if choice["is_chosen"]]
        if item["kind"] in ("names", "choices", "objects"):
            form |= {f"{item['name']}::{value}": True for value in chosen}
        elif item["kind"] != "boolean" or item["is_checked"]:
            form[item["name"]] = item["value"]
    return {**form, **more}


async def test_fields_go_between_the_sections_of_a_layout(crm: Crm, send: Send) -> None:
    found = await _open(send, LAYOUT)
    groups = [group["id"] for group in found["groups"]]
    first, last = groups[0], groups[-1]
    assert last == "elsewhere"
    field = found["groups"][0]["items"][0]
    found = (await send(PartsTab.move, LAYOUT, thing=field, group=last, index=0))["builder"]
    assert field in found["groups"][-1]["items"]
    found = (await send(PartsTab.move, LAYOUT, thing=field, group=first, index=1))["builder"]
    assert found["groups"][0]["items"][1] == field
    assert _body(crm)["layouts"][0]["tabs"][0]["sections"][0]["fields"][1] == field


async def test_parts_of_a_layout_are_added_changed_moved_and_removed(crm: Crm, send: Send) -> None:
    await _open(send, LAYOUT)
    found = (await send(PartsTab.act, LAYOUT, name="add-section"))["builder"]
    assert found["part"]["title"] == "New section"
    form = _form(found, label="Money", columns="1", visible_when="amount > 5 USD")
    await send(PartsTab.save, LAYOUT, form=form)
    section = _body(crm)["layouts"][0]["tabs"][-1]["sections"][-1]
    assert section == {"label": "Money", "columns": 1, "visible_when": "amount > 5 USD"}
    await send(PartsTab.act, LAYOUT, name="earlier")
    assert _body(crm)["layouts"][0]["tabs"][-1]["sections"][-2]["label"] == "Money"
    await send(PartsTab.act, LAYOUT, name="remove")
    assert "Money" not in json.dumps(_body(crm)["layouts"])
    for name in ("add-tab", "add-layout"):
        await send(PartsTab.act, LAYOUT, name=name)
    assert _body(crm)["layouts"][0]["name"] == "layout_2"


async def test_a_rule_that_does_not_fit_is_told_at_its_input(send: Send) -> None:
    await _open(send, LAYOUT)
    found = (await send(PartsTab.act, LAYOUT, name="add-section"))["builder"]
    found = (await send(PartsTab.save, LAYOUT, form=_form(found, visible_when="amout > 5")))["builder"]
    told = {item["name"]: item["problem"] for item in found["inputs"]}
    assert "amout" in told["visible_when"]
    assert found["problems"]


async def test_lists_and_cards_show_what_is_chosen_in_that_order(crm: Crm, send: Send) -> None:
    found = await _open(send, LISTS)
    shown = found["groups"][0]["items"]
    await send(PartsTab.move, LISTS, thing=shown[-1], group="list:shown", index=0)
    assert _body(crm)["list_fields"][0] == shown[-1].removeprefix("list:")
    await send(PartsTab.act, LISTS, name=shown[-1])
    assert shown[-1].removeprefix("list:") not in _body(crm)["list_fields"]
    await send(PartsTab.act, LISTS, name="card:created_at")
    assert _body(crm)["card_fields"][-1] == "created_at"
    before = _body(crm)
    await send(PartsTab.move, LISTS, thing="list:name", group="card:shown", index=0)
    assert _body(crm) == before


async def test_stages_are_added_ordered_and_given_what_they_need(crm: Crm, send: Send) -> None:
    await _open(send, PIPELINES)
    form = {"label": "Legal check", "name": "legal_check"}
    found = (await send(PartsTab.add_stage, PIPELINES, form=form))["builder"]
    pipeline = _body(crm)["pipelines"][0]
    names = [stage["name"] for stage in pipeline["stages"]]
    assert names.index("legal_check") == len(names) - 3, "before won and lost"
    form = _form(found, probability="60", rotting_days="7", color="teal", **{"gate/required::amount": True})
    found = (await send(PartsTab.save, PIPELINES, form=form))["builder"]
    stage = next(each for each in _body(crm)["pipelines"][0]["stages"] if each["name"] == "legal_check")
    assert (stage["probability"], stage["rotting_days"], stage["gate"]) == (60, 7, {"required": ["amount"]})
    await send(PartsTab.move, PIPELINES, thing="legal_check", group="stages", index=0)
    stage_field = next(each for each in _body(crm)["fields"] if each["name"] == pipeline["field"])
    assert stage_field["config"]["options"][0] == {"name": "legal_check", "label": "Legal check", "color": "teal"}
    found = (await send(PartsTab.add_stage, PIPELINES, form={"label": "Again", "name": "legal_check"}))["builder"]
    assert "already" in found["errors"]["name"]


async def test_the_object_itself_is_changed(crm: Crm, send: Send) -> None:
    found = await _open(send, GENERAL)
    assert {item["name"]: item["kind"] for item in found["inputs"]}["icon"] == "icon"
    await send(PartsTab.save, GENERAL, form=_form(found, plural="Opportunities", color="pink"))
    assert (_body(crm)["plural"], _body(crm)["color"]) == ("Opportunities", "pink")
    found = (await send(PartsTab.save, GENERAL, form=_form(found, plural="")))["builder"]
    assert found["errors"]["plural"]


async def test_duplicate_rules_are_checked_as_they_are_written(crm: Crm, send: Send) -> None:
    found = await _open(send, GENERAL)
    rules = [{"name": "same", "label": "Same name", "match": ["name"]}]
    found |= (await send(PartsTab.save, GENERAL, form=_form(found, duplicate_rules=json.dumps(rules))))["builder"]
    assert _body(crm)["duplicate_rules"] == rules
    (written,) = [item for item in found["inputs"] if item["name"] == "duplicate_rules"]
    assert (written["kind"], json.loads(written["value"]), written["problem"]) == ("json", rules, "")
    rules[0]["match"] = ["nope"]
    found |= (await send(PartsTab.save, GENERAL, form=_form(found, duplicate_rules=json.dumps(rules))))["builder"]
    (written,) = [item for item in found["inputs"] if item["name"] == "duplicate_rules"]
    assert written["problem"] == "'nope' is not a field of Deal."


async def test_a_form_as_it_is_changes_nothing(crm: Crm, send: Send) -> None:
    before = _body(crm)
    for path, chosen in ((GENERAL, ""), (PIPELINES, ""), (PIPELINES, "won"), (LAYOUT, "0.0.0"), (LAYOUT, "0")):
        found = await _open(send, path)
        if chosen:
            found = {**found, **(await send(PartsTab.choose, path, name=chosen))["builder"]}
        await send(PartsTab.save, path, form=_form(found))
        assert _body(crm) == before, (path, chosen)


async def test_json_is_kept_when_it_is_a_definition_and_else_told_with_its_line(crm: Crm, send: Send) -> None:
    text = (await _open(send, JSON))["json_text"]
    body = json.loads(text)
    await send(JsonTab.save, JSON, form={"json": json.dumps({**body, "plural": "Sales"})})
    assert _body(crm)["plural"] == "Sales"
    wrong = text.replace('"type": "date"', '"type": "dat"', 1)
    line = wrong[: wrong.index('"type": "dat"')].count("\n")
    for broken, said in ((wrong, "dat"), (text[:-2], "Line"), ("[]", "JSON object"), ("[" * 10_000, "deeper")):
        found = (await send(JsonTab.save, JSON, form={"json": broken}))["json_tab"]
        assert said in found["problems"][0]["message"], broken[:20]
        if broken is wrong:
            assert abs(int(found["problems"][0]["line"].removeprefix("Line ")) - line) <= 4
    assert _body(crm)["plural"] == "Sales"


async def test_the_preview_is_of_the_draft(send: Send) -> None:
    await _open(send, DEAL)
    await send(FieldsTab.choose_type, DEAL, name="select")
    options = json.dumps([{"name": "north", "label": "North"}])
    form = {"label": "Region", "name": "region", "config/options": options, "required": True}
    await send(FieldsTab.create, DEAL, form=form)
    await _open(send, LISTS)
    await send(PartsTab.act, LISTS, name="list:region")
    preview = (await _open(send, f"{DEAL}?tab=preview"))["preview"]
    fields = {field["name"]: field for section in preview["sections"] for field in section["fields"]}
    assert fields["region"]["is_required"]
    assert {"label": "Region", "text": "North"} in preview["cells"]


async def test_nothing_that_a_client_sends_breaks_a_tab(crm: Crm, send: Send) -> None:
    before = _body(crm)
    for path in (LAYOUT, LISTS, PIPELINES, GENERAL, DEAL, JSON):
        await _open(send, path)
        for name in ("", "9.9.9", "99", ":", "0:nothing", "²", "remove-all", "add:nothing", "list:nothing"):
            await send(PartsTab.choose, path, name=name)
            await send(PartsTab.save, path, form={})
            await send(PartsTab.move, path, thing=name, group=name, index=-1)
            await send(Builder.undo, path)
    await send(Builder.discard, DEAL)
    assert _body(crm) == before
