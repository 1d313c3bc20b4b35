"""A field of a form: its label, input, help and error, and what its state makes of them."""

from typing import Any

import reflex as rx

from crm_app.ui.elements import icon
from crm_app.ui.inputs import error_part
from crm_app.ui.records.field_inputs import field_input
from crm_app.ui.records.form_inputs import is_among, is_required
from crm_app.ui.records.form_state import RecordForm


def _carried(field: Any) -> tuple[rx.Component, rx.Component]:
    """The input, and the hidden one that says that the form carries this field at all."""
    return rx.el.input(type="hidden", name=f"has::{field['name']}", default_value=field["held"]), field_input(field)


def _held(field: Any) -> rx.Component:
    """Where the field may not be changed now, what is saved shows; what was typed waits in the hidden input."""
    is_fixed = is_among(field["name"], "read_only")
    return rx.fragment(
        rx.cond(
            is_fixed,
            rx.el.p(icon("lock"), rx.cond(field["shown"] == "", "—", field["shown"]), class_name="fixed-value"),
        ),
        rx.el.fieldset(*_carried(field), class_name="field-input", custom_attrs={"hidden": is_fixed}),
    )


def _part(field: Any, *inner: rx.Component, is_hidden: Any = False) -> rx.Component:
    return rx.el.div(
        rx.el.label(
            field["label"],
            rx.cond(is_required(field), rx.el.span(" *", class_name="required", aria_hidden=True)),
            html_for=field["id"],
        ),
        *inner,
        rx.cond(field["help"] != "", rx.el.p(field["help"], id=f"{field['id']}-help", class_name="help")),
        error_part(RecordForm.errors, field["name"], field["id"]),
        class_name=rx.cond(field["is_wide"], "field field-wide", "field"),
        custom_attrs={"data-field": field["name"], "data-widget": field["widget"], "hidden": is_hidden},
        key=field["name"],
    )


def field_part(field: Any) -> rx.Component:
    """A hidden field stays in the page, so that it comes back as it was left."""
    return _part(field, _held(field), is_hidden=is_among(field["name"], "hidden"))


def asked_part(field: Any) -> rx.Component:
    """A field that is asked for in any state."""
    return _part(field, *_carried(field))
