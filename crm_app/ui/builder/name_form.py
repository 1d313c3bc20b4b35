from typing import Any

import reflex as rx

from crm_app.ui.builder.builder_state import Builder
from crm_app.ui.inputs import error_part


def name_form(input_id: str, name: Any, on_submit: Any) -> rx.Component:
    """Giving something another API name. What is wrong with it is told at `name`."""
    return rx.el.form(
        rx.el.label("API name", html_for=input_id),
        rx.el.div(
            rx.el.input(
                id=input_id,
                name="name",
                default_value=name,
                class_name="input",
                auto_complete="off",
                spell_check=False,
                custom_attrs={"aria-describedby": f"{input_id}-help {input_id}-error"},
            ),
            rx.el.button("Rename", type="submit", class_name="button"),
            class_name="input-and-button",
        ),
        rx.el.p(
            "Rules, views, layouts, workflows and roles that name it follow.",
            id=f"{input_id}-help",
            class_name="help",
        ),
        error_part(Builder.errors, "name", input_id),
        on_submit=on_submit,
        class_name="field",
        custom_attrs={"noValidate": True},
    )
