"""What the pages of the settings have in common: their heading, and the way from one to the next."""

import reflex as rx

from crm_app.ui.address import AUDIT, DECISIONS, INDEXES, RATES, SETTINGS
from crm_app.ui.elements import icon, link

_PLACES = (
    ("Objects", SETTINGS),
    ("Decisions", DECISIONS),
    ("Indexes", INDEXES),
    ("Exchange rates", RATES),
    ("Audit", AUDIT),
)


def _place(label: str, href: str, title: str) -> rx.Component:
    return link(label, to=href, class_name="tab", custom_attrs={"aria-current": "page" if label == title else "false"})


def settings_head(title: str, *actions: rx.Component) -> rx.Component:
    return rx.el.div(
        rx.el.header(
            rx.el.div(icon("settings"), rx.el.h1(title), class_name="page-title"),
            rx.el.div(*actions, class_name="page-actions"),
            class_name="page-header",
        ),
        rx.el.nav(
            rx.el.div(*[_place(label, href, title) for label, href in _PLACES], class_name="tabs"),
            class_name="toolbar",
            custom_attrs={"aria-label": "Settings"},
        ),
        class_name="settings-head",
    )
