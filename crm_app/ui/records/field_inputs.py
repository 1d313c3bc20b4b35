"""One input per widget, chosen in the browser by `rx.match`, so that a new field needs no rebuild."""

from typing import Any

import reflex as rx

from crm_app.ui.elements import icon
from crm_app.ui.inputs import area_input, choice_input, choices_input, no_choice, tick_input
from crm_app.ui.records.form_inputs import described_field, own_input
from crm_app.ui.records.input_values import COMPUTED, FormPart
from crm_app.ui.records.relation_inputs import links_input, relation_input
from crm_app.ui.widgets import ColorInput, FilePicker, RichText

_HTML_TYPES = {
    "date": "date", "datetime": "datetime-local", "time": "time", "email": "email", "phone": "tel", "url": "text"
}  # fmt: skip
_NUMBERS = ("number", "currency")


def _text(field: Any, kind: str) -> rx.Component:
    return rx.el.input(
        id=field["id"],
        name=field["name"],
        default_value=field["value"],
        placeholder=field["placeholder"],
        class_name="input",
        auto_complete="off",
        custom_attrs={"type": kind, "step": "any", **described_field(field)},
    )


def _number(field: Any) -> rx.Component:
    return rx.el.div(
        rx.el.input(
            id=field["id"],
            name=field["name"],
            default_value=field["value"],
            placeholder=field["placeholder"],
            class_name="input number",
            auto_complete="off",
            custom_attrs={"inputMode": "decimal", **described_field(field)},
        ),
        rx.cond(field["unit"] != "", rx.el.span(field["unit"], class_name="unit")),
        class_name="with-unit",
    )


def _long_text(field: Any) -> rx.Component:
    return area_input(field, 4, described_field(field), placeholder=field["placeholder"], class_name="input")


def _json(field: Any) -> rx.Component:
    attributes = {"spellCheck": "false", **described_field(field)}
    return area_input(field, 6, attributes, placeholder='{"key": "value"}', class_name="input code")


def _part(element: Any, part: Any) -> rx.Component:
    return element(
        id=part["id"],
        name=part["name"],
        default_value=part["value"],
        class_name="input",
        auto_complete=part["autofill"],
        custom_attrs={"rows": "2"},
    )


def _parts(field: Any) -> rx.Component:
    return rx.el.div(
        rx.foreach(
            field["parts"].to(list[FormPart]),
            lambda part: rx.el.div(
                rx.el.label(part["label"], html_for=part["id"], class_name="part-label"),
                rx.cond(part["is_multiline"], _part(rx.el.textarea, part), _part(rx.el.input, part)),
                class_name=rx.cond(part["is_multiline"], "part part-wide", "part"),
                key=part["name"],
            ),
        ),
        id=field["id"],
        role="group",
        class_name="parts",
        custom_attrs={"aria-label": field["label"], "tabIndex": "-1", **described_field(field)},
    )


def _select(field: Any) -> rx.Component:
    return choice_input(field, no_choice(), described_field(field))


def _valued(component: Any, field: Any) -> rx.Component:
    return own_input(component, field, value=field["value"], label=field["label"])


def _computed(field: Any) -> rx.Component:
    """What was worked out from what is saved; nothing of it is sent."""
    return rx.el.output(icon("lock"), field["shown"], id=field["id"], class_name="fixed-value")


def field_input(field: Any) -> Any:
    return rx.match(
        field["widget"],
        (COMPUTED, _computed(field)),
        ("long_text", _long_text(field)),
        ("boolean", tick_input(field, "Yes", described_field(field))),
        ("select", _select(field)),
        ("rating", _select(field)),
        ("json", _json(field)),
        ("parts", _parts(field)),
        ("color", _valued(ColorInput, field)),
        ("rich_text", _valued(RichText, field)),
        ("file", own_input(FilePicker, field, pick=field["pick"], label=field["label"])),
        ("multi_select", choices_input(field, described_field(field))),
        ("relation", relation_input(field)),
        ("many_to_many", links_input(field)),
        ("user", relation_input(field)),
        ("team", relation_input(field)),
        ("territory", relation_input(field)),
        *[(widget, _number(field)) for widget in _NUMBERS],
        *[(widget, _text(field, kind)) for widget, kind in _HTML_TYPES.items()],
        _text(field, "text"),
    )
