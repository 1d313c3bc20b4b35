import reflex as rx

from crm_app.ui.elements import skeleton
from crm_app.ui.records.board_state import BoardPage
from crm_app.ui.records.board_widget import Board
from crm_app.ui.records.list_head import chips, page_header, toolbar
from crm_app.ui.widgets import Arrived


def board_page() -> rx.Component:
    return Arrived.create(
        rx.el.section(
            page_header(BoardPage.header, "board"),
            toolbar(BoardPage.tabs, BoardPage.search_text, BoardPage.search),
            chips(BoardPage.chips, BoardPage.clear_href),
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
