"""What the banner says while a session is more, or less, than its person."""

from typing import TypedDict

from crm_app.kernel.times import on_clock
from crm_app.services.identification import LOOK_AS
from crm_app.services.unit_of_work import UnitOfWork


class ModeShown(TypedDict):
    kind: str
    text: str


NO_MODE = ModeShown(kind="", text="")


def mode_shown(work: UnitOfWork) -> ModeShown:
    mode = work.standing.mode
    if mode is None:
        return NO_MODE
    until = f"{on_clock(mode.until, work.standing.actual.time_zone):%H:%M}"
    if mode.kind == LOOK_AS:
        text = f"You are looking as {work.who.name} until {until}. Nothing can be changed."
    else:
        text = f"The glass is broken until {until}: everything is open to you, and the audit says so. {mode.reason}"
    return ModeShown(kind=mode.kind, text=text)
