"""The frame of the pages before the door."""

import reflex as rx

from crm_app.ui.elements import icon
from crm_app.ui.widgets import PageTitle

_SECONDS_SAID = 90


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


def said(code: str, seconds: str, otherwise: str) -> str:
    """What a refused attempt reads like."""
    if code != "too_many_attempts":
        return otherwise if code else ""
    wait = int(seconds) if seconds.isdecimal() and len(seconds) <= len("9999") else 0
    when = f"{wait} seconds" if 0 < wait <= _SECONDS_SAID else f"{-(-wait // 60)} minutes" if wait else "a while"
    return f"Too many attempts. Please try again in {when}."
