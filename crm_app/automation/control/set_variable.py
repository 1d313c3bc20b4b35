from collections.abc import Mapping
from typing import Any

from crm_app.automation.step_type import RUN_RECORD, Place, StepConfig, StepRun, StepType
from crm_app.definitions.model import ApiName
from crm_app.fields.rule_type import RuleType


class SetVariableConfig(StepConfig):
    """Rules after it know the value as `vars.NAME`."""

    variable: ApiName
    value: str


def _check(config: SetVariableConfig, place: Place) -> Mapping[str, RuleType]:
    if config.variable == RUN_RECORD:
        place.refuse("variable", f"`vars.{RUN_RECORD}` is the record that started the run. Choose another name.")
    found = place.rule("value", config.value, None)
    if found is None:
        return {}
    if found.type.kind == "null":
        place.refuse("value", "Nothing says of which kind this value is.")
        return {}
    place.sets[config.variable] = found.type
    return {"value": found.type}


def _run(step: StepRun) -> Mapping[str, Any]:
    return {"value": step.values["value"]}


STEP_TYPE = StepType(
    name="set_variable",
    label="Set a variable",
    description="Keeps a value under a name for the rest of the run: `vars.NAME`. Its type is that of the first value.",
    config=SetVariableConfig,
    check=_check,
    run=_run,
    examples=({"id": "note", "type": "set_variable", "variable": "greeting", "value": "'Hello ' & name"},),
)
