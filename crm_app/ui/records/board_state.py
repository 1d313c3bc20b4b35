from typing import Any

import reflex as rx

from crm_app.kernel.errors import TrellisError, Unauthenticated
from crm_app.ui.address import board_path, here, path_parts
from crm_app.ui.door import enter
from crm_app.ui.records.board_data import CARDS, MAX_CARDS, BoardData, StageColumn, board_data
from crm_app.ui.records.filter_data import filter_fields
from crm_app.ui.records.filter_state import offer_filters
from crm_app.ui.records.list_address import ListAddress, parse_address
from crm_app.ui.records.list_data import Chip, Header, Tab
from crm_app.ui.records.list_state import NO_HEADER
from crm_app.ui.records.move_data import Wish, moved
from crm_app.ui.records.move_state import MoveDialog
from crm_app.ui.refusals import refused, sentence
from crm_app.ui.shell_state import set_title, visit


class BoardPage(rx.State):
    """`settled` counts answered moves, so that the browser knows which of its own moves an answer is about."""

    shown_at: str = ""
    header: Header = NO_HEADER
    tabs: rx.Field[list[Tab]] = rx.field(default_factory=list)
    chips: rx.Field[list[Chip]] = rx.field(default_factory=list)
    columns: rx.Field[list[StageColumn]] = rx.field(default_factory=list)
    can_move: bool = False
    pipelines: rx.Field[list[Tab]] = rx.field(default_factory=list)
    total: str = ""
    settled: int = 0
    search_text: str = ""
    clear_href: str = ""
    announcement: str = ""

    _shown: rx.Field[dict[str, int]] = rx.field(default_factory=dict)
    _shown_in: str = ""

    @rx.event
    async def open(self) -> None:
        name, address = self._place()
        if self._shown_in != name:
            self._shown, self._shown_in = {}, name
        shown = dict(self._shown)
        found = await visit(self, lambda work: (board_data(work, name, address, shown), filter_fields(work, name)))
        if found:
            data, offered = found
            self.announcement, self.search_text = "", address.search
            self.clear_href = board_path(name) + ListAddress(view=address.view, pipeline=address.pipeline).query()
            self._show(data)
            await offer_filters(self, offered)
            self.shown_at = here(self.router.url)
            await set_title(self, f"{data.header['plural']} board")

    @rx.event
    def search(self, text: str) -> rx.event.EventSpec:
        name, address = self._place()
        found = address.searching(str(text).strip()[:200])
        return rx.redirect(board_path(name) + found.query(), replace=True)

    @rx.event
    async def show_more(self, stage: str) -> None:
        if str(stage) in {column["stage"] for column in self.columns}:
            self._shown[stage] = min(self._shown.get(stage, CARDS) + CARDS, MAX_CARDS)
        await self._reload()

    @rx.event
    async def move(self, record: str, stage: str, version: int) -> Any:
        """The stage is checked like any other value; a refusal sends the board as it is, which puts the card back.
        Where only fields are missing, a dialog asks for them.
        """
        name, address = self._place()
        wish = Wish.of(name, record, address.pipeline, stage, version)
        try:
            self.announcement = await enter(self, lambda work: moved(work, wish))
        except Unauthenticated:
            raise
        except TrellisError as refusal:
            dialog = await self.get_state(MoveDialog)
            is_asked = await dialog._ask(wish, refusal)  # noqa: SLF001 - the page's own dialog
            self.announcement = "" if is_asked else f"Not moved: {sentence(refusal)}"
            await self._reload()
            self.settled += 1
            return None if is_asked else refused(refusal)
        await self._reload()
        self.settled += 1
        return None

    @rx.event
    async def finish(self, form: dict[str, Any]) -> Any:
        """The move, with what its dialog asked for."""
        dialog = await self.get_state(MoveDialog)
        said, answer = await dialog._finish(form)  # noqa: SLF001 - likewise
        if said:
            self.announcement = said
        if not dialog.is_open:
            await self._reload()
        return answer

    async def _reload(self) -> None:
        name, address = self._place()
        shown = dict(self._shown)
        self._show(await enter(self, lambda work: board_data(work, name, address, shown)))

    def _place(self) -> tuple[str, ListAddress]:
        url = self.router.url
        parts = path_parts(url.path)
        return (parts[1] if len(parts) > 1 else ""), parse_address(url.query)

    def _show(self, data: BoardData) -> None:
        self.header, self.tabs, self.chips = data.header, data.tabs, data.chips
        self.columns, self.can_move = data.columns, data.can_move
        self.pipelines, self.total = data.pipelines, data.total
