"""One input per widget, chosen in the browser by `rx.match`, so that a new field needs no rebuild."""

from typing import Any, Literal

import reflex as rx

from crm_app.ui.records.form_state import RecordForm
from crm_app.ui.records.input_values import FormPart
from crm_app.ui.records.reference_names import FormChoice
from crm_app.ui.records.relation_inputs import links_input, relation_input
from crm_app.ui.widgets import ColorInput, FilePicker, RichText

_HTML_TYPES = {
    "date": "date", "datetime": "datetime-local", "time": "time", "email": "email", "phone": "tel", "url": "text"
}  # fmt: skip
_NUMBERS = ("number", "currency")


def is_among(name: Any, state: Literal["hidden", "required", "read_only", "hidden_sections"]) -> Any:
    """Whether a field, or a section by its key, is in that state now."""
    names: Any = RecordForm.states[state]
    return names.contains(name)


def is_required(field: Any) -> Any:
    return field["is_required"] | is_among(field["name"], "required")


def _described(field: Any) -> dict[str, Any]:
    """What tells a screen reader of the help and the error below."""
    return {
        "aria-invalid": rx.cond(RecordForm.errors.contains(field["name"]), "true", "false"),  # pyright: ignore[reportAttributeAccessIssue]
        "aria-describedby": f"{field['id']}-help {field['id']}-error",
        "aria-required": rx.cond(is_required(field), "true", "false"),
    }


def _text(field: Any, kind: str) -> rx.Component:
    return rx.el.input(
        id=field["id"],
        name=field["name"],
        default_value=field["value"],
        placeholder=field["placeholder"],
        class_name="input",
        auto_complete="off",
        custom_attrs={"type": kind, "step": "any", **_described(field)},
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
            custom_attrs={"inputMode": "decimal", **_described(field)},
        ),
        rx.cond(field["unit"] != "", rx.el.span(field["unit"], class_name="unit")),
        class_name="with-unit",
    )


def _long_text(field: Any) -> rx.Component:
    return rx.el.textarea(
        id=field["id"],
        name=field["name"],
        default_value=field["value"],
        placeholder=field["placeholder"],
        rows="4",
        class_name="input",
        custom_attrs=_described(field),
    )


def _json(field: Any) -> rx.Component:
    return rx.el.textarea(
        id=field["id"],
        name=field["name"],
        default_value=field["value"],
        placeholder='{"key": "value"}',
        rows="6",
        class_name="input code",
        custom_attrs={"spellCheck": "false", **_described(field)},
    )


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
        custom_attrs={"aria-label": field["label"], "tabIndex": "-1", **_described(field)},
    )


def _boolean(field: Any) -> rx.Component:
    return rx.el.label(
        rx.el.input(
            id=field["id"],
            name=field["name"],
            type="checkbox",
            default_checked=field["is_checked"],
            custom_attrs=_described(field),
        ),
        rx.el.span("Yes"),
        class_name="tick",
    )


def _select(field: Any) -> rx.Component:
    return rx.el.select(
        rx.el.option("Choose…", value=""),
        rx.foreach(
            field["choices"].to(list[FormChoice]),
            lambda choice: rx.el.option(choice["label"], value=choice["value"], key=choice["value"]),
        ),
        id=field["id"],
        name=field["name"],
        default_value=field["value"],
        class_name="input",
        custom_attrs=_described(field),
    )


def _multi_select(field: Any) -> rx.Component:
    return rx.el.div(
        rx.foreach(
            field["choices"].to(list[FormChoice]),
            lambda choice: rx.el.label(
                rx.el.input(
                    id=choice["id"],
                    name=f"{field['name']}::{choice['value']}",
                    type="checkbox",
                    default_checked=choice["is_chosen"],
                ),
                rx.el.span(choice["label"]),
                class_name="tick tick-chip",
                key=choice["value"],
            ),
        ),
        id=field["id"],
        role="group",
        class_name="ticks",
        custom_attrs={"aria-label": field["label"], "tabIndex": "-1", **_described(field)},
    )


def _own_component(component: Any, field: Any) -> rx.Component:
    return component.create(
        name=field["name"],
        input_id=field["id"],
        value=field["value"],
        label=field["label"],
        required=is_required(field),
        invalid=RecordForm.errors.contains(field["name"]),  # pyright: ignore[reportAttributeAccessIssue]
        described_by=f"{field['id']}-help {field['id']}-error",
    )


def _file(field: Any) -> rx.Component:
    return FilePicker.create(
        name=field["name"],
        input_id=field["id"],
        pick=field["pick"],
        label=field["label"],
        required=field["is_required"],
        invalid=RecordForm.errors.contains(field["name"]),  # pyright: ignore[reportAttributeAccessIssue]
        described_by=f"{field['id']}-help {field['id']}-error",
    )


def field_input(field: Any) -> Any:
    return rx.match(
        field["widget"],
        ("long_text", _long_text(field)),
        ("boolean", _boolean(field)),
        ("select", _select(field)),
        ("rating", _select(field)),
        ("json", _json(field)),
        ("parts", _parts(field)),
        ("color", _own_component(ColorInput, field)),
        ("rich_text", _own_component(RichText, field)),
        ("file", _file(field)),
        ("multi_select", _multi_select(field)),
        ("relation", relation_input(field)),
        ("many_to_many", links_input(field)),
        ("user", relation_input(field)),
        ("team", relation_input(field)),
        *[(widget, _number(field)) for widget in _NUMBERS],
        *[(widget, _text(field, kind)) for widget, kind in _HTML_TYPES.items()],
        _text(field, "text"),
    )
