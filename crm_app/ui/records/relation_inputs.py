"""The inputs of fields that point at records: one name to choose, or a chip for each of many."""

from typing import Any

import reflex as rx

from crm_app.ui.records.form_inputs import suggesting_input
from crm_app.ui.widgets import Chips, Combobox


def links_input(field: Any) -> rx.Component:
    return suggesting_input(
        Chips, field, chosen=field["choices"], label=field["label"], placeholder="Type a name to add…"
    )


def relation_input(field: Any) -> rx.Component:
    return suggesting_input(Combobox, field, value=field["value"], label=field["value_label"])
