from collections.abc import Mapping
from typing import Any

from pydantic import BaseModel, ConfigDict, Field

from crm_app.automation.flow import Flow, Steps
from crm_app.automation.step_type import Place, StepConfig, StepRun, StepType
from crm_app.fields.rule_type import INT, RuleType


class Choice(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid")

    values: tuple[str, ...] = Field(min_length=1, max_length=100)
    name: str = Field(default="", max_length=100)
    steps: Steps = ()


class SwitchConfig(StepConfig):
    """`on` and every one of `values` is an expression; the first case with an equal value is taken."""

    on: str
    cases: tuple[Choice, ...] = Field(min_length=1, max_length=50)
    otherwise: Steps = Field(default=(), alias="else")


def _check(config: SwitchConfig, place: Place) -> Mapping[str, RuleType]:
    on = place.rule("on", config.on, None)
    for index, case in enumerate(config.cases):
        for at, value in enumerate(case.values):
            place.rule(f"cases/{index}/values/{at}", value, on.type if on else None)
    return {"case": INT.required()}


def _run(step: StepRun) -> Mapping[str, Any]:
    on = step.values["on"]
    for index in range(len(step.config.cases)):
        if on is not None and on in step.under(f"cases/{index}/values").values():
            return {"case": index}
    return {"case": -1}


STEP_TYPE = StepType(
    name="switch",
    label="Switch",
    description="Takes the case that has the value, or `else`. An empty value takes `else`.",
    config=SwitchConfig,
    check=_check,
    run=_run,
    flow=Flow(),
    examples=(
        {
            "id": "by_stage",
            "type": "switch",
            "on": "stage",
            "cases": [{"values": ["'won'", "'lost'"], "steps": [{"id": "end", "type": "stop"}]}],
        },
    ),
)
