"""One decision table as a sheet. Every change is a step of the draft; the inputs keep what was typed."""

from collections.abc import Callable
from typing import Any

import reflex as rx

from crm_app.services import decision_tables
from crm_app.services.unit_of_work import UnitOfWork
from crm_app.ui.address import here, path_parts
from crm_app.ui.refusals import attempt
from crm_app.ui.settings.decisions_data import NO_SHEET, Sheet, sheet_data
from crm_app.ui.shell_state import set_title, visit

_MAX_SEARCH = 200


class DecisionPage(rx.State):
    shown_at: str = ""
    sheet: Sheet = NO_SHEET

    _turn: int = 0
    _asked: str = ""

    @rx.event
    async def open(self) -> None:
        name = self._name()
        self._turn, self._asked = self._turn + 1, ""
        turn = self._turn
        data = await visit(self, lambda work: sheet_data(work, name, turn))
        if data:
            self.sheet, self.shown_at = data, here(self.router.url)
            await set_title(self, f"{data['label']} · Decisions")

    @rx.event
    async def save(self, form: dict[str, Any]) -> Any:
        given = dict(form)
        return await self._take(lambda work: decision_tables.save_table(work, self._name(), given))

    @rx.event
    async def act(self, what: str, at: int) -> Any:
        """Adds, moves or removes a row or a column; `what` is looked up among what there is."""
        number = at if isinstance(at, int) else -1
        self._turn += 1
        return await self._take(lambda work: decision_tables.act_on_table(work, self._name(), str(what), number))

    @rx.event
    async def try_on(self, form: dict[str, Any]) -> Any:
        self._asked = str(form.get("record", "")).strip()[:_MAX_SEARCH]
        said = await self._take(lambda _work: None)
        if said is not None:
            self._asked = ""
        return said

    async def _take(self, step: Callable[[UnitOfWork], object]) -> Any:
        name, turn, asked = self._name(), self._turn, self._asked

        def taken(work: UnitOfWork) -> Sheet:
            step(work)
            return sheet_data(work, name, turn, asked)

        data, said = await attempt(self, taken)
        if data is not None:
            self.sheet = data
        return said

    def _name(self) -> str:
        parts = path_parts(self.router.url.path)
        return parts[2] if len(parts) > 2 else ""  # noqa: PLR2004 - /settings/decisions/name
