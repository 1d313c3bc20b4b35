from collections.abc import AsyncIterator
from typing import Any

import reflex as rx

from crm_app.automation.by_hand import start_for_chosen
from crm_app.services.bulk_edit import delete_records
from crm_app.services.record_query import PAGE_SIZE
from crm_app.services.unit_of_work import UnitOfWork
from crm_app.ui.address import here, list_path, path_parts
from crm_app.ui.door import enter
from crm_app.ui.records.bulk_data import Offer, changed, offer_of
from crm_app.ui.records.bulk_state import Apply, Bulk
from crm_app.ui.records.done import set_done
from crm_app.ui.records.filter_data import Choice, filter_fields
from crm_app.ui.records.filter_state import offer_filters
from crm_app.ui.records.list_address import ListAddress, parse_address
from crm_app.ui.records.list_data import (
    Chip,
    Header,
    Line,
    ListData,
    Tab,
    exact_count,
    list_data,
)
from crm_app.ui.records.list_headings import NO_CHECK, Heading
from crm_app.ui.refusals import attempt
from crm_app.ui.shell_state import notice, set_title, visit

_MAX_TRAIL = 200
NO_HEADER = Header(
    name="",
    label="",
    plural="",
    noun="",
    icon="box",
    list_href="",
    board_href="",
    new_href="",
    new_text="",
    export_href="",
    deleted_href="",
)


class ListPage(rx.State):
    """The list is its address: sorting, filters, views and pages are links, so most of it needs no handler."""

    shown_at: str = ""
    header: Header = NO_HEADER
    tabs: rx.Field[list[Tab]] = rx.field(default_factory=list)
    chips: rx.Field[list[Chip]] = rx.field(default_factory=list)
    check: Heading = NO_CHECK
    headings: rx.Field[list[Heading]] = rx.field(default_factory=list)
    lines: rx.Field[list[Line]] = rx.field(default_factory=list)
    range_text: str = ""
    total_text: str = ""
    is_capped: bool = False
    previous_href: str = ""
    next_href: str = ""
    search_text: str = ""
    clear_href: str = ""

    _trail: rx.Field[dict[str, str]] = rx.field(default_factory=dict)

    @rx.event
    async def open(self) -> None:
        name, address = self._place()
        found = await visit(self, lambda work: self._loaded(work, name, address))
        if found:
            page, offered, offer = found
            self._show(page, address)
            bulk = await self.get_state(Bulk)
            bulk._offer(  # noqa: SLF001 - the page's own bar
                offer, page.versions, str(page.count), page.header["export_href"], has_more=bool(page.next_cursor)
            )
            await offer_filters(self, offered)
            self.shown_at = here(self.router.url)
            await set_title(self, page.header["plural"])

    @rx.event
    def search(self, text: str) -> rx.event.EventSpec:
        name, address = self._place()
        found = address.searching(str(text).strip()[:200])
        return rx.redirect(list_path(name) + found.query(), replace=True)

    @rx.event
    async def count_exactly(self) -> None:
        name, address = self._place()
        count = await enter(self, lambda work: exact_count(work, name, address))
        self.total_text, self.is_capped = str(count), count.is_capped

    @rx.event
    async def mark(self, record: str, is_done: bool) -> Any:
        """Ticks an activity off, or on again. In a list of open ones its line goes away."""
        name, address = self._place()

        def marked(work: UnitOfWork) -> tuple[str, ListData]:
            return set_done(work, name, record, is_done), list_data(work, name, address)

        done, refusal = await attempt(self, marked)
        if done is None:
            return refusal
        said, page = done
        self._show(page, address)
        return notice(said)

    @rx.event
    async def change(self, form: dict[str, Any]) -> AsyncIterator[Any]:
        """What the dialog holds, for all that is selected."""
        name, values, field = self._place()[0], dict(form), (await self.get_state(Bulk)).field
        async for event in self._bulk(lambda work, part: changed(work, name, part, field, values), "changed"):
            yield event

    @rx.event
    async def delete_chosen(self) -> AsyncIterator[Any]:
        name = self._place()[0]
        async for event in self._bulk(lambda work, part: delete_records(work, name, part), "deleted"):
            yield event

    @rx.event
    async def start_chosen(self, automation: str) -> AsyncIterator[Any]:
        """A run for each record that is selected, as this person."""
        name, wanted = self._place()[0], str(automation)
        async for event in self._bulk(lambda work, part: start_for_chosen(work, wanted, name, part), "have a run now"):
            yield event

    async def _bulk(self, apply: Apply, done: str) -> AsyncIterator[Any]:
        bulk = await self.get_state(Bulk)
        async for event in bulk._apply(apply, done):  # noqa: SLF001 - the page's own bar
            yield event
        if not bulk.errors:
            yield ListPage.open

    def _loaded(self, work: UnitOfWork, name: str, address: ListAddress) -> tuple[ListData, list[Choice], Offer]:
        return list_data(work, name, address), filter_fields(work, name), offer_of(work, name)

    def _place(self) -> tuple[str, ListAddress]:
        url = self.router.url
        parts = path_parts(url.path)
        return (parts[1] if len(parts) > 1 else ""), parse_address(url.query)

    def _show(self, page: ListData, address: ListAddress) -> None:
        path = list_path(page.header["name"])
        self.header, self.tabs, self.chips = page.header, page.tabs, page.chips
        self.check, self.headings, self.lines = page.check, page.headings, page.lines
        last = page.first + len(page.lines) - 1
        self.range_text = f"{page.first:,}\N{EN DASH}{last:,}" if page.lines else "0"
        self.total_text, self.is_capped = str(page.count), page.count.is_capped
        self.search_text = address.search
        is_narrowed = bool(address.search or address.conditions or address.rule)
        self.clear_href = path + ListAddress(view=address.view).query() if is_narrowed else ""
        self._remember(path, page, address)

    def _remember(self, path: str, page: ListData, address: ListAddress) -> None:
        """Cursors only lead forward; the way back is remembered, and without memory leads to the first page."""
        following = page.first + PAGE_SIZE
        if page.next_cursor:
            if len(self._trail) >= _MAX_TRAIL:
                self._trail = {}
            self._trail[f"{following}{address.list_key}"] = page.next_cursor
        self.next_href = path + address.at(page.next_cursor, following).query() if page.next_cursor else ""
        before = page.first - PAGE_SIZE
        known = self._trail.get(f"{before}{address.list_key}", "")
        self.previous_href = path + address.at(known, before).query() if page.first > 1 else ""
