from typing import Any

import reflex as rx

from crm_app.ui.inputs import choice_input, choices_input


def one_of(picking: Any, nothing: str) -> rx.Component:
    return rx.el.div(
        rx.el.label(picking["label"], html_for=picking["id"]),
        choice_input(picking, rx.el.option(nothing, value=""), {}),
        class_name="field",
    )


def some_of(picking: Any) -> rx.Component:
    return rx.el.div(
        rx.el.span(picking["label"], class_name="field-label"), choices_input(picking, {}), class_name="field"
    )


def text_input(name: str, label: str, value: Any = "", errors: Any = None, **attributes: Any) -> rx.Component:
    input_id = f"{name}-input"
    parts: list[rx.Component] = [
        rx.el.label(label, html_for=input_id),
        rx.el.input(
            id=input_id,
            name=name,
            default_value=value,
            class_name="input",
            auto_complete="off",
            custom_attrs=attributes,
        ),
    ]
    if errors is not None:
        error = rx.el.p(errors[name], class_name="field-error", role="alert")
        parts.append(rx.cond(errors.contains(name), error, rx.fragment()))
    return rx.el.div(*parts, class_name="field")


def shown_link(link: Any, label: Any, text: rx.Component) -> rx.Component:
    """Where a link is shown once, to be handed on."""
    return rx.cond(link != "", rx.el.div(rx.el.p(label), text, class_name="said shown-link", role="status"))
