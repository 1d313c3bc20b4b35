from typing import Any

import reflex as rx

from crm_app.ui.builder.builder_state import Builder
from crm_app.ui.builder.preview_data import PreviewCell
from crm_app.ui.records.form_layout import FormSection
from crm_app.ui.records.form_page import form_section


def _heading(cell: Any) -> rx.Component:
    return rx.el.th(cell["label"], key=cell["label"])


def _cell(cell: Any) -> rx.Component:
    return rx.el.td(cell["text"], key=cell["label"])


def _line(cell: Any) -> rx.Component:
    return rx.el.li(rx.el.span(f"{cell['label']}: ", class_name="quiet"), cell["text"], key=cell["label"])


def _preview() -> rx.Component:
    """Nothing here is sent: it is the draft's form to look at and to try."""
    data: Any = Builder.preview
    return rx.fragment(
        rx.el.section(
            rx.el.h2("A line of the list"),
            rx.el.div(
                rx.el.table(
                    rx.el.thead(rx.el.tr(rx.foreach(data["cells"].to(list[PreviewCell]), _heading))),
                    rx.el.tbody(rx.el.tr(rx.foreach(data["cells"].to(list[PreviewCell]), _cell))),
                    class_name="lines",
                ),
                class_name="preview-scroll",
                role="region",
                custom_attrs={"aria-label": "List", "tabIndex": "0"},
            ),
            class_name="panel",
        ),
        rx.el.section(
            rx.el.h2("A card of the board"),
            rx.el.ul(rx.foreach(data["card"].to(list[PreviewCell]), _line), class_name="preview-card"),
            class_name="panel",
        ),
        rx.el.h2("The form, by the layout “", data["layout"], "”"),
        rx.el.div(
            rx.foreach(data["sections"].to(list[FormSection]), form_section), key=data["key"], class_name="record-form"
        ),
        rx.cond(data["more"] != "", rx.el.p(data["more"], class_name="quiet")),
    )


def preview_tab() -> rx.Component:
    return rx.el.div(_preview(), class_name="builder-sheet")


def preview_beside() -> rx.Component:
    """To look at only: it is scrolled, nothing in it is focused. Narrow screens don't show it and have the tab."""
    return rx.el.div(
        rx.el.p("Preview", class_name="preview-title"),
        rx.el.div(_preview(), class_name="builder-preview-content", custom_attrs={"inert": True}),
        class_name="builder-preview",
        role="region",
        custom_attrs={"aria-label": "Preview", "tabIndex": "0"},
    )
