"""The head of what stands beside the fields."""

from typing import Any

import reflex as rx

from crm_app.ui.builder.fields_state import FieldsTab
from crm_app.ui.elements import icon


def side_head(mark: Any, title: Any, note: Any) -> rx.Component:
    return rx.el.header(
        rx.el.span(icon(mark), class_name="object-mark"),
        rx.el.div(rx.el.h2(title), rx.el.p(note, class_name="quiet")),
        rx.el.button(
            icon("x"),
            type="button",
            on_click=FieldsTab.close,
            class_name="icon-button",
            custom_attrs={"aria-label": "Close"},
        ),
        class_name="side-head",
    )
