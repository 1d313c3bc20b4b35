"""What the blocks that wait share: opening a wait, and asking whether it is over."""

from collections.abc import Callable, Mapping
from datetime import datetime
from typing import Any

from crm_app.automation.step_type import StepRun
from crm_app.kernel import clock
from crm_app.services.automation_waits import NewWait, Wait, WaitKey, end_wait, open_wait, read_wait

SETTLES = "!"


class StillWaiting(Exception):
    """Not yet. What was changed meanwhile, such as until when, is kept."""

    def __init__(self, until: datetime | None) -> None:
        super().__init__(until)
        self.until = until


def key_of(step: StepRun) -> WaitKey:
    """The wait's own, also while it is settled."""
    return WaitKey(step.run_id, step.path.removesuffix(SETTLES))


def begin(step: StepRun, kind: str, until: datetime | None, **more: Any) -> Mapping[str, Any]:
    open_wait(step.work, NewWait(key_of(step), kind, str(step.hint["workflow"]), until, **more))
    return {"until": until}


def settle(
    step: StepRun, answered: Callable[[Wait], Mapping[str, Any]], late: Callable[[Wait], Mapping[str, Any]]
) -> Mapping[str, Any]:
    """What the wait came to: an answer, or its time. Never early, whatever wakes it."""
    key = key_of(step)
    wait = read_wait(step.work, key)
    if wait.state == "answered":
        given = answered(wait)
    elif wait.until is not None and clock.now() >= wait.until:
        given = late(wait)
    else:
        raise StillWaiting(wait.until)
    end_wait(step.work, key)
    return given
