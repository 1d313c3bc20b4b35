from collections.abc import Mapping
from typing import Any, Literal

from pydantic import Field

from crm_app.automation.asking import BY, AskConfig, ask, check_asking, settled
from crm_app.automation.flow import Flow
from crm_app.automation.step_type import Place, StepRun, StepType
from crm_app.fields.rule_type import BOOL, TEXT, RuleType


class ApprovalConfig(AskConfig):
    """`assignees` gives a person, several, or a team (`owner.manager`, say); `role` adds everybody who holds it. `need`
    says how many of them must approve: `any` one, `all`, or `percent` of them. `title` and `message` are texts with
    tags; `shows` are expressions over the record whose values they see, whatever else of it they may.
    """

    need: Literal["any", "all", "percent"] = "any"
    percent: int = Field(default=50, ge=1, le=100)


def _check(config: ApprovalConfig, place: Place) -> Mapping[str, RuleType]:
    check_asking(config, place)
    return {"approved": BOOL, "comment": TEXT, "by": BY, "timed_out": BOOL.required()}


def _run(step: StepRun) -> Mapping[str, Any]:
    if "settle" not in step.hint:
        return ask(step, "approval", need=step.config.need, percent=step.config.percent)
    found = dict(settled(step, {}))
    return {**found, "approved": found.pop("answer", None) == "approved" if not found["timed_out"] else None}


STEP_TYPE = StepType(
    name="approval",
    label="Approval",
    description=(
        "Asks people to approve or reject, in their inbox and on the record, and waits until enough have said so, "
        "or there can't be enough any more. `steps.ID.approved` is the answer. Past `timeout`, `on_timeout` is done, "
        "and the run goes on without one."
    ),
    config=ApprovalConfig,
    check=_check,
    run=_run,
    flow=Flow(waits=True),
    examples=(
        {
            "id": "ok",
            "type": "approval",
            "assignees": "owner.manager",
            "title": "Approve {{name}}?",
            "shows": ["amount"],
            "timeout": "P3D",
            "on_timeout": [{"id": "nudge", "type": "notify", "to": "owner"}],
        },
    ),
)
