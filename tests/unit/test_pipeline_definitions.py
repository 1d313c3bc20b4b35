"""What a pipeline's definition may say: refused with its place, and never with its defaults written out."""

import json
from typing import Any

import pytest

from crm_app.definitions.check import BrokenReference, require_sound
from crm_app.definitions.load import load_package
from crm_app.definitions.moves import barred
from crm_app.definitions.object import ObjectDefinition
from crm_app.definitions.package import Package
from crm_app.definitions.pipeline import Pipeline
from crm_app.kernel.errors import Invalid
from crm_app.services.rule_checks import require_sound_rules
from tests.builders import field, object_body, select_field

STAGES = [{"name": "lead"}, {"name": "offer"}, {"name": "won", "kind": "won"}, {"name": "lost", "kind": "lost"}]
AT = "objects/deal/pipelines/sales"


def pipeline(**more: Any) -> dict[str, Any]:
    return {"name": "sales", "label": "Sales", "field": "stage", "stages": STAGES, **more}


def package(*pipelines: dict[str, Any], **more: Any) -> Package:
    deal = object_body(
        "deal",
        select_field("stage", ("lead", "offer", "won", "lost")),
        select_field("kind", ("new", "renewal")),
        select_field("reason", ("price",)),
        field("amount", "currency"),
        field("closed", "date"),
        field("big", "boolean"),
        field("parent", "relation", config={"object": "deal"}),
        pipelines=list(pipelines),
        **more,
    )
    return load_package({"objects": {"objects/deal.json": deal}})


def with_stage(number: int, **more: Any) -> list[dict[str, Any]]:
    return [{**stage, **(more if index == number else {})} for index, stage in enumerate(STAGES)]


def _require(found: Package) -> None:
    require_sound(found)
    require_sound_rules(found)


def places(*pipelines: dict[str, Any]) -> set[str]:
    with pytest.raises(Invalid) as refused:
        _require(package(*pipelines))
    return {problem.path for problem in refused.value.problems}


@pytest.mark.parametrize(
    ("more", "place"),
    [
        ({"field": "name"}, f"{AT}/field"),
        ({"stages": [*STAGES, {"name": "lead"}]}, f"{AT}/stages/4/name"),
        ({"stages": with_stage(0, to=["nowhere"])}, f"{AT}/stages/0/to"),
        ({"stages": with_stage(0, to=["lead"])}, f"{AT}/stages/0/to"),
        ({"stages": with_stage(2, rotting_days=5)}, f"{AT}/stages/2/rotting_days"),
        ({"stages": with_stage(1, roles=["nobody"])}, f"{AT}/stages/1/roles"),
        ({"roles": ["nobody"]}, f"{AT}/roles"),
        ({"stages": with_stage(1, gate={"required": ["nothing"]})}, f"{AT}/stages/1/gate/required"),
        ({"stages": with_stage(1, gate={"required": ["stage"]})}, f"{AT}/stages/1/gate/required"),
        ({"stages": with_stage(1, gate={"required": ["big"]})}, f"{AT}/stages/1/gate/required"),
        ({"stages": with_stage(1, exit={"required": ["created_at"]})}, f"{AT}/stages/1/exit/required"),
        ({"stages": with_stage(1, gate={"rule": "big"})}, f"{AT}/stages/1/gate/message"),
        ({"stages": with_stage(1, gate={"rule": "bigg", "message": "No."})}, f"{AT}/stages/1/gate/rule"),
        ({"stages": with_stage(1, exit={"rule": "amount", "message": "No."})}, f"{AT}/stages/1/exit/rule"),
        ({"lost_reason": "amount"}, f"{AT}/lost_reason"),
        ({"lost_reason": "stage"}, f"{AT}/lost_reason"),
        ({"lost_reason": "reason", "stages": STAGES[:3]}, f"{AT}/lost_reason"),
        ({"won_date": "amount"}, f"{AT}/won_date"),
        ({"lost_date": "closed", "stages": STAGES[:3]}, f"{AT}/lost_date"),
        ({"amount": "closed"}, f"{AT}/amount"),
        ({"when": "kindd = 'new'"}, f"{AT}/when"),
        ({"when": "parent.kind = 'new'"}, f"{AT}/when"),
        ({"when": "stage = 'lead'"}, f"{AT}/when"),
        ({"when": "owner = me"}, f"{AT}/when"),
        ({"when": "closed < today"}, f"{AT}/when"),
    ],
)
def test_what_does_not_fit_is_named_with_its_place(more: dict[str, Any], place: str) -> None:
    assert place in places(pipeline(**more))


def test_pipelines_that_share_a_field_leave_records_to_each_other() -> None:
    new, renewal = pipeline(when="kind = 'new'"), pipeline(name="renewals", when="kind = 'renewal'")
    rest = pipeline(name="rest")
    require_sound_rules(package(new, renewal, rest))
    require_sound(package(new, renewal, rest))
    assert places(rest, new) == {"objects/deal/pipelines/rest/when"}
    assert places(new, new) >= {"objects/deal/pipelines"}
    both = pipeline(name="both", when="kind = 'new' or big")
    with pytest.raises(Invalid) as refused:
        require_sound_rules(package(new, both))
    (problem,) = refused.value.problems
    assert str(problem) == "objects/deal/pipelines/both/when: A record with kind = new would be in 'sales', too."


def test_where_an_overlap_cannot_be_told_the_first_that_fits_wins() -> None:
    large, small = pipeline(when="amount > 5 USD"), pipeline(name="small", when="amount < 9 USD")
    require_sound_rules(package(large, small))


def test_the_name_of_the_time_in_a_stage_is_taken() -> None:
    body = object_body("deal", select_field("stage", ("lead", "offer", "won", "lost")), field("stage_since"))
    found = load_package({"objects": {"objects/deal.json": {**body, "pipelines": [pipeline()]}}})
    with pytest.raises(BrokenReference, match="time since which a record is in its stage"):
        require_sound(found)


def test_a_pipeline_writes_no_defaults_and_reads_itself_back() -> None:
    rich = pipeline(
        stages=[
            {"name": "lead", "to": [], "rotting_days": 5, "gate": {"rule": "big", "message": "No.", "on": "move"}},
            *STAGES[1:],
        ],
        skip=False,
        lost_reason="reason",
    )
    (deal,) = package(rich).objects
    body = json.loads(json.dumps(deal.canonical()))
    assert body["pipelines"] == [rich]
    assert ObjectDefinition.model_validate(body) == deal


def test_what_is_won_is_certain_and_what_is_lost_is_gone() -> None:
    found = Pipeline.model_validate(pipeline(stages=with_stage(1, probability=40)))
    assert [stage.chance for stage in found.stages] == [0, 40, 100, 0]


def test_a_list_of_what_follows_goes_before_the_rules_of_the_whole_pipeline() -> None:
    found = Pipeline.model_validate(pipeline(skip=False, back=False, stages=with_stage(0, to=["won"])))
    lead, offer, won, _lost = found.stages
    assert barred(found, lead, won, str.capitalize) == ""
    assert barred(found, lead, offer, str.capitalize) == "From Lead a record goes only to Won."
    assert barred(found, offer, lead, str.capitalize) == "A record can't go back from Offer to Lead."
