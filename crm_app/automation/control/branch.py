from collections.abc import Mapping
from typing import Any

from pydantic import BaseModel, ConfigDict, Field

from crm_app.automation.flow import Flow, Steps
from crm_app.automation.step_type import Place, StepConfig, StepRun, StepType
from crm_app.fields.rule_type import BOOL, INT, RuleType


class Case(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid")

    when: str
    name: str = Field(default="", max_length=100)
    steps: Steps = ()


class BranchConfig(StepConfig):
    """The first case whose rule is true is taken; where none is, `else`."""

    cases: tuple[Case, ...] = Field(min_length=1, max_length=50)
    otherwise: Steps = Field(default=(), alias="else")


def _check(config: BranchConfig, place: Place) -> Mapping[str, RuleType]:
    for index, case in enumerate(config.cases):
        place.rule(f"cases/{index}/when", case.when, BOOL)
    return {"case": INT.required()}


def _run(step: StepRun) -> Mapping[str, Any]:
    true = (index for index in range(len(step.config.cases)) if step.values[f"cases/{index}/when"] is True)
    return {"case": next(true, -1)}


STEP_TYPE = StepType(
    name="branch",
    label="Branch",
    description="Takes the first case whose rule is true, or `else`. Unknown is not true.",
    config=BranchConfig,
    check=_check,
    run=_run,
    flow=Flow(),
    examples=(
        {
            "id": "big",
            "type": "branch",
            "cases": [{"when": "amount >= 50000 USD", "steps": [{"id": "end", "type": "stop"}]}],
            "else": [],
        },
    ),
)
