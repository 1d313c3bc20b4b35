from collections.abc import Mapping
from typing import Any

from crm_app.automation.flow import Flow
from crm_app.automation.step_type import Place, StepConfig, StepRun, StepType
from crm_app.fields.rule_type import RuleType


class StopConfig(StepConfig):
    pass


def _check(_config: StopConfig, _place: Place) -> Mapping[str, RuleType]:
    return {}


def _run(_step: StepRun) -> Mapping[str, Any]:
    return {}


STEP_TYPE = StepType(
    name="stop",
    label="Stop",
    description="Ends the run here, as finished. What it did stays done; a `finally` around it is still done.",
    config=StopConfig,
    check=_check,
    run=_run,
    ends=True,
    flow=Flow(),
    examples=({"id": "end", "type": "stop"},),
)
