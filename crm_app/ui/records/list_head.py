"""What list and board have on top: the title, the switch between the two, views and chips."""

from typing import Any

import reflex as rx

from crm_app.ui.elements import button_link, download, icon, link
from crm_app.ui.records.filter_menu import filter_menu
from crm_app.ui.widgets import SearchBox

RECENTLY_DELETED = "Recently deleted"


def tab(item: Any) -> rx.Component:
    return link(
        item["label"],
        to=item["href"],
        class_name="tab",
        custom_attrs={"aria-current": rx.cond(item["is_current"], "page", "false")},
        key=item["href"],
    )


def chip(item: Any) -> rx.Component:
    return rx.el.span(
        item["label"],
        link(icon("x"), to=item["href"], custom_attrs={"aria-label": f"Remove filter: {item['label']}"}),
        class_name="chip",
        key=item["href"],
    )


def chips(shown: Any, clear_href: Any) -> rx.Component:
    return rx.cond(
        shown.length() > 0,
        rx.el.div(
            rx.foreach(shown, chip),
            link("Clear all", to=clear_href, class_name="quiet-link"),
            class_name="chips",
        ),
    )


def toolbar(tabs: Any, search_text: Any, on_search: Any) -> rx.Component:
    return rx.el.div(
        rx.el.nav(rx.foreach(tabs, tab), class_name="tabs", custom_attrs={"aria-label": "Views"}),
        rx.el.div(
            SearchBox.create(text=search_text, label="Search by name", on_search=on_search),
            filter_menu(),
            class_name="tools",
        ),
        class_name="toolbar",
    )


def kind_switch(list_href: Any, board_href: Any, current: str) -> rx.Component:
    """List or board, where the object has a pipeline."""

    def side(label: str, mark: str, href: Any, name: str) -> rx.Component:
        state = "page" if name == current else "false"
        return link(icon(mark), rx.el.span(label), to=href, class_name="segment", custom_attrs={"aria-current": state})

    return rx.cond(
        board_href != "",
        rx.el.nav(
            side("List", "rows-3", list_href, "list"),
            side("Board", "square-kanban", board_href, "board"),
            class_name="segments",
            custom_attrs={"aria-label": "Shown as"},
        ),
    )


def export_link(href: Any) -> rx.Component:
    """All pages of what the list shows."""
    return rx.cond(
        href != "",
        download(
            icon("download"),
            rx.el.span("Export"),
            href=href,
            class_name="button export",
            custom_attrs={"aria-label": "Export"},
        ),
    )


def deleted_link(href: Any) -> rx.Component:
    return rx.cond(
        href != "",
        link(
            icon("trash-2"),
            to=href,
            class_name="icon-button",
            title=RECENTLY_DELETED,
            custom_attrs={"aria-label": RECENTLY_DELETED},
        ),
    )


def page_header(header: Any, current: str) -> rx.Component:
    return rx.el.header(
        rx.el.div(icon(header["icon"]), rx.el.h1(header["plural"]), class_name="page-title"),
        rx.el.div(
            kind_switch(header["list_href"], header["board_href"], current),
            deleted_link(header["deleted_href"]),
            export_link(header["export_href"]) if current == "list" else rx.fragment(),
            rx.cond(
                header["new_href"] != "",
                button_link(header["new_text"], header["new_href"], "plus", "primary"),
            ),
            class_name="page-actions",
        ),
        class_name="page-header",
    )
