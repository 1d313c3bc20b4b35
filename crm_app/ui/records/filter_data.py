"""The form that adds a filter: field, then operator, then a value that fits the field's type."""

from typing import TypedDict

from crm_app.definitions.field import FieldDefinition
from crm_app.fields.choices import ChoiceConfig
from crm_app.services.unit_of_work import UnitOfWork
from crm_app.ui.records.list_data import readable_by_name
from crm_app.ui.records.operators import offered_operators


class Choice(TypedDict):
    value: str
    label: str


class FilterDraft(TypedDict):
    """`input` is how the value is typed: an HTML input type, `choice` or `relation`."""

    field: str
    operators: list[Choice]
    input: str
    choices: list[Choice]


NO_DRAFT = FilterDraft(field="", operators=[], input="text", choices=[])
_INPUTS = {"date": "date", "datetime": "datetime-local", "time": "time", "number": "number", "rating": "number"}
_YES_NO = [Choice(value="true", label="Yes"), Choice(value="false", label="No")]


def filter_fields(work: UnitOfWork, name: str) -> list[Choice]:
    usable = work.fields(name) or {}
    return [Choice(value=f.name, label=f.label) for f in readable_by_name(work, name).values() if f.name in usable]


def draft_of(work: UnitOfWork, name: str, field_name: str) -> FilterDraft:
    field = readable_by_name(work, name).get(field_name)
    if field is None:
        return NO_DRAFT
    return FilterDraft(
        field=field.name,
        operators=[Choice(value=operator, label=words) for operator, words in offered_operators(field)],
        input=_input(field),
        choices=_choices(field),
    )


def _input(field: FieldDefinition) -> str:
    if field.targets:
        return "relation"
    return "choice" if _choices(field) else _INPUTS.get(field.field_type.widget, "text")


def _choices(field: FieldDefinition) -> list[Choice]:
    if field.field_type.widget == "boolean":
        return _YES_NO
    if isinstance(field.settings, ChoiceConfig):
        return [Choice(value=option.name, label=option.label) for option in field.settings.options]
    return []
