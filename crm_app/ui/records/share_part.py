"""Sharing one record: with whom, how far, until when; and taking it back."""

from typing import Any

import reflex as rx

from crm_app.ui.elements import icon
from crm_app.ui.records.share_state import INPUT, ShareDialog
from crm_app.ui.widgets import Combobox, Dialog


def share_button() -> rx.Component:
    return rx.el.button(
        icon("user-plus"),
        rx.el.span("Share"),
        type="button",
        on_click=ShareDialog.ask,
        class_name="button share",
        custom_attrs={"aria-haspopup": "dialog", "aria-label": "Share"},
    )


def _line(line: Any) -> rx.Component:
    said = f"Take it back from {line['name']}"
    return rx.el.li(
        rx.el.div(
            rx.el.strong(line["name"]), " ", rx.el.span(line["kind"], class_name="badge"),
            rx.el.div(line["what"], class_name="quiet"),
        ),
        rx.el.button(
            icon("x"),
            type="button",
            on_click=ShareDialog.take_back(line["id"]),
            class_name="icon-button",
            title=said,
            custom_attrs={"aria-label": said},
        ),
        class_name="share-line",
        key=line["id"],
    )  # fmt: skip


def _form() -> rx.Component:
    return rx.el.form(
        rx.el.div(
            rx.el.label("Share with a person, a team or a role", html_for=INPUT),
            Combobox.create(
                name="grantee",
                input_id=INPUT,
                suggestions=ShareDialog.suggestions,
                required=True,
                on_search=ShareDialog.suggest,
            ),
            class_name="field",
        ),
        rx.el.div(
            rx.el.div(
                rx.el.label("Who", rx.el.span(" gets it", class_name="visually-hidden"), html_for="share-level"),
                rx.el.select(
                    rx.el.option("may read it", value="read"),
                    rx.el.option("may read and edit it", value="edit"),
                    id="share-level",
                    name="level",
                    class_name="input",
                ),
                class_name="field",
            ),
            rx.el.div(
                rx.el.label("Last day, if there is one", html_for="share-until"),
                rx.el.input(type="date", id="share-until", name="until", class_name="input"),
                class_name="field",
            ),
            class_name="share-how",
        ),
        rx.el.div(
            rx.el.button("Close", type="button", class_name="button", on_click=ShareDialog.close),
            rx.el.button("Share", type="submit", class_name="button primary"),
            class_name="ask-actions",
        ),
        on_submit=ShareDialog.share,
        key=ShareDialog.turn.to_string(),  # pyright: ignore[reportAttributeAccessIssue]
        class_name="ask-form",
        custom_attrs={"noValidate": True},
    )


def share_dialog() -> rx.Component:
    return Dialog.create(
        rx.el.h2("Share this record"),
        rx.el.p("It opens the record, not what somebody's role doesn't let them do.", class_name="quiet"),
        rx.el.ul(rx.foreach(ShareDialog.lines, _line), class_name="share-lines"),
        _form(),
        is_open=ShareDialog.is_open,
        label="Share this record",
        on_close=ShareDialog.close,
    )
