"""Formulas and rollups in the builder, without a browser: what they are made of, what they give, and how they look."""

from typing import Any

from crm_app.ui.builder.builder_state import Builder
from crm_app.ui.builder.fields_state import FieldsTab
from crm_app.ui.builder.rule_state import RuleDesk
from crm_app.ui.records.form_state import RecordForm
from tests.unit.ui.conftest import Crm, Send

COMPANY, DEAL = "/settings/objects/company", "/settings/objects/deal"


def _choices(found: dict[str, Any], name: str) -> dict[str, str]:
    each = next(each for each in found["inputs"] if each["name"] == name)
    return {choice["value"]: choice["label"] for choice in each["choices"]}


async def test_a_rollup_is_made_of_choices_and_says_what_it_gives(send: Send) -> None:
    await send(Builder.open, COMPANY)
    found = (await send(FieldsTab.choose_type, COMPANY, name="rollup"))["builder"]
    assert _choices(found, "config/relation")["deal_company"] == "Deals · Company"
    assert _choices(found, "config/field") == {"": "Choose the related records first"}
    found = (await send(FieldsTab.sum_over, COMPANY, relation="deal_company"))["builder"]
    offered = _choices(found, "config/field")
    assert offered["amount"] == "Amount · Currency"
    assert offered["weighted"] == "Weighted amount · Amount in USD"
    assert "stage" not in offered
    form = {"label": "Average deal", "name": "average", "config/relation": "deal_company", "config/function": "avg"}
    found = (await send(FieldsTab.create, COMPANY, form=form))["builder"]
    assert found["errors"] == {"config/field": "Choose a field: only a count needs none."}
    found = (await send(FieldsTab.create, COMPANY, form={**form, "config/field": "amount"}))["builder"]
    assert found["panel"]["note"] == "Rollup · Amount in USD · average"
    assert found["things"]["average"]["note"] == found["panel"]["note"]


async def test_nothing_is_offered_for_it_that_needs_a_stored_value_or_somebody_who_types(send: Send) -> None:
    opened = (await send(Builder.open, DEAL))["builder"]
    found = (await send(FieldsTab.choose, DEAL, name="weighted"))["builder"]
    assert [each["name"] for each in found["inputs"]] == ["config/formula", "config/decimals", "visible_when", "help"]
    assert not opened["things"]["weighted"].get("badges")
    assert found["panel"]["types"] == []
    assert "holds nothing" in found["panel"]["types_help"]
    shown = [field for section in opened["preview"]["sections"] for field in section["fields"]]
    assert next(field["widget"] for field in shown if field["name"] == "weighted") == "computed"


async def test_a_new_field_that_becomes_a_formula_leaves_behind_what_a_formula_has_not(send: Send) -> None:
    await send(Builder.open, DEAL)
    await send(FieldsTab.choose_type, DEAL, name="number")
    form = {"label": "Fee", "name": "fee", "required": "on", "default": "3", "searchable": ""}
    await send(FieldsTab.create, DEAL, form=form)
    await send(FieldsTab.open_retyping, DEAL, form={"type": "formula"})
    found = (await send(FieldsTab.retype, DEAL, form={"config/formula": "1 + 1"}))["builder"]
    assert found["panel"]["note"] == "Formula · Whole number · fee"
    assert found.get("problems", []) == []


async def test_a_formula_says_what_it_gives_while_it_is_typed(send: Send) -> None:
    await send(Builder.open, DEAL)

    async def look(text: str) -> dict[str, Any]:
        found = await send(RuleDesk.look, DEAL, place="config/formula", text=text, caret=-1)
        return found["rule_desk"]["answers"]["config/formula"]

    given = {text: (await look(text))["gives"] for text in ("amount * 2", "1.5 + 1", "name & '!'", "stage", "today")}
    assert list(given.values()) == ["Amount in USD", "Decimal number", "Text", "Select", "Date"]
    assert "name one of its fields" in (await look("company"))["message"]


async def test_a_form_shows_it_without_an_input_and_takes_no_value_for_it(crm: Crm, send: Send) -> None:
    deal = crm.create("deal", name="Press", stage="engaging", amount="100")
    path = f"/o/deal/{deal.ref.id}/edit"
    found = (await send(RecordForm.open_edit, path))["record_form"]
    fields = {each["name"]: each for tab in found["tabs"] for part in tab["sections"] for each in part["fields"]}
    assert (fields["weighted"]["widget"], fields["weighted"]["shown"]) == ("computed", "50 USD")
    form = {"has::name": "", "name": "Press", "has::amount": "", "amount": "200", "has::weighted": "", "weighted": "9"}
    await send(RecordForm.save, path, form=form)
    assert str(crm.read(deal).values["weighted"].amount).startswith("100")
    found = (await send(RecordForm.open_new, "/o/deal/new"))["record_form"]
    assert "weighted" not in {
        each["name"] for tab in found["tabs"] for part in tab["sections"] for each in part["fields"]
    }
