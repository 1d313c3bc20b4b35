"""The form of a record: its sections and fields with what they hold, ready for `rx.match` on the widget."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, TypedDict

from crm_app.definitions.field import OWNER, FieldDefinition
from crm_app.definitions.object import ObjectDefinition
from crm_app.fields.choices import ChoiceConfig
from crm_app.fields.currency import CurrencyConfig
from crm_app.fields.rating import RatingConfig
from crm_app.kernel.errors import Forbidden
from crm_app.kernel.events import RecordRef
from crm_app.services import objects, records
from crm_app.services.layouts import arrangement_for
from crm_app.services.record_checks import with_defaults
from crm_app.services.record_query import Record
from crm_app.services.record_rules import RecordRules
from crm_app.services.unit_of_work import MASK, UnitOfWork
from crm_app.ui.address import list_path, record_path
from crm_app.ui.elements import icon_name
from crm_app.ui.records.file_data import FilePick, file_pick
from crm_app.ui.records.input_values import FormPart, held, input_text, parts_of, widget_of
from crm_app.ui.records.reference_names import FormChoice, linked_choices, name_of_id

_WIDE = frozenset({"long_text", "multi_select", "json", "parts", "rich_text", "file", "many_to_many"})


class FormField(TypedDict):
    """`unit` stands beside a number; `value_label` is what a relation's id is called; `held` is what the
    input can't show, see `input_values.held`.
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
    is_checked: bool
    choices: list[FormChoice]
    parts: list[FormPart]
    pick: FilePick


class FormSection(TypedDict):
    label: str
    fields: list[FormField]


class FormHead(TypedDict):
    """`key` changes when the form must start anew, and only then: a reconnect keeps what was typed."""

    key: str
    title: str
    icon: str
    back_href: str
    back_label: str
    submit_label: str


@dataclass(frozen=True)
class FormData:
    head: FormHead
    version: int
    sections: list[FormSection]


def new_form(work: UnitOfWork, name: str, given: Mapping[str, str]) -> FormData:
    """`given` fills fields beforehand, as the address of a "New" button does."""
    definition = work.definition(name)
    if not objects.may(work, "create", name):
        raise Forbidden(f"Your role doesn't let you create {definition.plural.lower()}.")
    values = with_defaults(RecordRules(work, definition), {}) | {OWNER.name: work.who.user_id}
    values |= {key: value[:200] for key, value in given.items() if key in definition.all_fields}
    head = FormHead(
        key=f"{name}:new:{sorted(given.items())}",
        title=f"New {definition.label.lower()}",
        icon=icon_name(definition.icon),
        back_href=list_path(name),
        back_label=definition.plural,
        submit_label=f"Create {definition.label.lower()}",
    )
    return FormData(head, 0, _sections(work, definition, values, None))


def edit_form(work: UnitOfWork, ref: RecordRef) -> FormData:
    definition = work.definition(ref.object)
    record = records.get_record(work, ref)
    if not objects.may(work, "edit", ref.object):
        raise Forbidden(f"Your role doesn't let you edit {definition.plural.lower()}.")
    head = FormHead(
        key=f"{ref.object}:{ref.id}:{record.version}",
        title=f"Edit {record.name}",
        icon=icon_name(definition.icon),
        back_href=record_path(ref.object, ref.id),
        back_label=record.name,
        submit_label="Save",
    )
    return FormData(head, record.version, _sections(work, definition, record.values, record))


def form_fields(work: UnitOfWork, record: Record, names: Sequence[str]) -> list[FormField]:
    """Just these inputs, with what the record holds."""
    fields = work.definition(record.ref.object).all_fields
    return [form_field(work, fields[name], record.values.get(name), record) for name in names]


def offered_fields(work: UnitOfWork, definition: ObjectDefinition) -> list[FieldDefinition]:
    """What this person may fill in, with the owner last."""
    editable = objects.editable_fields(work, definition.name)
    return [field for field in definition.all_fields.values() if field.name in editable]


def _sections(
    work: UnitOfWork, definition: ObjectDefinition, values: Mapping[str, Any], record: Record | None
) -> list[FormSection]:
    offered = {field.name: field for field in offered_fields(work, definition) if values.get(field.name) != MASK}
    rules = RecordRules(work, definition)
    tabs = arrangement_for(work, rules, rules.inputs(values, record.ref.id if record else None)).tabs
    laid_out = [(placed.section.label, placed.fields) for tab in tabs for placed in tab.sections]
    return [
        FormSection(label=label, fields=fields)
        for label, names in [*laid_out, ("Owner", (OWNER.name,))]
        if (fields := [form_field(work, offered[n], values.get(n), record) for n in names if n in offered])
    ]


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
        is_checked=value is True or value == "true",
        choices=_choices(work, field, value),
        parts=parts_of(field, value),
        pick=file_pick(field, value),
    )


def _choices(work: UnitOfWork, field: FieldDefinition, value: Any) -> list[FormChoice]:
    if field.field_type.is_linked:
        return linked_choices(work, field, value)
    if isinstance(field.settings, RatingConfig):
        return [_star_choice(field, rating, value) for rating in range(1, field.settings.max + 1)]
    if not isinstance(field.settings, ChoiceConfig):
        return []
    chosen = value if isinstance(value, list) else [value]
    return [
        FormChoice(
            value=option.name,
            label=option.label,
            id=f"field-{field.name}-{option.name}",
            is_chosen=option.name in chosen,
        )
        for option in field.settings.options
    ]


def _star_choice(field: FieldDefinition, rating: int, value: Any) -> FormChoice:
    return FormChoice(
        value=str(rating),
        label=f"{field.text(rating)}  {'★' * rating}",
        id=f"field-{field.name}-{rating}",
        is_chosen=rating == value,
    )


def _reference_name(work: UnitOfWork, field: FieldDefinition, value: Any, record: Record | None) -> str:
    if not field.field_type.is_relation or value is None:
        return ""
    reference = record.references.get(field.name) if record else None
    return reference.name if reference else name_of_id(work, field, value)
