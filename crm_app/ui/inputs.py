"""Inputs that the forms of records and of the builder share. An `item` says what one holds; `attributes` go on it."""

from typing import Any, TypedDict

import reflex as rx

Attributes = dict[str, Any]


class Choice(TypedDict):
    value: str
    label: str
    id: str
    is_chosen: bool


def described(item: Any, *, is_invalid: Any, is_required: Any) -> Attributes:
    """What tells a screen reader of the help and the error below."""
    return {
        "aria-invalid": rx.cond(is_invalid, "true", "false"),
        "aria-describedby": f"{item['id']}-help {item['id']}-error",
        "aria-required": rx.cond(is_required, "true", "false"),
    }


def choice_input(item: Any, nothing: Any, attributes: Attributes, **events: Any) -> rx.Component:
    """`nothing` is the option of no choice."""
    return rx.el.select(
        nothing,
        rx.foreach(
            item["choices"].to(list[Choice]),
            lambda choice: rx.el.option(choice["label"], value=choice["value"], key=choice["value"]),
        ),
        id=item["id"],
        name=item["name"],
        default_value=item["value"],
        class_name="input",
        custom_attrs=attributes,
        **events,
    )


def no_choice() -> rx.Component:
    return rx.el.option("Choose…", value="")


def choices_input(item: Any, attributes: Attributes) -> rx.Component:
    """A box for each choice, whose name carries its value: a form carries each name once."""
    return rx.el.div(
        rx.foreach(
            item["choices"].to(list[Choice]),
            lambda choice: rx.el.label(
                rx.el.input(
                    id=choice["id"],
                    name=f"{item['name']}::{choice['value']}",
                    type="checkbox",
                    default_checked=choice["is_chosen"],
                ),
                rx.el.span(choice["label"]),
                class_name="tick tick-chip",
                key=choice["value"],
            ),
        ),
        id=item["id"],
        role="group",
        class_name="ticks",
        custom_attrs={"aria-label": item["label"], "tabIndex": "-1", **attributes},
    )


def tick_input(item: Any, label: Any, attributes: Attributes) -> rx.Component:
    return rx.el.label(
        rx.el.input(
            id=item["id"],
            name=item["name"],
            type="checkbox",
            default_checked=item["is_checked"],
            custom_attrs=attributes,
        ),
        rx.el.span(label),
        class_name="tick",
    )


def area_input(item: Any, rows: int, attributes: Attributes, **props: Any) -> rx.Component:
    return rx.el.textarea(
        id=item["id"],
        name=item["name"],
        default_value=item["value"],
        rows=str(rows),
        custom_attrs=attributes,
        **props,
    )


def error_part(errors: Any, name: Any, input_id: Any) -> rx.Component:
    """What is wrong with an input, below it."""
    return rx.cond(
        errors.contains(name),
        rx.el.p(errors[name], id=f"{input_id}-error", class_name="field-error", role="alert"),
    )
