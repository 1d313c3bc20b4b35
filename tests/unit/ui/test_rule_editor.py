"""The rule editor's questions, through its handlers."""

from typing import Any

import pytest

from crm_app.kernel.errors import Forbidden
from crm_app.ui.builder.builder_state import Builder
from crm_app.ui.builder.fields_state import FieldsTab
from crm_app.ui.builder.rule_state import RuleDesk
from tests.unit.ui.conftest import Crm, Send

DEAL = "/settings/objects/deal"
RULE = "visible_when"


async def _look(send: Send, text: str, caret: int = -1, place: str = RULE, **more: Any) -> dict[str, Any]:
    found = await send(RuleDesk.look, DEAL, place=place, text=text, caret=caret, **more)
    return found["rule_desk"]["answers"][place]


async def test_a_rule_is_read_and_completed_while_it_is_typed(crm: Crm, send: Send) -> None:
    await send(Builder.open, DEAL)
    found = await _look(send, "amount > 50000 USD and stage = 'won'")
    assert found["reading"] == "Amount is more than 50,000 USD and Stage is Won"
    assert (found["message"], found["suggestions"]) == ("", [])
    found = await _look(send, "stage = ", 8)
    assert [each["text"] for each in found["suggestions"][:2]] == ["'prospecting'", "'engaging'"]
    assert found["suggestions"][1]["label"] == "Engaging"
    found = await _look(send, "company.", 8)
    assert "sector" in [each["text"] for each in found["suggestions"]]
    assert crm


async def test_what_is_wrong_is_told_with_its_place_and_what_mends_it(send: Send) -> None:
    await send(Builder.open, DEAL)
    found = await _look(send, "amount > 50000 and company.nam = 'x'")
    assert "Did you mean" in found["message"]
    assert "amount > 50000 and company.nam = 'x'"[found["start"] : found["end"]] == "50000"
    assert (found["fix"], found["fix_start"], found["fix_end"]) == ("50000 USD", 9, 14)
    assert (await _look(send, "  "))["message"] == ""
    assert "bytes" in (await _look(send, "x" * 100_000))["message"]


async def test_a_default_is_checked_against_its_field(send: Send) -> None:
    await send(Builder.open, DEAL)
    await send(FieldsTab.choose, DEAL, name="close_date")
    assert (await _look(send, "today + P30D", place="default"))["reading"] == "30 days after today"
    assert "date" in (await _look(send, "'soon'", place="default"))["message"]


async def test_rows_and_text_are_two_views_of_one_rule(send: Send) -> None:
    await send(Builder.open, DEAL)
    text = "amount > 5 USD and (stage = 'won' or company.name is empty)"
    found = (await send(RuleDesk.weigh, DEAL, place=RULE, text=text))["rule_desk"]
    group = found["rows"]["group"]
    assert [item.get("field", item.get("join")) for item in group["items"]] == ["amount", "or"]
    fields = {field["path"]: field for field in found["fields"]}
    assert fields["stage"]["choices"][0] == {"value": "prospecting", "label": "Prospecting"}
    assert fields["company.name"]["group"] == "Company"
    assert found["operators"]["money"][2] == {"value": "<", "label": "is less than"}
    group["items"][0]["values"] = ["70000"]
    found = (await send(RuleDesk.assemble, DEAL, place=RULE, turn=7, group=group))["rule_desk"]
    assert found["rows"]["turn"] == 7
    assert found["rows"]["text"] == text.replace("5 USD", "70000 USD")
    assert found["answers"][RULE]["reading"].startswith("Amount is more than 70,000 USD and (")
    found = (await send(RuleDesk.weigh, DEAL, place=RULE, text="amount * 2 > 5 USD"))["rule_desk"]
    assert found["rows"]["group"] is None


async def test_a_rule_is_tried_on_a_record(crm: Crm, send: Send) -> None:
    record = crm.create("deal", name="Press", amount={"amount": "70000", "currency": "USD"})
    await send(Builder.open, DEAL)
    names = (await send(RuleDesk.suggest, DEAL, place=RULE, field="", text="pre"))["rule_desk"]["names"]
    assert names == [{"value": str(record.ref.id), "label": "Press"}]
    text = "amount > 50000 USD and (stage = 'won' or company.name = 'x')"
    found = await send(RuleDesk.try_on, DEAL, place=RULE, text=text, record=str(record.ref.id))
    trial = found["rule_desk"]["trial"]
    assert (trial["name"], trial["truth"]) == ("Press", "unknown")
    coloured = {part["text"]: part["truth"] for part in trial["parts"] if part["truth"]}
    assert coloured == {"amount > 50000 USD": "true", "stage = 'won'": "false", "company.name = 'x'": "unknown"}
    values = {step["text"]: step["value"] for step in trial["steps"]}
    assert (values["amount"], values["stage"], values["company.name"]) == ("70,000 USD", "Prospecting", "nothing")
    found = await send(RuleDesk.try_on, DEAL, place="default", text="close_date", record=str(record.ref.id))
    assert found["rule_desk"]["trial"]["truth"] == "value"


async def test_it_is_the_administrators_alone(send: Send) -> None:
    for handler, more in ((RuleDesk.look, {"caret": 0}), (RuleDesk.weigh, {}), (RuleDesk.try_on, {"record": "x"})):
        try:
            found = await send(handler, DEAL, who="rita", place=RULE, text="stage = ", **more)
        except Forbidden:
            continue
        desk = found.get("rule_desk", {})
        assert not desk.get("answers")
        assert not desk.get("fields")


@pytest.mark.parametrize("field", ["owner", "nope", "", "amount"])
async def test_names_are_those_of_the_fields_target(send: Send, field: str) -> None:
    await send(Builder.open, DEAL)
    found = await send(RuleDesk.suggest, DEAL, place=RULE, field=field, text="ada")
    names = [each["label"] for each in found.get("rule_desk", {}).get("names", [])]
    assert names == (["Ada Admin"] if field == "owner" else [])


async def test_the_rule_of_a_rollup_is_about_the_records_of_its_list(send: Send) -> None:
    await send(Builder.open, "/settings/objects/company")
    place = "config/where@deal_company"
    found = await send(RuleDesk.look, "/settings/objects/company", place=place, text="sta", caret=3)
    answer = found["rule_desk"]["answers"][place]
    assert answer["suggestions"][0]["text"] == "stage"
    assert "deal has no field 'sta'" in answer["message"]
    found = await send(RuleDesk.look, "/settings/objects/company", place="config/where@nothing", text="sta", caret=3)
    assert "answers" not in found.get("rule_desk", {})
