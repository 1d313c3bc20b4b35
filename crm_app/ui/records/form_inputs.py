"""What every input of a record's form says of its field: whether it is needed now, and what is wrong with it."""

from typing import Any, Literal

import reflex as rx

from crm_app.ui.inputs import Attributes, described
from crm_app.ui.records.form_state import RecordForm


def is_among(name: Any, state: Literal["hidden", "required", "read_only", "hidden_sections"]) -> Any:
    """Whether a field, or a section by its key, is in that state now."""
    names: Any = RecordForm.states[state]
    return names.contains(name)


def is_required(field: Any) -> Any:
    return field["is_required"] | is_among(field["name"], "required")


def _is_invalid(field: Any) -> Any:
    errors: Any = RecordForm.errors
    return errors.contains(field["name"])


def described_field(field: Any) -> Attributes:
    return described(field, is_invalid=_is_invalid(field), is_required=is_required(field))


def own_input(component: Any, field: Any, **props: Any) -> rx.Component:
    """An input that is a component of ours."""
    return component.create(
        name=field["name"],
        input_id=field["id"],
        required=is_required(field),
        invalid=_is_invalid(field),
        described_by=f"{field['id']}-help {field['id']}-error",
        **props,
    )


def suggesting_input(component: Any, field: Any, **props: Any) -> rx.Component:
    """One that suggests records for what is typed."""
    return own_input(
        component,
        field,
        suggestions=rx.cond(RecordForm.suggestions_for == field["name"], RecordForm.suggestions, []),
        on_search=lambda text: RecordForm.suggest(field["name"], text),  # pyright: ignore[reportCallIssue]
        **props,
    )
