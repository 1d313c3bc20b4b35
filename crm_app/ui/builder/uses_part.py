"""At the field: what depends on it."""

from typing import Any

import reflex as rx

from crm_app.ui.builder.builder_state import Builder
from crm_app.ui.elements import link


def _use(use: Any) -> rx.Component:
    return rx.el.li(
        rx.cond(use["href"], link(use["label"], to=use["href"]), rx.el.span(use["label"])),
        rx.cond(use["note"], rx.el.code(use["note"])),
        key=use["key"],
    )


def uses_part() -> rx.Component:
    panel = Builder.panel
    return rx.el.details(
        rx.el.summary(panel["uses_title"]),
        rx.el.ul(rx.foreach(panel["uses"], _use)),
        class_name="uses",
        custom_attrs={"aria-label": "What depends on this field"},
    )
