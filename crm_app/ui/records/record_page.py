from typing import Any

import reflex as rx

from crm_app.ui.elements import button_link, folded, icon, link, skeleton
from crm_app.ui.records.access_part import access_button, access_dialog
from crm_app.ui.records.asked_part import asked_part
from crm_app.ui.records.cells import value_span
from crm_app.ui.records.done import YES
from crm_app.ui.records.file_data import FILES
from crm_app.ui.records.file_part import file_links_of
from crm_app.ui.records.move_part import move_dialog
from crm_app.ui.records.past_part import past_button, past_dialog
from crm_app.ui.records.record_data import TIMELINE_TAB, Item, SectionShown
from crm_app.ui.records.record_state import RecordPage
from crm_app.ui.records.related_data import RelatedShown
from crm_app.ui.records.related_part import link_dialog, related_part
from crm_app.ui.records.share_part import share_button, share_dialog
from crm_app.ui.records.stage_part import stage_path
from crm_app.ui.records.start_part import start_menu
from crm_app.ui.records.timeline_part import timeline_part
from crm_app.ui.records.values import LINKS, LinkShown
from crm_app.ui.widgets import Arrived, Confirm, Refresh, TabPanel, Tabs

_EMPTY = "—"


def _link(shown: Any) -> rx.Component:
    return rx.el.li(link(shown["text"], to=shown["href"], class_name="chip"), key=shown["href"])


def links_of(cell: Any) -> rx.Component:
    return rx.el.div(
        rx.el.ul(rx.foreach(cell["links"].to(list[LinkShown]), _link), class_name="links"),
        rx.cond(
            cell["more_text"] != "",
            rx.el.details(
                rx.el.summary(cell["more_text"], class_name="quiet-link"),
                rx.el.ul(rx.foreach(cell["more"].to(list[LinkShown]), _link), class_name="links"),
            ),
        ),
    )


def shown_cell(cell: Any, *, with_pictures: bool = True) -> rx.Component:
    """A value with its link: a page of ours, an address outside, or neither."""
    return rx.cond(
        cell["text"] == "",
        rx.el.span(_EMPTY, class_name="nothing"),
        rx.cond(
            cell["href"] != "",
            link(cell["text"], to=cell["href"], class_name="quiet-link"),
            rx.cond(
                cell["out"] != "",
                rx.el.a(
                    cell["text"], href=cell["out"], target="_blank", rel="noopener noreferrer", class_name="quiet-link"
                ),
                rx.match(
                    cell["css"],
                    ("rich", rx.html(cell["html"], class_name="rich-text")),
                    (LINKS, links_of(cell)),
                    (FILES, file_links_of(cell, with_pictures=with_pictures)),
                    value_span(cell),
                ),
            ),
        ),
    )


def _item(item: Any) -> rx.Component:
    return rx.el.div(
        rx.el.dt(item["label"], rx.cond(item["name"] != "", past_button(item["name"], item["label"]))),
        rx.el.dd(shown_cell(item["cell"])),
        class_name="item",
        key=item["label"],
    )


def _items(section: Any) -> rx.Component:
    return rx.el.dl(
        rx.foreach(section["items"].to(list[Item]), _item),
        class_name="items",
        custom_attrs={"data-columns": section["columns"]},
    )


def _section(section: Any) -> rx.Component:
    return rx.el.section(
        rx.cond(
            section["is_collapsed"],
            folded(section["label"], _items(section)),
            rx.fragment(rx.el.h2(section["label"]), _items(section)),
        ),
        class_name="panel",
        key=section["key"],
    )


def _highlight(item: Any) -> rx.Component:
    return rx.el.div(
        rx.el.dt(item["label"]),
        rx.el.dd(shown_cell(item["cell"], with_pictures=False)),
        class_name="highlight",
        key=item["label"],
    )


def _header() -> rx.Component:
    head = RecordPage.head
    return rx.el.header(
        rx.el.nav(
            link(head["plural"], to=head["list_href"]),
            icon("chevron-right"),
            class_name="crumbs",
            custom_attrs={"aria-label": "Where this is"},
        ),
        rx.el.div(
            rx.el.span(icon(head["icon"], "icon icon-large"), class_name="record-mark"),
            rx.el.h1(head["title"]),
            rx.el.div(
                rx.cond(
                    head["done"] != "",
                    rx.el.button(
                        rx.cond(head["done"] == YES, icon("undo-2"), icon("circle-check")),
                        rx.el.span(head["done_text"]),
                        type="button",
                        on_click=RecordPage.mark(head["object"], head["id"], head["done"] != YES),  # pyright: ignore[reportCallIssue]
                        class_name="button",
                    ),
                ),
                start_menu(RecordPage.startable, RecordPage.start),
                access_button(),
                rx.cond(head["can_share"], share_button()),
                rx.cond(head["edit_href"] != "", button_link("Edit", head["edit_href"], "pencil")),
                rx.cond(
                    head["can_delete"],
                    Confirm.create(
                        label="Delete",
                        question=f"Delete {head['title']}?",
                        detail=RecordPage.delete_detail,
                        confirm_label="Delete",
                        icon="trash-2",
                        is_barred=RecordPage.is_kept,
                        on_ask=RecordPage.weigh,
                        on_confirm=RecordPage.delete,
                    ),
                ),
                class_name="page-actions",
            ),
            class_name="record-title",
        ),
        rx.el.dl(rx.foreach(RecordPage.highlights, _highlight), class_name="highlights"),
        stage_path(),
        move_dialog(RecordPage.finish),
        link_dialog(),
        share_dialog(),
        access_dialog(),
        past_dialog(),
        class_name="record-header",
    )


def _tab(tab: Any) -> rx.Component:
    return TabPanel.create(
        rx.foreach(tab["sections"].to(list[SectionShown]), _section),
        rx.foreach(tab["related"].to(list[RelatedShown]), related_part),
        rx.foreach(tab["last"].to(list[SectionShown]), _section),
        tab_key=tab["key"],
        class_name="record-tab",
        key=tab["key"],
    )


def record_page() -> rx.Component:
    is_tab = RecordPage.timeline == "tab"
    return Arrived.create(
        rx.el.article(
            Refresh.create(is_on=RecordPage.looks > 0, on_tick=RecordPage.look),
            _header(),
            rx.el.div(
                rx.el.div(
                    asked_part(),
                    Tabs.create(
                        rx.foreach(RecordPage.tabs, _tab),
                        rx.cond(is_tab, TabPanel.create(timeline_part(), tab_key=TIMELINE_TAB)),
                        tabs=RecordPage.tab_labels,
                        label="Parts of the record",
                    ),
                    class_name="record-main",
                ),
                rx.cond(RecordPage.timeline == "side", timeline_part()),
                class_name="record-columns",
                custom_attrs={"data-timeline": RecordPage.timeline},
            ),
            class_name="page record-page",
        ),
        shown_at=RecordPage.shown_at,
        fallback=skeleton(10),
    )
