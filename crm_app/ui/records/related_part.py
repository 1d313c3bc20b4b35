"""The related lists of a record page, and the dialog that puts records into them."""

from typing import Any

import reflex as rx

from crm_app.ui.elements import icon, link
from crm_app.ui.records.cells import value_span
from crm_app.ui.records.link_state import INPUT, LinkDialog
from crm_app.ui.records.record_state import RecordPage
from crm_app.ui.records.related_data import RelatedLine
from crm_app.ui.records.values import Cell
from crm_app.ui.widgets import Combobox, Dialog


def _line(line: Any, related: Any) -> rx.Component:
    said = f"Take {line['name']} out of {related['label']}"
    return rx.el.li(
        link(line["name"], to=line["href"], class_name="line-link"),
        rx.el.div(rx.foreach(line["cells"].to(list[Cell]), value_span), class_name="related-cells"),
        rx.cond(
            line["can_unlink"],
            rx.el.button(
                icon("x"),
                type="button",
                class_name="icon-button unlink",
                title="Take it out of this list",
                on_click=RecordPage.unlink(related["key"], line["id"]),  # pyright: ignore[reportCallIssue]
                custom_attrs={"aria-label": said},
            ),
        ),
        key=line["id"],
    )


def _actions(related: Any) -> rx.Component:
    return rx.el.div(
        rx.cond(
            related["link_text"] != "",
            rx.el.button(
                icon("link"),
                type="button",
                class_name="icon-button",
                title=related["link_text"],
                on_click=LinkDialog.ask(related["key"]),  # pyright: ignore[reportCallIssue]
                custom_attrs={"aria-label": related["link_text"], "aria-haspopup": "dialog"},
            ),
        ),
        rx.cond(
            related["new_href"] != "",
            link(
                icon("plus"),
                to=related["new_href"],
                class_name="icon-button",
                title=related["new_text"],
                custom_attrs={"aria-label": related["new_text"]},
            ),
        ),
        class_name="panel-actions",
    )


def related_part(related: Any) -> rx.Component:
    return rx.el.section(
        rx.el.header(
            rx.el.h2(icon(related["icon"]), link(related["label"], to=related["href"])),
            rx.el.span(related["count"], class_name="column-count"),
            _actions(related),
            class_name="panel-head",
        ),
        rx.cond(
            related["lines"].length() > 0,
            rx.el.ul(
                rx.foreach(related["lines"].to(list[RelatedLine]), lambda line: _line(line, related)),
                class_name="related",
                custom_attrs={"data-lines": ""},
            ),
            rx.el.p("None yet.", class_name="nothing"),
        ),
        class_name="panel",
        id=f"related-{related['key']}",
        custom_attrs={"tabIndex": "-1"},
        key=related["key"],
    )


def link_dialog() -> rx.Component:
    return Dialog.create(
        rx.el.form(
            rx.el.h2(LinkDialog.title),
            rx.el.label(LinkDialog.noun, html_for=INPUT),
            Combobox.create(
                name="record",
                input_id=INPUT,
                suggestions=LinkDialog.suggestions,
                required=True,
                on_search=LinkDialog.suggest,
            ),
            rx.el.div(
                rx.el.button("Cancel", type="button", class_name="button", on_click=LinkDialog.cancel),
                rx.el.button("Add", type="submit", class_name="button primary"),
                class_name="ask-actions",
            ),
            on_submit=RecordPage.link,
            class_name="ask-form",
            custom_attrs={"noValidate": True},
        ),
        is_open=LinkDialog.is_open,
        label=LinkDialog.title,
        on_close=LinkDialog.cancel,
    )
