from typing import Any

import reflex as rx

from crm_app.ui.elements import icon, skeleton
from crm_app.ui.records.board_state import BoardPage
from crm_app.ui.records.board_widget import Board
from crm_app.ui.records.list_head import SEARCH_PAUSE_MS, chip, page_header, tab
from crm_app.ui.widgets import Arrived

_searched: Any = BoardPage.search  # Reflex turns a state's methods into event handlers


def _toolbar() -> rx.Component:
    return rx.el.div(
        rx.el.nav(rx.foreach(BoardPage.tabs, tab), class_name="tabs", custom_attrs={"aria-label": "Views"}),
        rx.el.div(
            rx.el.label(
                icon("search"),
                rx.el.input(
                    type="search",
                    placeholder="Search by name…",
                    default_value=BoardPage.search_text,
                    on_change=_searched.debounce(SEARCH_PAUSE_MS),
                    key=f"{BoardPage.header['name']}",
                    custom_attrs={"aria-label": "Search by name"},
                ),
                class_name="search-input",
            ),
            class_name="tools",
        ),
        class_name="toolbar",
    )


def board_page() -> rx.Component:
    return Arrived.create(
        rx.el.section(
            page_header(BoardPage.header, "board"),
            _toolbar(),
            rx.cond(BoardPage.chips.length() > 0, rx.el.div(rx.foreach(BoardPage.chips, chip), class_name="chips")),
            Board.create(
                columns=BoardPage.columns,
                settled=BoardPage.settled,
                can_move=BoardPage.can_move,
                on_move=BoardPage.move,
                on_more=BoardPage.show_more,
            ),
            rx.el.div(BoardPage.announcement, role="status", class_name="visually-hidden"),
            class_name="page board-page",
        ),
        shown_at=BoardPage.shown_at,
        fallback=skeleton(8),
    )
