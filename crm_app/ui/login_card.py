"""The frame of the pages before the door."""

import reflex as rx

from crm_app.ui.elements import icon
from crm_app.ui.widgets import PageTitle


def login_card(title: str, *children: rx.Component) -> rx.Component:
    return rx.el.main(
        PageTitle.create(text=title),
        rx.el.div(
            rx.el.div(rx.el.span(icon("network"), class_name="brand-mark"), rx.el.span("Trellis"), class_name="brand"),
            *children,
            class_name="login-card",
        ),
        class_name="login",
    )
