"""Mail that did not go out, on the page of connections."""

from typing import Any

import reflex as rx

from crm_app.ui.elements import icon
from crm_app.ui.settings.connections_state import ConnectionsPage


def refused_addresses() -> rx.Component:
    """Addresses that get no mail any more."""
    return rx.cond(
        ConnectionsPage.refused.length() > 0,  # pyright: ignore[reportAttributeAccessIssue]
        rx.el.section(
            rx.el.h2("Addresses that refused mail"),
            rx.el.p("Nothing is sent to them any more.", class_name="quiet"),
            rx.el.ul(rx.foreach(ConnectionsPage.refused, lambda said: rx.el.li(said, key=said)), class_name="quiet"),
            class_name="panel",
        ),
    )


def _line(line: Any) -> rx.Component:
    return rx.el.li(
        rx.el.div(
            rx.el.strong(line["subject"]),
            rx.el.div(rx.el.span(line["to"]), rx.el.span(line["error"]), class_name="deleted-note"),
            class_name="deleted-body",
        ),
        rx.el.button(
            icon("send"),
            "Send again",
            type="button",
            on_click=ConnectionsPage.send_again(line["id"]),
            class_name="button",
            custom_attrs={"aria-label": line["again_label"]},
        ),
        key=line["id"],
    )


def unsent_mail() -> rx.Component:
    return rx.cond(
        ConnectionsPage.unsent.length() > 0,  # pyright: ignore[reportAttributeAccessIssue]
        rx.el.section(
            rx.el.h2("Mail that could not be sent"),
            rx.el.ul(rx.foreach(ConnectionsPage.unsent, _line), class_name="panel deleted-lines"),
        ),
    )
