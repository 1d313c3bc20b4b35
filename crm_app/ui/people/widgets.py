"""React components of the pages about accounts."""

from typing import Any

import reflex as rx


class PasswordInput(rx.Component):
    """`complete` tells password managers which one it is: `current-password` or `new-password`."""

    library = "$/public/ui/password_input.jsx"
    tag = "PasswordInput"

    name: rx.Var[Any]
    input_id: rx.Var[Any]
    complete: rx.Var[Any]
    described_by: rx.Var[Any]
    invalid: rx.Var[Any]
    first: rx.Var[Any]
    required: rx.Var[Any]


def password_field(
    label: str, name: str, complete: str, help_text: Any = "", *, is_first: bool = False, is_required: bool = True
) -> rx.Component:
    input_id = f"{name}-input"
    return rx.el.div(
        rx.el.label(label, html_for=input_id),
        PasswordInput.create(
            name=name,
            input_id=input_id,
            complete=complete,
            described_by=f"{name}-help",
            first=is_first,
            required=is_required,
        ),
        rx.cond(help_text != "", rx.el.p(help_text, id=f"{name}-help", class_name="quiet field-help")),
        class_name="field",
    )
