"""What was deleted, the last first, and its way back."""

from typing import Any

import reflex as rx

from crm_app.services.unit_of_work import UnitOfWork
from crm_app.ui.address import here, path_parts
from crm_app.ui.elements import empty_state, icon, link, page_step, skeleton
from crm_app.ui.records.deleted_data import DeletedData, DeletedLine, deleted_data, restored, start_of
from crm_app.ui.records.list_head import RECENTLY_DELETED
from crm_app.ui.refusals import attempt
from crm_app.ui.shell_state import focus, notice, set_title, visit
from crm_app.ui.widgets import Arrived

_HEADING = "deleted-heading"


class DeletedPage(rx.State):
    shown_at: str = ""
    plural: str = ""
    icon: str = "box"
    list_href: str = ""
    lines: rx.Field[list[DeletedLine]] = rx.field(default_factory=list)
    range_text: str = ""
    previous_href: str = ""
    next_href: str = ""
    restored_name: str = ""
    restored_href: str = ""

    @rx.event
    async def open(self) -> None:
        name, start = self._object(), start_of(self.router.url.query)
        data = await visit(self, lambda work: deleted_data(work, name, start))
        if data:
            self._show(data)
            self.restored_name, self.restored_href = "", ""
            self.shown_at = here(self.router.url)
            await set_title(self, f"{RECENTLY_DELETED} · {data.plural}")

    @rx.event
    async def restore(self, record: str) -> Any:
        name, start = self._object(), start_of(self.router.url.query)

        def brought_back(work: UnitOfWork) -> tuple[str, str, DeletedData]:
            return *restored(work, name, str(record)), deleted_data(work, name, start)

        done, refusal = await attempt(self, brought_back)
        if done is None:
            return refusal
        self.restored_name, self.restored_href, data = done
        self._show(data)
        return [notice(f"{self.restored_name} is back."), focus(_HEADING)]

    def _object(self) -> str:
        parts = path_parts(self.router.url.path)
        return parts[1] if len(parts) > 1 else ""

    def _show(self, data: DeletedData) -> None:
        self.plural, self.icon, self.list_href = data.plural, data.icon, data.list_href
        self.lines, self.range_text = data.lines, data.range_text
        self.previous_href, self.next_href = data.previous_href, data.next_href


def _line(line: Any) -> rx.Component:
    return rx.el.li(
        rx.el.div(
            rx.el.strong(line["name"]),
            rx.el.div(
                rx.el.span("Deleted ", rx.el.time(line["at"])),
                rx.cond(line["by"] != "", rx.el.span("by ", line["by"])),
                rx.cond(line["note"] != "", rx.el.span(line["note"])),
                class_name="deleted-note",
            ),
            class_name="deleted-body",
        ),
        rx.el.button(
            icon("undo-2"),
            rx.el.span("Restore"),
            type="button",
            class_name="button",
            on_click=DeletedPage.restore(line["id"]),  # pyright: ignore[reportCallIssue]
            custom_attrs={"aria-label": f"Restore {line['name']}"},
        ),
        key=line["id"],
    )


def _restored() -> rx.Component:
    return rx.cond(
        DeletedPage.restored_href != "",
        rx.el.p(
            icon("circle-check"),
            link(DeletedPage.restored_name, to=DeletedPage.restored_href, class_name="quiet-link"),
            rx.el.span("is back."),
            class_name="deleted-back",
        ),
    )


def _pager() -> rx.Component:
    """Also where somebody came to an empty page: the last of it was restored."""
    return rx.cond(
        (DeletedPage.previous_href != "") | (DeletedPage.next_href != ""),
        rx.el.footer(
            rx.el.span(DeletedPage.range_text, class_name="range", custom_attrs={"aria-live": "polite"}),
            page_step("Deleted later", "chevron-left", DeletedPage.previous_href),
            page_step("Deleted earlier", "chevron-right", DeletedPage.next_href),
            class_name="pager",
        ),
    )


def deleted_page() -> rx.Component:
    return Arrived.create(
        rx.el.section(
            rx.el.nav(
                link(DeletedPage.plural, to=DeletedPage.list_href),
                icon("chevron-right"),
                class_name="crumbs",
                custom_attrs={"aria-label": "Where this is"},
            ),
            rx.el.header(
                rx.el.div(
                    icon("trash-2"),
                    rx.el.h1(RECENTLY_DELETED, id=_HEADING, custom_attrs={"tabIndex": "-1"}),
                    class_name="page-title",
                ),
            ),
            _restored(),
            rx.cond(
                DeletedPage.lines.length() > 0,
                rx.fragment(
                    rx.el.p(
                        "Restored records come back with what was deleted because of them, and with their links "
                        "as far as the other end is still there.",
                        class_name="quiet",
                    ),
                    rx.el.ul(
                        rx.foreach(DeletedPage.lines, _line),
                        class_name="panel deleted-lines",
                        custom_attrs={"data-lines": "", "aria-label": RECENTLY_DELETED},
                    ),
                ),
                empty_state("trash-2", "Nothing to restore", "Once something is deleted, you can bring it back here."),
            ),
            _pager(),
            class_name="page record-page deleted-page",
        ),
        shown_at=DeletedPage.shown_at,
        fallback=skeleton(8),
    )
