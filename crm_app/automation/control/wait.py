from collections.abc import Mapping
from typing import Any

from crm_app.automation.flow import Flow
from crm_app.automation.step_type import Place, StepConfig, StepRun, StepType
from crm_app.automation.waiting import begin, settle
from crm_app.fields.rule_type import DATETIME, DURATION, RuleType
from crm_app.kernel import clock


class WaitConfig(StepConfig):
    """`duration` is an expression that gives how long: `P3D`, say, or `PT2H`. Days are 24 hours."""

    duration: str


def _check(config: WaitConfig, place: Place) -> Mapping[str, RuleType]:
    place.rule("duration", config.duration, DURATION)
    return {"until": DATETIME}


def _run(step: StepRun) -> Mapping[str, Any]:
    if "settle" in step.hint:
        return settle(step, lambda _wait: {}, lambda wait: {"until": wait.until})
    duration = step.values["duration"]
    return begin(step, "moment", clock.now() + duration if duration is not None else clock.now())


STEP_TYPE = StepType(
    name="wait",
    label="Wait",
    description="Waits as long as it says, and not less, whatever is restarted meanwhile. An empty duration is none.",
    config=WaitConfig,
    check=_check,
    run=_run,
    flow=Flow(waits=True),
    examples=({"id": "cool_off", "type": "wait", "duration": "P3D"},),
)
