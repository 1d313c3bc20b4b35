from collections.abc import Mapping
from typing import Any

from crm_app.automation.flow import Flow
from crm_app.automation.step_type import Place, StepConfig, StepRun, StepType
from crm_app.fields.rule_type import RuleType


class CompensateConfig(StepConfig):
    pass


def _check(_config: CompensateConfig, _place: Place) -> Mapping[str, RuleType]:
    return {}


def _run(_step: StepRun) -> Mapping[str, Any]:
    return {}


STEP_TYPE = StepType(
    name="compensate",
    label="Undo",
    description=(
        "Undoes what the steps before it have done and say how to undo, last first, and goes on. It reaches "
        "as far as the run, the branch or the item around it."
    ),
    config=CompensateConfig,
    check=_check,
    run=_run,
    flow=Flow(),
    examples=({"id": "take_back", "type": "compensate"},),
)
