"""What automations told this person, the newest first."""

from typing import Any

import reflex as rx

from crm_app.ui.elements import empty_state, icon, link, skeleton
from crm_app.ui.notifications.notifications_data import (
    NotificationLine,
    NotificationsData,
    marked,
    notifications_data,
)
from crm_app.ui.refusals import attempt
from crm_app.ui.shell_state import Shell, focus, set_title, visit

_HEADING = "notifications-heading"
_PAGE = 50
_MOST = 1_000


class NotificationsPage(rx.State):
    lines: rx.Field[list[NotificationLine]] = rx.field(default_factory=list)
    has_unread: bool = False
    has_more: bool = False
    is_loaded: bool = False

    _shown: int = _PAGE

    @rx.event
    async def open(self) -> None:
        self._shown = _PAGE
        data = await visit(self, notifications_data)
        if data:
            self._show(data)
            self.is_loaded = True
            await set_title(self, "Notifications")

    @rx.event
    async def mark(self, which: str) -> Any:
        """One notification, or all of them where it names none."""
        wanted, shown = str(which), self._shown
        data, said = await attempt(self, lambda work: marked(work, wanted, shown))
        if data is not None:
            self._show(data)
            await self._tell_bell(0 if not wanted else None)
        return said if data is None else focus(_HEADING)

    @rx.event
    async def show_more(self) -> Any:
        self._shown = min(self._shown + _PAGE, _MOST)
        shown = self._shown
        data, said = await attempt(self, lambda work: notifications_data(work, shown))
        if data is not None:
            self._show(data)
        return said

    async def _tell_bell(self, unread: int | None) -> None:
        shell = await self.get_state(Shell)
        shell.unread = max(0, shell.unread - 1) if unread is None else unread

    def _show(self, data: NotificationsData) -> None:
        self.lines, self.has_more = data.lines, data.has_more and self._shown < _MOST
        self.has_unread = any(not line["is_read"] for line in data.lines)


def _title(line: Any) -> rx.Component:
    return rx.cond(
        line["href"] != "",
        link(line["title"], to=line["href"], on_click=NotificationsPage.mark(line["id"])),
        rx.el.span(line["title"]),
    )


def _line(line: Any) -> rx.Component:
    return rx.el.li(
        rx.el.div(
            rx.el.strong(_title(line), rx.cond(line["is_read"], "", rx.el.span("New", class_name="badge badge-blue"))),
            rx.cond(line["body"] != "", rx.el.p(line["body"])),
            rx.el.div(
                rx.el.time(line["at"]),
                rx.cond(line["source"] != "", rx.el.span(line["source"])),
                class_name="deleted-note",
            ),
            class_name="deleted-body notification-body",
        ),
        rx.cond(
            line["is_read"],
            rx.fragment(),
            rx.el.button(
                icon("check"),
                type="button",
                class_name="icon-button",
                title="Mark as read",
                on_click=NotificationsPage.mark(line["id"]),
                custom_attrs={"aria-label": line["read_label"]},
            ),
        ),
        key=line["id"],
        class_name=rx.cond(line["is_read"], "notification", "notification unread"),
    )


def _lines() -> rx.Component:
    return rx.fragment(
        rx.el.ul(
            rx.foreach(NotificationsPage.lines, _line),
            class_name="panel deleted-lines",
            custom_attrs={"aria-label": "Notifications"},
        ),
        rx.cond(
            NotificationsPage.has_more,
            rx.el.button("Show more", type="button", class_name="button", on_click=NotificationsPage.show_more),
        ),
    )


def _content() -> rx.Component:
    return rx.el.section(
        rx.el.header(
            rx.el.div(
                icon("bell"),
                rx.el.h1("Notifications", id=_HEADING, custom_attrs={"tabIndex": "-1"}),
                class_name="page-title",
            ),
            rx.cond(
                NotificationsPage.has_unread,
                rx.el.button(
                    icon("check-check"),
                    rx.el.span("Mark all as read"),
                    type="button",
                    class_name="button",
                    on_click=NotificationsPage.mark(""),
                ),
            ),
            class_name="notifications-head",
        ),
        rx.cond(
            NotificationsPage.lines.length() > 0,  # pyright: ignore[reportAttributeAccessIssue]
            _lines(),
            empty_state("bell", "Nothing new", "What workflows tell you appears here."),
        ),
        class_name="page record-page deleted-page",
    )


def notifications_page() -> rx.Component:
    return rx.cond(NotificationsPage.is_loaded, _content(), skeleton(8))
