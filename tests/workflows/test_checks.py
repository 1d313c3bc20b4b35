"""What keeps an automation from being published, and what every trigger and step type promises."""

from typing import Any

import pytest

from crm_app.automation import guide
from crm_app.automation.catalog import STEP_TYPES, TRIGGER_TYPES
from crm_app.automation.checks import check
from crm_app.automation.step_type import StepType
from crm_app.automation.trigger_type import TriggerType
from tests.workflows.builders import FOLLOW_UP, WON, automation, deals_and_tasks

MARK: dict[str, Any] = {"id": "mark", "type": "update", "values": {"note": "'seen'"}}


@pytest.mark.parametrize(
    ("trigger", "step", "place"),
    [
        ({"type": "stage.reached", "object": "deal"}, FOLLOW_UP, "trigger/type"),
        ({**WON, "stage": "done"}, FOLLOW_UP, "trigger/stage"),
        ({**WON, "field": "note"}, FOLLOW_UP, "trigger/field"),
        ({**WON, "when": "amount > '50k'"}, FOLLOW_UP, "trigger/when"),
        ({"type": "record.updated", "object": "deal", "fields": ["nope"]}, FOLLOW_UP, "trigger/fields/0"),
        (WON, {**FOLLOW_UP, "type": "creat"}, "steps/0/type"),
        (WON, {**FOLLOW_UP, "object": "tusk"}, "steps/0/object"),
        (WON, {**FOLLOW_UP, "values": {"due": "today"}}, "steps/0/values"),
        (WON, {**FOLLOW_UP, "values": {"name": "name", "due": "name"}}, "steps/0/values/due"),
        (WON, {**FOLLOW_UP, "values": {"name": "name", "deal": "owner"}}, "steps/0/values/deal"),
        (WON, {**MARK, "record": "name"}, "steps/0/record"),
        (WON, {**MARK, "values": {"created_at": "now"}}, "steps/0/values/created_at"),
        (WON, {**MARK, "colour": "red"}, "steps/0/colour"),
    ],
)
def test_what_cannot_work_cannot_be_published(trigger: dict[str, Any], step: dict[str, Any], place: str) -> None:
    problems = check(deals_and_tasks(automation("it", trigger, step)))
    assert [problem.path for problem in problems] == [f"automations/it/{place}"]


def test_a_step_sees_the_outputs_of_the_steps_before_it_only() -> None:
    early = {"id": "early", "type": "update", "record": "steps.follow_up.id", "values": {"done": "true"}}
    assert [p.path for p in check(deals_and_tasks(automation("it", WON, early, FOLLOW_UP)))] == [
        "automations/it/steps/0/record"
    ]
    assert list(check(deals_and_tasks(automation("it", WON, FOLLOW_UP, early)))) == []


def test_an_automation_runs_as_somebody_that_is_known() -> None:
    package = deals_and_tasks(automation("it", WON, FOLLOW_UP, run_as="everyone"))
    assert [problem.path for problem in check(package)] == ["automations/it/run_as"]


@pytest.mark.parametrize("trigger_type", tuple(TRIGGER_TYPES), ids=lambda each: each.name)
def test_every_example_of_a_trigger_is_accepted(trigger_type: TriggerType) -> None:
    assert trigger_type.examples
    for example in trigger_type.examples:
        assert example["type"] == trigger_type.name
        config = {key: value for key, value in example.items() if key not in {"type", "object", "when"}}
        trigger_type.config.model_validate(config)
        has_none = trigger_type.variables or example.get("once")
        whose = {"run_as": "ann@example.com"} if has_none else {}
        assert list(check(deals_and_tasks(automation("it", example, {"id": "end", "type": "stop"}, **whose)))) == []


@pytest.mark.parametrize("step_type", tuple(STEP_TYPES), ids=lambda each: each.name)
def test_every_example_of_a_step_is_a_valid_config(step_type: StepType) -> None:
    assert step_type.examples
    for example in step_type.examples:
        assert example["type"] == step_type.name
        step_type.config.model_validate(
            {key: value for key, value in example.items() if key not in ("id", "type", "compensate")}
        )


def test_every_trigger_and_step_is_in_the_guide() -> None:
    assert guide.PAGE.read_text(encoding="utf-8") == guide.guide_page(), "Run ./trellis schemas."
