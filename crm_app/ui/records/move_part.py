from typing import Any

import reflex as rx

from crm_app.ui.records.field_part import asked_part
from crm_app.ui.records.move_state import MoveDialog
from crm_app.ui.widgets import Dialog


def move_dialog(on_submit: Any) -> rx.Component:
    """For a page on which records move; `on_submit` is the page's own handler, which shows what came of it."""
    return Dialog.create(
        rx.el.form(
            rx.el.h2(MoveDialog.title),
            rx.cond(MoveDialog.said != "", rx.el.p(MoveDialog.said, class_name="field-error", role="alert")),
            rx.foreach(MoveDialog.asked, asked_part),
            rx.el.div(
                rx.el.button("Cancel", type="button", class_name="button", on_click=MoveDialog.cancel),
                rx.el.button(MoveDialog.submit_label, type="submit", class_name="button primary"),
                class_name="ask-actions",
            ),
            on_submit=on_submit,
            class_name="ask-form",
            custom_attrs={"noValidate": True},
        ),
        is_open=MoveDialog.is_open,
        label=MoveDialog.title,
        on_close=MoveDialog.cancel,
    )
