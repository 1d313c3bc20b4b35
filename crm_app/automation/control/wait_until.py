from collections.abc import Mapping
from datetime import date, datetime, time
from typing import Any, Literal
from zoneinfo import ZoneInfo

from pydantic import Field

from crm_app.automation.flow import Flow
from crm_app.automation.step_type import Place, StepConfig, StepRun, StepType
from crm_app.automation.waiting import StillWaiting, begin, key_of, settle
from crm_app.fields.rule_type import DATETIME, RuleType
from crm_app.kernel import clock
from crm_app.kernel.errors import Invalid
from crm_app.services.automation_waits import Wait, end_wait, wait_later

KINDS = ("date", "datetime")


class MomentPast(Invalid):
    """The moment was over when the run came to it, and the automation says that this must not be."""

    code = "moment_past"


class WaitUntilConfig(StepConfig):
    """`at` is an expression that gives a date or a moment; a date begins at `time` where the runner lives. With
    `recheck`, the moment is worked out again whenever the run's record changes, and when it has come.
    """

    at: str
    time: str = Field(default="00:00", pattern=r"^([01][0-9]|2[0-3]):[0-5][0-9]$")
    recheck: bool = False
    if_past: Literal["continue", "stop", "fail"] = "continue"


def _check(config: WaitUntilConfig, place: Place) -> Mapping[str, RuleType]:
    found = place.rule("at", config.at, None)
    if found is not None and found.type.kind not in KINDS:
        place.refuse("at", f"Expected a date or a moment, but `{found.text}` is {found.type}.")
    return {"until": DATETIME}


def moment_of(at: date | datetime, local: time, time_zone: str) -> datetime:
    """A local time that a clock change skips is as much later as the clock goes forward; one that comes twice is the
    first.
    """
    if isinstance(at, datetime):
        return at
    return datetime.combine(at, local, ZoneInfo(time_zone)).astimezone(ZoneInfo("UTC"))


def _run(step: StepRun) -> Mapping[str, Any]:
    config: WaitUntilConfig = step.config
    at = step.values["at"]
    until = None if at is None else moment_of(at, time.fromisoformat(config.time), step.work.who.time_zone)
    if "settle" in step.hint:
        return _settled(step, until)
    if until is None or until <= clock.now():
        if config.if_past == "fail":
            raise MomentPast("There is no moment to wait for." if until is None else "The moment is already over.")
        return {**begin(step, "moment", clock.now()), "past": config.if_past == "stop"}
    return {**begin(step, "moment", until, record=step.ref.id if config.recheck else None), "past": False}


def _settled(step: StepRun, until: datetime | None) -> Mapping[str, Any]:
    if not step.config.recheck:
        return settle(step, _due, _due)
    if until is not None and until > clock.now():
        wait_later(step.work, key_of(step), until)
        raise StillWaiting(until)
    end_wait(step.work, key_of(step))
    return {"until": until}


def _due(wait: Wait) -> Mapping[str, Any]:
    return {"until": wait.until}


STEP_TYPE = StepType(
    name="wait_until",
    label="Wait until",
    description=(
        "Waits until a date or moment that the record says. Where it is over already, or empty, the run goes on, "
        "stops or fails, as `if_past` says."
    ),
    config=WaitUntilConfig,
    check=_check,
    run=_run,
    flow=Flow(waits=True),
    examples=(
        {"id": "hold", "type": "wait_until", "at": "close_date - P30D", "time": "09:00", "recheck": True},
        {"id": "soon", "type": "wait_until", "at": "now + PT1H", "if_past": "fail"},
    ),
)
