"""What a browser's form sends, as the raw values that the services take. Only fields of the definition are read."""

from collections.abc import Mapping
from typing import Any

from crm_app.definitions.field import FieldDefinition
from crm_app.fields.choices import ChoiceConfig
from crm_app.kernel.errors import Problem
from crm_app.kernel.times import is_skipped, with_zone
from crm_app.services.unit_of_work import UnitOfWork
from crm_app.services.values import BadValues
from crm_app.ui.records.form_data import offered_fields
from crm_app.ui.records.input_values import NEITHER, is_untouched, part_input

_ON = (True, "on", "true")


def raw_values(work: UnitOfWork, name: str, form: Mapping[str, Any]) -> dict[str, Any]:
    """A field that the form does not carry is left as it is; an unticked box carries nothing, which means no."""
    zone = work.who.time_zone
    found = {field.name: _raw(field, form, zone) for field in offered_fields(work, work.definition(name))}
    return {field: value for field, value in found.items() if value is not _ABSENT}


_ABSENT = object()


def _raw(field: FieldDefinition, form: Mapping[str, Any], zone: str) -> Any:
    widget = field.field_type.widget
    held = form.get(f"has::{field.name}")
    if held is None:
        return _ABSENT
    if widget == "boolean":
        return form.get(field.name) in _ON or (None if held == NEITHER else False)
    if widget == "multi_select" and isinstance(field.settings, ChoiceConfig):
        names = [option.name for option in field.settings.options]
        return [name for name in names if form.get(part_input(field.name, name)) in _ON]
    if field.field_type.parts:
        return _of_parts(field, form)
    value = form.get(field.name, "")
    text = value if isinstance(value, str) else ""
    if held and is_untouched(str(held), text, zone):
        return held
    return _in_zone(field, text, zone) if widget == "datetime" else text or None


def _of_parts(field: FieldDefinition, form: Mapping[str, Any]) -> dict[str, str] | None:
    """Nothing where all parts are blank."""
    given = {part.name: form.get(part_input(field.name, part.name)) for part in field.field_type.parts}
    texts = {name: value if isinstance(value, str) else "" for name, value in given.items()}
    return texts if any(text.strip() for text in texts.values()) else None


def _in_zone(field: FieldDefinition, text: str, time_zone: str) -> str | None:
    """A browser's date and time has no zone: it is the person's own."""
    if is_skipped(text, time_zone):
        message = f"Clocks in {time_zone} skip that time. Choose another one."
        raise BadValues("Nothing was saved. Please correct what is marked.", [Problem(field.name, message)])
    return with_zone(text, time_zone) or None
