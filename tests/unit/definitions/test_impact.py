"""What depends on a field: rules across relations, and everything else that names it."""

from typing import Any

from crm_app.automation.rules import rules_of
from crm_app.definitions.load import load_package
from crm_app.definitions.package import Package
from crm_app.services.impact import Impact
from crm_app.services.place_words import place_words
from tests.builders import field, layout, object_body, role_body, select_field

STAGES = ("open", "won")


def package() -> Package:
    company = object_body(
        "company",
        field("city", visible_when="name is not empty"),
        validation_rules=[{"when": "any(deal_company where amount > 5 USD)", "message": "Too much.", "field": "city"}],
    )
    gate = {"rule": "company.city = 'Bonn' and stage_since < now", "message": "Bonn only.", "required": ["amount"]}
    deal = object_body(
        "deal",
        select_field("stage", STAGES),
        field("amount", "currency", required_when="company.city is empty"),
        field("company", "relation", config={"object": "company"}),
        layouts=[layout("name", "amount", "company")],
        card_fields=["amount"],
        pipelines=[
            {
                "name": "sales",
                "label": "Sales",
                "field": "stage",
                "stages": [{"name": "open"}, {"name": "won", "gate": gate}],
            }
        ],
    )
    view: dict[str, Any] = {
        "format_version": 1,
        "name": "bonn",
        "label": "Bonn",
        "object": "deal",
        "filter": "company.city = 'Bonn'",
        "fields": ["amount"],
    }
    grants = {"objects": ["deal"], "actions": ["read"]}
    blind = role_body("blind", grants, field_levels=[{"object": "deal", "field": "amount", "level": "none"}])
    automation = {
        "format_version": 1,
        "name": "greet",
        "label": "Greet",
        "trigger": {"type": "record.updated", "object": "deal", "fields": ["stage"], "when": "company.city = 'Ulm'"},
        "steps": [{"id": "change", "type": "update", "values": {"amount": "amount"}}],
    }
    return load_package(
        {
            "objects": {f"objects/{body['name']}.json": body for body in (company, deal)},
            "views": {"views/bonn.json": view},
            "roles": {"roles/blind.json": blind},
            "automations": {"automations/greet.json": automation},
        }
    )


def used(owner: str, name: str) -> list[str]:
    return [use.path for use in Impact(package(), rules_of).of((owner, name))]


def test_rules_are_found_across_relations_and_from_the_other_end() -> None:
    assert used("company", "city") == [
        "automations/greet/trigger/when",
        "objects/company/validation_rules/0/field",
        "objects/deal/fields/amount/required_when",
        "objects/deal/pipelines/sales/stages/1/gate/rule",
        "views/bonn/filter",
    ]
    assert "objects/company/validation_rules/0/when" in used("deal", "company")
    assert "objects/company/validation_rules/0/when" in used("deal", "amount")


def test_everything_that_names_a_field_is_found() -> None:
    assert used("deal", "amount") == [
        "automations/greet/steps/0/values/amount",
        "objects/company/validation_rules/0/when",
        "objects/deal/card_fields/0",
        "objects/deal/layouts/main/tabs/0/sections/0/fields/1",
        "objects/deal/pipelines/sales/stages/won/gate/required/0",
        "roles/blind/field_levels/0/field",
        "views/bonn/fields/0",
    ]
    assert "objects/deal/pipelines/sales/stages/1/gate/rule" in used("deal", "stage")


def test_an_object_is_depended_on_by_what_points_at_it_and_what_names_its_fields() -> None:
    found = used("company", "")
    assert "objects/deal/fields/company/config/object" in found
    assert "views/bonn/filter" in found
    assert not any(path.startswith("objects/company/") for path in found)


def test_a_place_is_told_in_words() -> None:
    uses = {use.path: use.label for use in Impact(package(), rules_of).of(("company", "city"))}
    assert uses["objects/deal/pipelines/sales/stages/1/gate/rule"] == "Deals: Pipeline Sales, the way into Won"
    assert uses["objects/deal/fields/amount/required_when"] == "Deals: Amount, required when"
    assert uses["objects/company/validation_rules/0/field"] == "Companys: Check “Too much.”"
    assert uses["views/bonn/filter"] == "View Bonn: filter"
    assert uses["automations/greet/trigger/when"] == "Workflow Greet: its trigger"


def test_every_place_has_words_and_one_that_is_not_there_keeps_its_path() -> None:
    found = package()
    for path, words in (
        ("objects/deal", "Deals"),
        ("objects/deal/fields/amount", "Deals: Amount (Currency)"),
        ("objects/deal/fields/amount/required_when", "Deals: Amount, required when"),
        ("objects/company/validation_rules/0/when", "Companys: Check “Too much.”"),
        ("objects/company/validation_rules/7/when", "objects/company/validation_rules/7/when"),
        ("objects/deal/pipelines/sales/stages/9/gate/rule", "objects/deal/pipelines/sales/stages/9/gate/rule"),
        ("views/bonn", "View Bonn"),
        ("views/bonn/filter", "View Bonn: filter"),
        ("automations/none", "Workflow none"),
        ("objects/none", "objects/none"),
        ("", ""),
    ):
        assert place_words(found, path) == words
