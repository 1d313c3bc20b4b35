"""The list of runs, live while some of them run, and the pausing of one automation."""

from typing import Any

import reflex as rx

from crm_app.services.automation_pauses import pause, resume
from crm_app.ui.address import here
from crm_app.ui.refusals import attempt
from crm_app.ui.runs.runs_data import (
    NO_PAUSE,
    Choice,
    Line,
    PauseNote,
    RunsAddress,
    RunsData,
    StatusTab,
    address_of,
    runs_data,
)
from crm_app.ui.shell_state import set_title, visit

_CHOSEN = ("automation", "time")


class RunsPage(rx.State):
    shown_at: str = ""
    automation: str = ""
    time: str = ""
    lines: rx.Field[list[Line]] = rx.field(default_factory=list)
    tabs: rx.Field[list[StatusTab]] = rx.field(default_factory=list)
    automations: rx.Field[list[Choice]] = rx.field(default_factory=list)
    times: rx.Field[list[Choice]] = rx.field(default_factory=list)
    paused: rx.Field[list[Choice]] = rx.field(default_factory=list)
    older: rx.Field[list[Choice]] = rx.field(default_factory=list)
    pause: PauseNote = NO_PAUSE
    record: str = ""
    record_clear: str = ""
    next_href: str = ""
    first_href: str = ""
    is_moving: bool = False
    turn: int = 0

    @rx.event
    async def open(self) -> None:
        data = await visit(self, lambda work: runs_data(work, self._address()))
        if data:
            self._show(data)
            await set_title(self, "Runs")

    @rx.event
    async def tick(self) -> None:
        """While runs are under way: only what differs is sent."""
        data, _ = await attempt(self, lambda work: runs_data(work, self._address()))
        if data is not None:
            self._show(data)

    @rx.event
    def choose(self, name: str, value: str) -> Any:
        if name not in _CHOSEN:
            return None
        kept = vars(self._address().first()) | {str(name): str(value)}
        return rx.redirect(RunsAddress(**kept).path())

    @rx.event
    async def pause_it(self, form: dict[str, Any]) -> Any:
        keeps = form.get("events") == "keep"
        return await self._act(lambda work: pause(work, self._address().automation, keeps=keeps))

    @rx.event
    async def resume_it(self, form: dict[str, Any]) -> Any:
        drops = form.get("waiting") == "drop"
        return await self._act(lambda work: resume(work, self._address().automation, drops=drops))

    async def _act(self, act: Any) -> Any:
        address = self._address()
        data, said = await attempt(self, lambda work: (act(work), runs_data(work, address))[1])
        if data is not None:
            self._show(data)
            self.turn += 1
        return said

    def _address(self) -> RunsAddress:
        return address_of(self.router.url.query or "")

    def _show(self, data: RunsData) -> None:
        """Assigns only what differs: an unchanged var is not sent again."""
        address = self._address()
        shown = {
            **vars(data),
            "shown_at": here(self.router.url),
            "automation": address.automation,
            "time": address.time,
        }
        for name, value in shown.items():
            if getattr(self, name) != value:
                setattr(self, name, value)
