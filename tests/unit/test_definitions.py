"""Definitions are refused with the place and the mend, before anything changes."""

import json
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from crm_app.definitions.check import BrokenReference, require_sound
from crm_app.definitions.diff import diff
from crm_app.definitions.load import BadDefinition, load_definition, load_package
from crm_app.definitions.object import ObjectDefinition
from crm_app.definitions.package import Package
from tests.builders import field, layout, object_body, select_field, small_business


def package_of(*bodies: dict[str, Any], **others: Any) -> Package:
    return load_package({"objects": {f"objects/{body['name']}.json": body for body in bodies}, **others})


def test_an_unknown_field_type_is_named_with_its_place_and_a_suggestion() -> None:
    with pytest.raises(BadDefinition) as refused:
        package_of(object_body("deal", field("amount", "curency")))
    (problem,) = refused.value.problems
    assert problem.path == "objects/deal.json/fields/1"
    assert "Did you mean 'currency'?" in problem.message


def test_problems_of_all_files_come_together() -> None:
    with pytest.raises(BadDefinition) as refused:
        package_of(object_body("deal", field("a", "nope")), object_body("company", field("b", "nope")))
    assert {problem.path.partition(".json")[0] for problem in refused.value.problems} == {
        "objects/deal",
        "objects/company",
    }


def test_an_unknown_key_is_refused() -> None:
    with pytest.raises(BadDefinition, match="colour"):
        package_of(object_body("deal", colour="red"))


def matching(*fields: str) -> dict[str, Any]:
    return {"duplicate_rules": [{"name": "rule", "label": "Rule", "match": list(fields)}]}


@pytest.mark.parametrize(
    ("more", "place"),
    [
        ({"list_fields": ["nope"]}, "objects/deal/list_fields"),
        ({"layouts": [layout("nope")]}, "objects/deal/layouts/main/tabs/0/sections/0/fields"),
        ({"layouts": [layout("name", roles=["nope"])]}, "objects/deal/layouts/main/roles"),
        ({"layouts": [layout("name", "name")]}, "objects/deal/layouts/main/tabs"),
        ({"layouts": [layout("name"), layout("stage")]}, "objects/deal/layouts"),
        (matching("nope"), "objects/deal/duplicate_rules/rule/match/0"),
        (matching("name", "name"), "objects/deal/duplicate_rules/rule/match/1"),
        (matching("notes"), "objects/deal/duplicate_rules/rule/match/0"),
        (matching("tags"), "objects/deal/duplicate_rules/rule/match/0"),
        (matching("number"), "objects/deal/duplicate_rules/rule/match/0"),
        (matching("shout"), "objects/deal/duplicate_rules/rule/match/0"),
        (
            {"duplicate_rules": matching("name")["duplicate_rules"] * 2},
            "objects/deal/duplicate_rules/rule",
        ),
        ({"unique_together": [["name", "nope"]]}, "objects/deal/unique_together/0"),
        (
            {"validation_rules": [{"when": "true", "message": "No.", "field": "nope"}]},
            "objects/deal/validation_rules/0/field",
        ),
        ({"name_field": "nope"}, "objects/deal/name_field"),
        (
            {"pipelines": [{"name": "p", "label": "P", "field": "stage", "stages": [{"name": "nope"}]}]},
            "objects/deal/pipelines/p/stages/0/name",
        ),
        (
            {"pipelines": [{"name": "p", "label": "P", "field": "name", "stages": [{"name": "open"}]}]},
            "objects/deal/pipelines/p/field",
        ),
    ],
)
def test_a_broken_reference_is_named_with_its_place(more: dict[str, Any], place: str) -> None:
    fields = (
        select_field("stage", ("open", "won")),
        field("notes", config={"max_length": 4000}),
        {**select_field("tags", ("a", "b")), "type": "multi_select"},
        field("number", "auto_number"),
        field("shout", "formula", config={"formula": "upper(name)"}),
    )
    with pytest.raises(BrokenReference) as refused:
        require_sound(package_of(object_body("deal", *fields, **more)))
    assert place in {problem.path for problem in refused.value.problems}


def test_a_relation_to_an_object_that_is_not_there_is_refused() -> None:
    with pytest.raises(BrokenReference, match="There is no object 'planet'"):
        require_sound(package_of(object_body("deal", field("home", "relation", config={"object": "planet"}))))


def test_names_that_every_record_has_are_not_free() -> None:
    with pytest.raises(BrokenReference, match="every record already has"):
        require_sound(package_of(object_body("deal", field("owner"))))


def test_a_definition_writes_no_defaults_and_reads_itself_back() -> None:
    for kind, definition in small_business().definitions():
        body = json.loads(json.dumps(definition.canonical()))
        assert type(definition).model_validate(body) == definition, kind
    deal = load_definition(ObjectDefinition, object_body("deal"))
    assert "icon" not in deal.canonical()


def test_the_same_definitions_are_no_change() -> None:
    assert diff(small_business(), small_business()) == []


def test_a_retyped_field_and_a_missing_object_are_destructive() -> None:
    before = package_of(object_body("deal", field("size", "number")), object_body("company"))
    after = package_of(object_body("deal", field("size", "text")))
    destructive = {str(change) for change in diff(before, after) if change.is_destructive}
    assert destructive == {
        "retype objects/deal/fields/size  (destructive)",
        "archive objects/company  (destructive)",
    }


JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False) | st.text(max_size=20),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text(max_size=10), inner, max_size=4),
    max_leaves=20,
)


@given(st.dictionaries(st.sampled_from(["name", "label", "fields", "plural", "name_field", "pipelines", "x"]), JSON))
def test_no_json_makes_the_loader_fail_other_than_with_its_own_error(body: dict[str, Any]) -> None:
    with pytest.raises(BadDefinition):
        load_definition(ObjectDefinition, body)
