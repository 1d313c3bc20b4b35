"""Templates over the objects that the product ships: what they leave open is what only a person can say."""

import pytest

from crm_app.automation.compiled import examined
from crm_app.automation.scope import DefinedFields
from crm_app.automation.templates import TEMPLATES
from crm_app.definitions.automation import AutomationDefinition
from crm_app.definitions.load import load_definition
from crm_app.services.live import Schema
from crm_app.services.packages import read_package, shipped_package

LEFT = {
    "defaults": ["steps/0/values"],
    "hook": ["steps/0/steps/0/connection"],
    "round_robin": ["steps/0/team"],
}


@pytest.fixture(scope="module")
def schema() -> Schema:
    return Schema(0, read_package(shipped_package("sales")))


@pytest.mark.parametrize("name", sorted(TEMPLATES))
def test_a_template_makes_a_workflow_that_only_lacks_what_nobody_could_know(schema: Schema, name: str) -> None:
    body = {"name": "it", "label": "It", **TEMPLATES[name].make(schema.package.by_name["deal"])}
    found = examined(load_definition(AutomationDefinition, body), schema.package, DefinedFields(schema))
    paths = [problem.path.removeprefix("automations/it/") for problem in found.problems]
    assert [path for path in paths if not path.startswith("steps/1")] == LEFT.get(name, [])


def test_there_are_templates_for_what_people_expect() -> None:
    wanted = {"follow_up", "welcome", "stale", "approval", "escalation", "round_robin", "renewal", "hook"}
    assert wanted <= TEMPLATES.keys()
