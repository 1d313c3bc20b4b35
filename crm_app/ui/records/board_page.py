import reflex as rx

from crm_app.ui.elements import skeleton
from crm_app.ui.records.board_state import BoardPage
from crm_app.ui.records.board_widget import Board
from crm_app.ui.records.list_head import chips, page_header, tab, toolbar
from crm_app.ui.records.move_part import move_dialog
from crm_app.ui.widgets import Arrived


def _pipeline_line() -> rx.Component:
    """Which pipeline this is, where there are several, and what is open in it."""
    has_choice = BoardPage.pipelines.length() > 0  # pyright: ignore[reportAttributeAccessIssue]
    return rx.cond(
        has_choice | (BoardPage.total != ""),
        rx.el.div(
            rx.cond(
                has_choice,
                rx.el.nav(
                    rx.foreach(BoardPage.pipelines, tab), class_name="tabs", custom_attrs={"aria-label": "Pipelines"}
                ),
            ),
            rx.el.span(BoardPage.total, class_name="board-total"),
            class_name="pipeline-line",
        ),
    )


def board_page() -> rx.Component:
    return Arrived.create(
        rx.el.section(
            page_header(BoardPage.header, "board"),
            toolbar(BoardPage.tabs, BoardPage.search_text, BoardPage.search),
            chips(BoardPage.chips, BoardPage.clear_href),
            _pipeline_line(),
            Board.create(
                columns=BoardPage.columns,
                settled=BoardPage.settled,
                can_move=BoardPage.can_move,
                on_move=BoardPage.move,
                on_more=BoardPage.show_more,
            ),
            move_dialog(BoardPage.finish),
            rx.el.div(BoardPage.announcement, role="status", class_name="visually-hidden"),
            class_name="page board-page",
        ),
        shown_at=BoardPage.shown_at,
        fallback=skeleton(8),
    )
