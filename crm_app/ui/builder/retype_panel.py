"""Giving a field another type or another API name."""

from typing import Any

import reflex as rx

from crm_app.ui.builder.builder_state import Builder
from crm_app.ui.builder.fields_data import TypeChoice
from crm_app.ui.builder.fields_state import FieldsTab
from crm_app.ui.builder.name_form import name_form
from crm_app.ui.builder.setting_inputs import setting_part
from crm_app.ui.builder.side_head import side_head


def _choice(kind: Any) -> rx.Component:
    return rx.el.option(kind["label"], value=kind["name"], key=kind["name"])


def _type() -> rx.Component:
    panel: Any = Builder.panel
    kinds = panel["types"].to(list[TypeChoice])
    return rx.cond(
        kinds.length() > 0,
        rx.el.form(
            rx.el.label("Another type", html_for="retype-field-type"),
            rx.el.div(
                rx.el.select(rx.foreach(kinds, _choice), id="retype-field-type", name="type", class_name="input"),
                rx.el.button("Change type", type="submit", class_name="button"),
                class_name="input-and-button",
            ),
            on_submit=FieldsTab.open_retyping,
            class_name="field",
        ),
        rx.el.p(panel["types_help"], class_name="help"),
    )


def identity() -> rx.Component:
    return rx.el.section(
        rx.el.h3("Type and API name"),
        _type(),
        name_form("rename-field", Builder.panel["name"], FieldsTab.rename),
        key=f"identity {Builder.panel['key']}",
        class_name="side-foot builder-form",
        custom_attrs={"aria-label": "Type and API name"},
    )


def retype_panel() -> rx.Component:
    panel = Builder.panel
    return rx.fragment(
        side_head(panel["icon"], f"{panel['label']} becomes: {panel['type_label']}", panel["description"]),
        rx.el.form(
            rx.foreach(Builder.inputs, setting_part),
            rx.el.p(
                "The plan on the Publish tab says how many values convert, and names those that don't.",
                class_name="help",
            ),
            rx.el.div(
                rx.el.button("Keep the type", type="button", on_click=FieldsTab.keep_type, class_name="button"),
                rx.el.button("Change type", id="retype-field", type="submit", class_name="button primary"),
                class_name="ask-actions",
            ),
            on_submit=FieldsTab.retype,
            key=panel["key"],
            class_name="builder-form",
            custom_attrs={"noValidate": True},
        ),
    )
