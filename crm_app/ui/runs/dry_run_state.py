"""Trying a workflow on one record or on what really happened, and looking at what it would do."""

from typing import Any
from urllib.parse import parse_qs

import reflex as rx

from crm_app.kernel.ids import parse_id
from crm_app.services.unit_of_work import UnitOfWork
from crm_app.ui.records.suggestions import Suggestion
from crm_app.ui.refusals import attempt
from crm_app.ui.runs.block_data import NO_BLOCK, TRIGGER
from crm_app.ui.runs.dry_run_data import (
    COUNTS,
    NO_DATA,
    NO_LINE,
    Canvas,
    DryRunData,
    TriedLine,
    Tryable,
    canvas_of,
    choices,
    first_of,
    on_events,
    on_record,
    records_for,
    ways,
)
from crm_app.ui.runs.dry_way_data import DRAFT, WayLine
from crm_app.ui.shell_state import complaint, focus, set_title, visit

ONE_RECORD = "record"
RECORD_INPUT = "dry-record"
_MAX_NAME = 60
_NO_CANVAS = Canvas(tree={}, chosen=TRIGGER, block=NO_BLOCK)


class DryRunPage(rx.State):
    automations: rx.Field[list[Tryable]] = rx.field(default_factory=list)
    automation: str = ""
    about: str = ""
    is_on_record: bool = True
    suggestions: rx.Field[list[Suggestion]] = rx.field(default_factory=list)
    summary: str = ""
    totals: rx.Field[list[str]] = rx.field(default_factory=list)
    lines: rx.Field[list[TriedLine]] = rx.field(default_factory=list)
    is_loaded: bool = False
    is_busy: bool = False
    is_one: bool = False
    shown: TriedLine = NO_LINE
    ways: rx.Field[list[WayLine]] = rx.field(default_factory=list)
    way: str = DRAFT
    canvas: Canvas = _NO_CANVAS

    _found: DryRunData = NO_DATA

    @rx.event
    async def open(self) -> None:
        found = await visit(self, choices)
        if found is not None:
            asked = parse_qs(self.router.url.query or "").get("automation", [""])[0]
            self.automations, self.is_loaded = found, True
            self._forget()
            self._pick(asked if any(each["value"] == asked for each in found) else found[0]["value"] if found else "")
            await set_title(self, "Dry run")

    @rx.event
    def pick(self, automation: str) -> None:
        """Another workflow is about other records."""
        self._pick(str(automation)[:_MAX_NAME])

    @rx.event
    def aim(self, what: str) -> None:
        self.is_on_record = what == ONE_RECORD

    @rx.event
    async def suggest(self, text: str) -> Any:
        name, words = self.automation, str(text)
        found, said = await attempt(self, lambda work: records_for(work, name, words))
        self.suggestions = found or []
        return said

    @rx.event
    async def try_out(self, form: dict[str, Any]) -> Any:
        name, count = str(form.get("automation", ""))[:_MAX_NAME], str(form.get("events", ""))
        record = parse_id(str(form.get("record", "")))
        if count == ONE_RECORD and record is None:
            yield [complaint("Type a name and choose one of those that come up."), focus(RECORD_INPUT)]
            return

        def tried(work: UnitOfWork) -> DryRunData:
            if count == ONE_RECORD and record is not None:
                return on_record(work, name, record)
            return on_events(work, name, int(count) if count in COUNTS else int(COUNTS[0]))

        self.is_busy = True
        yield
        data, said = await attempt(self, tried)
        self.is_busy = False
        if data is not None:
            self._forget()
            self.automation, self.is_one = name, count == ONE_RECORD
            self.summary, self.totals, self.lines = data.summary, data.totals, data.lines
            self._found = data
            if self.is_one:
                said = await self._look_at(self.lines[0]["key"])
        yield said

    @rx.event
    async def show(self, key: str) -> Any:
        """What the workflow would do about one of the events."""
        return await self._look_at(str(key))

    @rx.event
    async def look(self, way: str) -> Any:
        """At what the other version would do."""
        return await self._draw(str(way), TRIGGER)

    @rx.event
    async def choose(self, key: str) -> Any:
        return await self._draw(self.way, key[:_MAX_NAME] if isinstance(key, str) else TRIGGER)

    async def _look_at(self, key: str) -> Any:
        tried, bodies = self._found.tried.get(key), self._found.bodies
        if tried is None:
            return None
        found, said = await attempt(self, lambda work: ways(work, tried, bodies))
        if found is None:
            return said
        self.ways, self.shown = found, next(line for line in self.lines if line["key"] == key)
        return await self._draw(DRAFT, first_of(tried))

    async def _draw(self, way: str, key: str) -> Any:
        tried, bodies = self._found.tried.get(self.shown["key"]), self._found.bodies
        if tried is None:
            return None
        found, said = await attempt(self, lambda work: canvas_of(work, tried, bodies, way, key))
        if found is not None:
            self.way, self.canvas = way if way in bodies else DRAFT, found
        return said

    def _pick(self, automation: str) -> None:
        self.automation, self.suggestions = automation, []
        self.about = next((each["about"] for each in self.automations if each["value"] == automation), "")

    def _forget(self) -> None:
        self.summary, self.totals, self.lines, self._found = "", [], [], NO_DATA
        self.shown, self.ways, self.way, self.canvas, self.is_one = NO_LINE, [], DRAFT, _NO_CANVAS, False
