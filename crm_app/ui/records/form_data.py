"""The fields of a form with what they hold, ready for `rx.match` on the widget."""

from collections.abc import Sequence
from typing import Any, TypedDict

from crm_app.definitions.field import FieldDefinition
from crm_app.definitions.object import ObjectDefinition
from crm_app.fields.choices import ChoiceConfig
from crm_app.fields.currency import CurrencyConfig
from crm_app.fields.rating import RatingConfig
from crm_app.services import objects
from crm_app.services.record_query import Record
from crm_app.services.unit_of_work import UnitOfWork
from crm_app.ui.inputs import Choice
from crm_app.ui.records.file_data import FilePick, file_pick
from crm_app.ui.records.input_values import FormPart, held, input_text, parts_of, widget_of
from crm_app.ui.records.reference_names import linked_choices, name_of_id
from crm_app.ui.records.values import value_text

_WIDE = frozenset({"long_text", "multi_select", "json", "parts", "rich_text", "file", "many_to_many"})


class FormField(TypedDict):
    """`unit` stands beside a number; `value_label` is what a relation's id is called; `held` is what the
    input can't show, see `input_values.held`; `shown` is what is saved, as a page shows it.
    """

    name: str
    id: str
    label: str
    widget: str
    is_required: bool
    is_wide: bool
    help: str
    placeholder: str
    unit: str
    value: str
    value_label: str
    held: str
    shown: str
    is_checked: bool
    choices: list[Choice]
    parts: list[FormPart]
    pick: FilePick


def form_fields(work: UnitOfWork, record: Record, names: Sequence[str]) -> list[FormField]:
    """Just these inputs, with what the record holds."""
    fields = work.definition(record.ref.object).all_fields
    return [form_field(work, fields[name], record.values.get(name), record) for name in names]


def offered_fields(work: UnitOfWork, definition: ObjectDefinition) -> list[FieldDefinition]:
    """What this person may fill in, with the owner last."""
    editable = objects.editable_fields(work, definition.name)
    return [field for field in definition.all_fields.values() if field.name in editable]


def form_field(work: UnitOfWork, field: FieldDefinition, value: Any, record: Record | None) -> FormField:
    settings = field.settings
    widget = widget_of(field, value)
    return FormField(
        name=field.name,
        id=f"field-{field.name}",
        label=field.label,
        widget=widget,
        is_required=field.required,
        is_wide=widget in _WIDE,
        help=field.help,
        placeholder=field.placeholder,
        held=held(field, value, is_new=record is None),
        unit=settings.currency if isinstance(settings, CurrencyConfig) else "%" if field.type == "percent" else "",
        value=input_text(field, value, work.who.time_zone),
        value_label=_reference_name(work, field, value, record),
        shown=_shown(work, field, value, record),
        is_checked=value is True or value == "true",
        choices=_choices(work, field, value),
        parts=parts_of(field, value),
        pick=file_pick(field, value),
    )


def _choices(work: UnitOfWork, field: FieldDefinition, value: Any) -> list[Choice]:
    if field.field_type.is_linked:
        return linked_choices(work, field, value)
    if isinstance(field.settings, RatingConfig):
        return [_star_choice(field, rating, value) for rating in range(1, field.settings.max + 1)]
    if not isinstance(field.settings, ChoiceConfig):
        return []
    chosen = value if isinstance(value, list) else [value]
    return [
        Choice(
            value=option.name,
            label=option.label,
            id=f"field-{field.name}-{option.name}",
            is_chosen=option.name in chosen,
        )
        for option in field.settings.options
    ]


def _star_choice(field: FieldDefinition, rating: int, value: Any) -> Choice:
    return Choice(
        value=str(rating),
        label=f"{field.text(rating)}  {'★' * rating}",
        id=f"field-{field.name}-{rating}",
        is_chosen=rating == value,
    )


def _shown(work: UnitOfWork, field: FieldDefinition, value: Any, record: Record | None) -> str:
    if record is None or value is None:
        return "" if not field.is_computed else "Worked out" if record is None else "—"
    return _reference_name(work, field, value, record) or value_text(field, value, work.who.time_zone)


def _reference_name(work: UnitOfWork, field: FieldDefinition, value: Any, record: Record | None) -> str:
    if not field.field_type.is_relation or value is None:
        return ""
    reference = record.references.get(field.name) if record else None
    return reference.name if reference else name_of_id(work, field, value)
