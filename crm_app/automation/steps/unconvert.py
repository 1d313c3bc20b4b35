from collections.abc import Mapping
from typing import Any

from crm_app.automation.conversions import Converted, taken_back
from crm_app.automation.step_type import Place, StepConfig, StepRun, StepType
from crm_app.definitions.model import ApiName
from crm_app.fields.rule_type import RuleType
from crm_app.kernel.errors import NotFound


class UnconvertConfig(StepConfig):
    """`step` is the id of the `convert` step before it."""

    step: ApiName


def _check(config: UnconvertConfig, place: Place) -> Mapping[str, RuleType]:
    outputs = [name for name in place.variables if name.startswith(f"steps.{config.step}.")]
    if not any(name.endswith("_created") for name in outputs):
        place.refuse("step", f"There is no step '{config.step}' before this one that converts a record.")
    return {}


def _run(step: StepRun) -> Mapping[str, Any]:
    kept = step.outputs.get(step.config.step, {}).get(Converted.KEPT)
    if kept is None:
        raise NotFound("There is nothing to take back: the record was not converted.")
    taken_back(step.work, kept)
    return {}


STEP_TYPE = StepType(
    name="unconvert",
    label="Take a conversion back",
    description=(
        "Undoes a `convert` step: what was moved goes back, the record comes out of the trash, and what the step has "
        "made goes there. What it found and only linked stays."
    ),
    config=UnconvertConfig,
    check=_check,
    run=_run,
    examples=({"id": "back", "type": "unconvert", "step": "convert"},),
)
