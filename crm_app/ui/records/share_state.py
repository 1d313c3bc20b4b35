"""The dialog that shares a record."""

from typing import Any

import reflex as rx

from crm_app.kernel.events import RecordRef
from crm_app.services.unit_of_work import UnitOfWork
from crm_app.ui.address import path_parts
from crm_app.ui.records.record_data import require_ref
from crm_app.ui.records.share_data import ShareLine, grantee_names, share_lines, shared, taken_back
from crm_app.ui.records.suggestions import Suggestion
from crm_app.ui.refusals import attempt
from crm_app.ui.shell_state import complaint, focus, notice

INPUT = "share-with"


class ShareDialog(rx.State):
    is_open: bool = False
    lines: rx.Field[list[ShareLine]] = rx.field(default_factory=list)
    suggestions: rx.Field[list[Suggestion]] = rx.field(default_factory=list)
    turn: int = 0

    @rx.event
    async def ask(self) -> Any:
        here = self._here()
        found, refusal = await attempt(self, lambda work: share_lines(work, here))
        if found is not None:
            self.lines, self.suggestions, self.is_open, self.turn = found, [], True, self.turn + 1
        return refusal

    @rx.event
    async def suggest(self, text: str) -> Any:
        here, words = self._here(), str(text)
        found, refusal = await attempt(self, lambda work: grantee_names(work, here, words))
        self.suggestions = found or []
        return refusal

    @rx.event
    async def share(self, form: dict[str, Any]) -> Any:
        grantee, level, until = (str(form.get(part, "")) for part in ("grantee", "level", "until"))
        if not grantee:
            return [complaint("Type a name and choose one of those that come up."), focus(INPUT)]
        here = self._here()

        def done(work: UnitOfWork) -> tuple[str, list[ShareLine]]:
            return shared(work, here, grantee, level, until), share_lines(work, here)

        found, refusal = await attempt(self, done)
        if found is None:
            return refusal
        said, self.lines = found
        self.suggestions, self.turn = [], self.turn + 1
        return [notice(said), focus(INPUT)]

    @rx.event
    async def take_back(self, share: str) -> Any:
        here = self._here()

        def done(work: UnitOfWork) -> list[ShareLine]:
            taken_back(work, here, str(share))
            return share_lines(work, here)

        found, refusal = await attempt(self, done)
        if found is not None:
            self.lines = found
        return refusal

    @rx.event
    def close(self) -> None:
        self.is_open, self.suggestions = False, []

    def _here(self) -> RecordRef:
        return require_ref(path_parts(self.router.url.path))
