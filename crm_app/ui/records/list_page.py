from typing import Any

import reflex as rx

from crm_app.ui.elements import button_link, empty_state, icon, link, page_step
from crm_app.ui.records.bulk_part import bulk_bar, bulk_dialog, pick_cell, pick_heading
from crm_app.ui.records.bulk_state import Bulk
from crm_app.ui.records.cells import value_span
from crm_app.ui.records.done import YES, done_check
from crm_app.ui.records.file_data import FILES
from crm_app.ui.records.file_part import file_links_of
from crm_app.ui.records.list_head import chips, page_header, toolbar
from crm_app.ui.records.list_state import ListPage
from crm_app.ui.records.values import Cell
from crm_app.ui.widgets import Arrived

_ListPage: Any = ListPage  # Reflex turns a state's methods into event handlers


def _heading(item: Any) -> rx.Component:
    return rx.el.th(
        rx.cond(
            item["href"] != "",
            link(
                item["label"],
                rx.match(
                    item["sorted"],
                    ("ascending", icon("arrow-up")),
                    ("descending", icon("arrow-down")),
                    icon("chevrons-up-down", "icon sort-hint"),
                ),
                to=item["href"],
                class_name="heading-link",
            ),
            rx.el.span(item["label"]),
        ),
        scope="col",
        class_name=item["css"],
        custom_attrs={"aria-sort": rx.cond(item["sorted"] != "", item["sorted"], "none")},
        key=item["label"],
    )


def _cell(item: Any, index: Any) -> rx.Component:
    return rx.el.td(
        rx.cond(
            item["href"] != "",
            link(item["text"], to=item["href"], class_name=rx.cond(item["css"] == "name", "line-link", "cell-link")),
            rx.cond(item["css"] == FILES, file_links_of(item, with_pictures=False), value_span(item)),
        ),
        class_name=rx.cond(item["css"] == "number", "number", ""),
        key=index,
    )


def _check(item: Any) -> rx.Component:
    """Before the name of an activity; other objects' lines have none."""
    return rx.cond(
        item["done"] != "",
        rx.el.td(
            done_check(
                item["done"],
                f"{ListPage.check['label']}: {item['name']}",
                ListPage.mark(item["id"], item["done"] != YES),  # pyright: ignore[reportCallIssue]
                can_mark=item["can_mark"],
            ),
            class_name="check-cell",
        ),
    )


def _line(item: Any) -> rx.Component:
    return rx.el.tr(pick_cell(item), _check(item), rx.foreach(item["cells"].to(list[Cell]), _cell), key=item["id"])


def _table() -> rx.Component:
    return rx.el.div(
        rx.el.table(
            rx.el.thead(
                rx.el.tr(
                    pick_heading(),
                    rx.cond(ListPage.check["label"] != "", _heading(ListPage.check)),
                    rx.foreach(ListPage.headings, _heading),
                )
            ),
            rx.el.tbody(rx.foreach(ListPage.lines, _line), custom_attrs={"data-lines": ""}),
            class_name=rx.cond(Bulk.is_selecting, "lines is-selecting", "lines"),
        ),
        class_name="lines-scroll",
        role="region",
        custom_attrs={"aria-label": ListPage.header["plural"], "tabIndex": "0"},
    )


def _pager() -> rx.Component:
    return rx.el.footer(
        rx.el.span(
            ListPage.range_text,
            " of ",
            rx.cond(
                ListPage.is_capped,
                rx.el.button(
                    ListPage.total_text,
                    type="button",
                    on_click=ListPage.count_exactly,
                    class_name="quiet-link",
                    title="Count them exactly",
                ),
                rx.el.span(ListPage.total_text),
            ),
            class_name="range",
            custom_attrs={"aria-live": "polite"},
        ),
        page_step("Previous page", "chevron-left", ListPage.previous_href),
        page_step("Next page", "chevron-right", ListPage.next_href),
        class_name="pager",
    )


def _nothing() -> rx.Component:
    noun = ListPage.header["noun"]
    return rx.cond(
        ListPage.clear_href != "",
        empty_state(
            "search",
            f"No {noun} match",
            "Remove a filter or search for something else.",
            link("Clear filters and search", to=ListPage.clear_href, class_name="button"),
        ),
        empty_state(
            ListPage.header["icon"],
            f"No {noun} yet",
            "What is added here shows up for everybody who may see it.",
            rx.cond(
                ListPage.header["new_href"] != "",
                button_link("Add the first one", ListPage.header["new_href"], "plus", "primary"),
            ),
        ),
    )


def _found() -> rx.Component:
    return rx.fragment(bulk_bar(_ListPage.delete_chosen, _ListPage.start_chosen), _table(), _pager())


def list_page() -> rx.Component:
    return Arrived.create(
        rx.el.section(
            page_header(ListPage.header, "list"),
            toolbar(ListPage.tabs, ListPage.search_text, ListPage.search),
            chips(ListPage.chips, ListPage.clear_href),
            rx.cond(
                ListPage.lines.length() > 0,
                _found(),
                _nothing(),
            ),
            bulk_dialog(_ListPage.change),
            class_name="page list-page",
        ),
        shown_at=ListPage.shown_at,
        fallback=list_bones(),
    )


def list_bones() -> rx.Component:
    return rx.el.div(*[rx.el.div(class_name="bone") for _ in range(12)], class_name="skeleton")
