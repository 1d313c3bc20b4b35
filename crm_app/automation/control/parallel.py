from collections.abc import Mapping
from typing import Any, Literal

from pydantic import BaseModel, ConfigDict, Field

from crm_app.automation.flow import Flow, Steps
from crm_app.automation.step_type import Place, StepConfig, StepRun, StepType
from crm_app.fields.rule_type import RuleType


class Lane(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid")

    name: str = Field(default="", max_length=100)
    steps: Steps = ()


class ParallelConfig(StepConfig):
    """`until` says when it has ended: `all` are done, `any` has ended well, or in a `race` one has ended at all."""

    branches: tuple[Lane, ...] = Field(min_length=2, max_length=20)
    until: Literal["all", "any", "race"] = "all"


def _check(_config: ParallelConfig, _place: Place) -> Mapping[str, RuleType]:
    return {}


def _run(step: StepRun) -> Mapping[str, Any]:
    """Which branch has decided, as the interpreter saw it first."""
    return {"branch": step.hint["branch"], "failed": step.hint["failed"]}


STEP_TYPE = StepType(
    name="parallel",
    label="Side by side",
    description=(
        "Does its branches side by side, until `all` are done, `any` has ended well, or one of them in a `race` has "
        "ended. The others stop before their next step, and what they did is undone where it can be."
    ),
    config=ParallelConfig,
    check=_check,
    run=_run,
    flow=Flow(),
    examples=(
        {
            "id": "both",
            "type": "parallel",
            "branches": [{"steps": [{"id": "one", "type": "stop"}]}, {"steps": []}],
        },
        {"id": "first", "type": "parallel", "until": "race", "branches": [{"steps": []}, {"steps": []}]},
    ),
)
