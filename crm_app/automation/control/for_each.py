from collections.abc import Mapping
from typing import Any, Literal

from pydantic import Field

from crm_app.automation.flow import Flow, Steps
from crm_app.automation.step_type import Place, StepConfig, StepRun, StepType
from crm_app.fields.rule_type import INT, RuleType
from crm_app.kernel.errors import Invalid

MAX_ITEMS = 10_000


class TooManyItems(Invalid):
    """The list is longer than the block allows; nothing of it was done."""

    code = "too_many_items"


class ForEachConfig(StepConfig):
    """`over` is an expression that gives a list. `concurrency` items are done side by side."""

    over: str
    steps: Steps = ()
    concurrency: int = Field(default=1, ge=1, le=10)
    max_items: int = Field(default=1000, ge=1, le=MAX_ITEMS)
    on_error: Literal["stop", "continue"] = "stop"


def _check(config: ForEachConfig, place: Place) -> Mapping[str, RuleType]:
    over = place.rule("over", config.over, None)
    if over is not None and over.type.item is None:
        place.refuse("over", f"Expected a list, but `{over.text}` is {over.type}.")
    item = over.type.item if over is not None else None
    known = {"item": item} if item is not None else {}
    return {**known, "index": INT.required(), "count": INT.required(), "failed": INT.required()}


def _run(step: StepRun) -> Mapping[str, Any]:
    """The items; or, of items side by side, which one stopped the others."""
    if "stop" in step.hint:
        return {"stop": step.hint["stop"]}
    items = [found for found in step.values["over"] or () if found is not None]
    if len(items) > step.config.max_items:
        raise TooManyItems(f"The list has {len(items)} items, and the block does at most {step.config.max_items}.")
    return {"items": items}


STEP_TYPE = StepType(
    name="for_each",
    label="For each",
    description=(
        "Does its steps for each item of a list, as it was at the beginning: `steps.ID.item` is the item, "
        "`steps.ID.index` counts from 0. With `on_error` `continue`, an item that fails does not stop the others."
    ),
    config=ForEachConfig,
    check=_check,
    run=_run,
    flow=Flow(inner={"item": frozenset({"steps"}), "index": frozenset({"steps"})}, is_repeated=True),
    examples=({"id": "each", "type": "for_each", "over": "steps.found.records", "concurrency": 5, "steps": []},),
)
