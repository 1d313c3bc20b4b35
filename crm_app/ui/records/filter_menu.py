"""The menu that adds a filter to a list or a board."""

from typing import Any

import reflex as rx

from crm_app.ui.elements import icon
from crm_app.ui.records.filter_rules import FilterRules
from crm_app.ui.records.filter_state import FilterMenu
from crm_app.ui.rules.widget import RuleFilter, at_desk
from crm_app.ui.widgets import Combobox


def _option(choice: Any) -> rx.Component:
    return rx.el.option(choice["label"], value=choice["value"], key=choice["value"])


def _filter_value() -> Any:
    draft = FilterMenu.draft
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
                input_label="Value",
                suggestions=FilterMenu.suggestions,
                on_search=FilterMenu.suggest,
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
        rx.el.div(_one_field(), _by_rule(), class_name="menu-body filter-body"),
        class_name="menu",
    )


def _by_rule() -> rx.Component:
    return RuleFilter.create(**at_desk(FilterRules), rule=FilterMenu.rule, on_apply=FilterMenu.filter_by)


def _one_field() -> rx.Component:
    return rx.el.form(
        rx.el.select(
            rx.el.option("Choose a field…", value=""),
            rx.foreach(FilterMenu.offered, _option),
            on_change=FilterMenu.choose_field,
            class_name="input",
            custom_attrs={"aria-label": "Field"},
        ),
        rx.cond(
            FilterMenu.draft["field"] != "",
            rx.fragment(
                rx.el.select(
                    rx.foreach(FilterMenu.draft["operators"], _option),
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
        on_submit=FilterMenu.add,
        key=f"{FilterMenu.turn}",
        class_name="filter-form",
    )
