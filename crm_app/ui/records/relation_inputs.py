"""The inputs of fields that point at records: one name to choose, or a chip for each of many."""

from typing import Any

import reflex as rx

from crm_app.ui.records.form_state import RecordForm
from crm_app.ui.widgets import Chips, Combobox


def links_input(field: Any) -> rx.Component:
    return Chips.create(
        name=field["name"],
        input_id=field["id"],
        chosen=field["choices"],
        suggestions=rx.cond(RecordForm.suggestions_for == field["name"], RecordForm.suggestions, []),
        placeholder="Type a name to add…",
        label=field["label"],
        invalid=RecordForm.errors.contains(field["name"]),  # pyright: ignore[reportAttributeAccessIssue]
        described_by=f"{field['id']}-help {field['id']}-error",
        on_search=lambda text: RecordForm.suggest(field["name"], text),  # pyright: ignore[reportCallIssue]
    )


def relation_input(field: Any) -> rx.Component:
    is_asked = RecordForm.suggestions_for == field["name"]
    return Combobox.create(
        name=field["name"],
        input_id=field["id"],
        value=field["value"],
        label=field["value_label"],
        suggestions=rx.cond(is_asked, RecordForm.suggestions, []),
        placeholder="Type a name…",
        required=field["is_required"],
        invalid=RecordForm.errors.contains(field["name"]),  # pyright: ignore[reportAttributeAccessIssue]
        described_by=f"{field['id']}-help {field['id']}-error",
        on_search=lambda text: RecordForm.suggest(field["name"], text),  # pyright: ignore[reportCallIssue]
    )
