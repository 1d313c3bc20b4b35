from collections.abc import Mapping
from typing import Any, Literal
from uuid import UUID

from pydantic import Field

from crm_app.automation.flow import Flow, Steps
from crm_app.automation.step_type import Place, StepConfig, StepRun, StepType
from crm_app.automation.waiting import begin, settle
from crm_app.fields.rule_type import BOOL, DURATION, RuleType, ref
from crm_app.kernel import clock
from crm_app.rules.tree_json import to_json

Fact = Literal["record.created", "record.updated", "record.deleted"]


class WaitForConfig(StepConfig):
    """For the first of `events` to a record of `object` that `match` is true of; in it, `vars.record` is the one that
    started the run. With `same_record`, only that one counts.
    """

    object: str
    events: tuple[Fact, ...] = Field(default=("record.updated",), min_length=1)
    same_record: bool = False
    match: str = ""
    timeout: str = ""
    on_timeout: Steps = ()


def _check(config: WaitForConfig, place: Place) -> Mapping[str, RuleType]:
    if place.records("object", config.object) is None:
        return {}
    if config.same_record and config.object != place.object:
        place.refuse("same_record", "The record that started the run is of another object.")
    if config.match.strip():
        place.query("match", config.object, config.match)
    if config.timeout.strip():
        place.rule("timeout", config.timeout, DURATION)
    return {"record": ref(config.object), "timed_out": BOOL.required()}


def _run(step: StepRun) -> Mapping[str, Any]:
    if "settle" in step.hint:
        return settle(
            step,
            lambda wait: {"record": UUID(wait.answer["record"]), "timed_out": False},
            lambda _wait: {"record": None, "timed_out": True},
        )
    config: WaitForConfig = step.config
    timeout = step.values.get("timeout")
    match = step.query("match")
    asks = {"events": list(config.events), "match": to_json(match) if match is not None else None}
    until = clock.now() + timeout if timeout is not None else None
    record = step.ref.id if config.same_record else None
    return begin(step, "event", until, about=config.object, record=record, asks=asks)


STEP_TYPE = StepType(
    name="wait_for",
    label="Wait for an event",
    description=(
        "Waits until a record is made, changed or deleted as a rule says, from when the run comes here on. "
        "`steps.ID.record` is that record. Past `timeout`, `on_timeout` is done and the run goes on; "
        "`steps.ID.timed_out` says so."
    ),
    config=WaitForConfig,
    check=_check,
    run=_run,
    queries=("match",),
    flow=Flow(waits=True),
    examples=(
        {
            "id": "answered",
            "type": "wait_for",
            "object": "task",
            "match": "deal = vars.record and done",
            "timeout": "P14D",
        },
    ),
)
