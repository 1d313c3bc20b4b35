"""Every type of step and trigger has a panel made from its config model, and the type reads what the panel says."""

from typing import Any

import pytest

from crm_app.automation.catalog import STEP_TYPES, TRIGGER_TYPES
from crm_app.automation.slots import shapes_of
from crm_app.automation.tree_edits import new_step
from crm_app.ui.builder.inputs_data import SettingInput
from crm_app.ui.designer.panel_inputs import inputs_for
from crm_app.ui.designer.settings_data import settings_for, with_form

EXAMPLES = [
    pytest.param(kind, example, id=f"{kind.name}-{number}")
    for kinds in (STEP_TYPES, TRIGGER_TYPES)
    for kind in sorted(kinds, key=lambda each: each.name)
    for number, example in enumerate(kind.examples)
]


def _form(inputs: list[SettingInput]) -> dict[str, Any]:
    """What the browser would send."""
    found: dict[str, Any] = {}
    for item in inputs:
        if item["kind"] in ("choices", "objects", "names"):
            found |= {f"{item['name']}::{each['value']}": "on" for each in item["choices"] if each["is_chosen"]}
        elif item["kind"] == "boolean":
            found |= {item["name"]: "on"} if item["is_checked"] else {}
        else:
            found[item["name"]] = item["value"]
    return found


@pytest.mark.parametrize(("kind", "example"), EXAMPLES)
def test_a_panel_that_nobody_touched_changes_nothing(kind: Any, example: dict[str, Any]) -> None:
    settings = settings_for(kind.config, example)

    def choices(setting: Any, body: dict[str, Any]) -> list[tuple[str, str]]:
        named = body.get(setting.path) if setting.kind == "names" else None
        return [(each, each) for each in (named or setting.choices)]

    form = _form(inputs_for(settings, example, choices, lambda _path: ""))
    after, problems = with_form(example, settings, form)
    assert problems == []
    names = {field.alias or name for name, field in kind.config.model_fields.items()}
    was, now = ({key: value for key, value in body.items() if key in names} for body in (example, after))
    assert kind.config.model_validate(now) == kind.config.model_validate(was)


@pytest.mark.parametrize("name", sorted(STEP_TYPES.names()))
def test_a_new_step_has_its_lanes_and_a_panel(name: str) -> None:
    step = new_step(name, "new")
    known = STEP_TYPES.get(name)
    assert (step["id"], step["type"]) == ("new", name)
    assert {shape[0] for shape in shapes_of(known.config)} <= step.keys()
    paths = [each.path for each in settings_for(known.config, step)]
    assert len(paths) == len(set(paths))
