from collections.abc import Mapping
from typing import Any, Literal

from pydantic import Field

from crm_app.automation.flow import Flow, Steps
from crm_app.automation.step_type import Place, StepConfig, StepRun, StepType
from crm_app.fields.rule_type import BOOL, INT, RuleType
from crm_app.kernel.errors import Invalid


class LoopLimit(Invalid):
    """The loop's rule is still true after as many turns as it allows."""

    code = "loop_limit"


class LoopConfig(StepConfig):
    """`while` is asked before every turn. `then` says what it means that it is still true after `max` turns."""

    condition: str = Field(alias="while")
    max: int = Field(ge=1, le=1000)
    steps: Steps = ()
    then: Literal["fail", "continue"] = "fail"


def _check(config: LoopConfig, place: Place) -> Mapping[str, RuleType]:
    place.rule("while", config.condition, BOOL)
    return {"turn": INT.required(), "turns": INT.required()}


def _run(step: StepRun) -> Mapping[str, Any]:
    turn, allowed = step.hint["turn"], step.config.max
    again = step.values["while"] is True
    if again and turn >= allowed:
        if step.config.then == "fail":
            raise LoopLimit(f"The loop would go on after {allowed} turns, and that is all it may do.")
        again = False
    return {"again": again}


STEP_TYPE = StepType(
    name="loop",
    label="Loop",
    description=(
        "Does its steps again and again while a rule is true, at most `max` times; `steps.ID.turn` counts from 0. Past "
        "that it fails, or goes on with what follows if `then` is `continue`."
    ),
    config=LoopConfig,
    check=_check,
    run=_run,
    flow=Flow(inner={"turn": frozenset({"steps"})}),
    examples=({"id": "again", "type": "loop", "while": "amount is empty", "max": 10, "steps": []},),
)
