from collections.abc import Mapping
from typing import Any

from pydantic import Field

from crm_app.automation.flow import Flow, Steps
from crm_app.automation.step_type import Place, StepConfig, StepRun, StepType
from crm_app.fields.rule_type import TEXT, RuleType

_AFTER = frozenset({"catch", "finally"})


class TryConfig(StepConfig):
    """Where one of `steps` fails, those done are undone, then `catch` is done. `finally` is done in any case."""

    steps: Steps = ()
    catch: Steps = ()
    last: Steps = Field(default=(), alias="finally")


def _check(_config: TryConfig, _place: Place) -> Mapping[str, RuleType]:
    return {"error": TEXT, "code": TEXT}


def _run(_step: StepRun) -> Mapping[str, Any]:
    return {}


STEP_TYPE = StepType(
    name="try",
    label="Try",
    description=(
        "Where one of its `steps` fails, what they did is undone as far as they say how, and `catch` is done instead; "
        "`steps.ID.error` and `steps.ID.code` say there what happened. Without `catch` it fails on. `finally` is done "
        "either way."
    ),
    config=TryConfig,
    check=_check,
    run=_run,
    flow=Flow(inner={"error": _AFTER, "code": _AFTER}, in_turn=True, is_certain=lambda slot: slot == "finally"),
    examples=(
        {
            "id": "attempt",
            "type": "try",
            "steps": [{"id": "no", "type": "fail", "message": "'Not today'"}],
            "catch": [{"id": "end", "type": "stop"}],
        },
    ),
)
