"""The menu that adds a filter to a list."""

from typing import Any

import reflex as rx

from crm_app.ui.elements import icon
from crm_app.ui.records.list_state import ListPage
from crm_app.ui.widgets import Combobox


def _option(choice: Any) -> rx.Component:
    return rx.el.option(choice["label"], value=choice["value"], key=choice["value"])


def _filter_value() -> Any:
    draft = ListPage.draft
    return rx.match(
        draft["input"],
        (
            "choice",
            rx.el.select(
                rx.foreach(draft["choices"], _option),
                name="value",
                class_name="input",
                custom_attrs={"aria-label": "Value"},
            ),
        ),
        (
            "relation",
            Combobox.create(
                name="value",
                input_id="filter-value",
                suggestions=ListPage.suggestions,
                placeholder="Type a name…",
                on_search=ListPage.suggest,
                key=draft["field"],
            ),
        ),
        rx.el.input(
            name="value",
            class_name="input",
            key=draft["field"],
            custom_attrs={"aria-label": "Value", "step": "any", "type": draft["input"]},
        ),
    )


def filter_menu() -> rx.Component:
    return rx.el.details(
        rx.el.summary(icon("funnel"), rx.el.span("Filter"), class_name="button"),
        rx.el.form(
            rx.el.select(
                rx.el.option("Choose a field…", value=""),
                rx.foreach(ListPage.filter_fields, _option),
                on_change=ListPage.choose_filter_field,
                class_name="input",
                custom_attrs={"aria-label": "Field"},
            ),
            rx.cond(
                ListPage.draft["field"] != "",
                rx.fragment(
                    rx.el.select(
                        rx.foreach(ListPage.draft["operators"], _option),
                        name="operator",
                        class_name="input",
                        custom_attrs={"aria-label": "Comparison"},
                    ),
                    _filter_value(),
                    rx.el.button(
                        "Add filter", type="submit", class_name="button primary", custom_attrs={"data-closes": ""}
                    ),
                ),
            ),
            on_submit=ListPage.add_filter,
            class_name="menu-body filter-form",
        ),
        class_name="menu",
    )
