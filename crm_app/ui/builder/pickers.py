"""Choosing a color."""

from typing import Any

import reflex as rx

from crm_app.ui.builder.objects_data import COLORS


def color_choice(value: Any, color: str) -> rx.Component:
    return rx.el.label(
        rx.el.input(
            type="radio",
            name="color",
            value=color,
            default_checked=value == color,
            class_name="visually-hidden",
            custom_attrs={"aria-label": color},
        ),
        rx.el.span(class_name=f"swatch badge-{color}"),
        class_name="color-choice",
        title=color,
    )


def color_picker(value: Any) -> rx.Component:
    return rx.el.fieldset(
        rx.el.legend("Color", class_name="field-label"),
        rx.el.div(*[color_choice(value, color) for color in COLORS], class_name="color-grid"),
        class_name="plain-group",
    )
