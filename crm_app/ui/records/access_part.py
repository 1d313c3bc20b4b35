"""The dialog that says who can see a record, and why."""

from typing import Any

import reflex as rx

from crm_app.ui.elements import icon
from crm_app.ui.records.access_state import AccessDialog
from crm_app.ui.widgets import Dialog


def access_button() -> rx.Component:
    said = "Who can see this"
    return rx.el.button(
        icon("eye"),
        type="button",
        on_click=AccessDialog.ask,
        class_name="icon-button",
        title=said,
        custom_attrs={"aria-label": said, "aria-haspopup": "dialog"},
    )


def _line(line: Any) -> rx.Component:
    return rx.el.li(
        rx.el.div(rx.el.strong(line["name"]), rx.el.div(line["why"], class_name="quiet")),
        class_name="share-line",
        key=line["id"],
    )


def access_dialog() -> rx.Component:
    return Dialog.create(
        rx.el.h2("Who can see this"),
        rx.cond(AccessDialog.refused != "", rx.el.p(AccessDialog.refused)),
        rx.el.ul(rx.foreach(AccessDialog.lines, _line), class_name="share-lines"),
        rx.cond(AccessDialog.more != "", rx.el.p(AccessDialog.more, class_name="quiet")),
        rx.el.div(
            rx.el.button("Close", type="button", class_name="button", on_click=AccessDialog.close),
            class_name="ask-actions",
        ),
        is_open=AccessDialog.is_open,
        label="Who can see this",
        on_close=AccessDialog.close,
    )
