"""The dialog that puts a record which is there already into a related list."""

from typing import Any

import reflex as rx

from crm_app.kernel.events import RecordRef
from crm_app.ui.address import path_parts
from crm_app.ui.door import enter
from crm_app.ui.records.link_data import list_id, put_in, question, suggested
from crm_app.ui.records.record_data import require_ref
from crm_app.ui.records.suggestions import Suggestion
from crm_app.ui.refusals import attempt
from crm_app.ui.shell_state import complaint, focus, notice

INPUT = "link-record"


class LinkDialog(rx.State):
    is_open: bool = False
    title: str = ""
    noun: str = ""
    suggestions: rx.Field[list[Suggestion]] = rx.field(default_factory=list)

    _list: str = ""

    @rx.event
    async def ask(self, name: str) -> Any:
        here = self._here()
        found, refusal = await attempt(self, lambda work: question(work, here, name))
        if found is None:
            return refusal
        self._list, self.suggestions = str(name), []
        self.title, self.noun = found
        self.is_open = True
        return None

    @rx.event
    async def suggest(self, text: str) -> None:
        if self.is_open:
            here, name = self._here(), self._list
            self.suggestions = await enter(self, lambda work: suggested(work, here, name, text))

    @rx.event
    def cancel(self) -> None:
        self.is_open, self.suggestions = False, []

    def _here(self) -> RecordRef:
        return require_ref(path_parts(self.router.url.path))

    async def _finish(self, here: RecordRef, form: dict[str, Any]) -> Any:
        name, chosen = self._list, form.get("record")
        if not self.is_open or not chosen:
            return [complaint("Type a name and choose one of those that come up."), focus(INPUT)]
        said, refusal = await attempt(self, lambda work: put_in(work, here, name, chosen))
        if said is None:
            return refusal
        self.is_open, self.suggestions = False, []
        return [notice(said), focus(list_id(name))]
