"""The form of a record, arranged by its layout: tabs, sections and the fields in them, and what their states are."""

from collections.abc import Iterable, Mapping
from collections.abc import Set as AbstractSet
from dataclasses import dataclass
from typing import Any, TypedDict

from crm_app.definitions.field import OWNER, FieldDefinition
from crm_app.definitions.object import ObjectDefinition
from crm_app.kernel.errors import Forbidden
from crm_app.kernel.events import RecordRef
from crm_app.services import objects, records
from crm_app.services.field_states import FieldStates
from crm_app.services.layouts import Arrangement
from crm_app.services.permissions import MASK
from crm_app.services.record_pages import RecordPlan, open_values, plan_of_new, plan_of_record, states_of_draft
from crm_app.services.record_query import Record
from crm_app.services.unit_of_work import UnitOfWork
from crm_app.ui.address import list_path, record_path
from crm_app.ui.elements import icon_name
from crm_app.ui.records.form_data import FormField, form_field, offered_fields
from crm_app.ui.records.form_values import raw_values

_OWNER, _REQUIRED = "Owner", "Also required"


class FormSection(TypedDict):
    key: str
    label: str
    columns: str
    is_collapsed: bool
    fields: list[FormField]


class FormTab(TypedDict):
    key: str
    label: str
    sections: list[FormSection]


class FormHead(TypedDict):
    """`key` changes when the form must start anew, and only then: a reconnect keeps what was typed."""

    key: str
    title: str
    icon: str
    back_href: str
    back_label: str
    submit_label: str


class FormStates(TypedDict):
    """By field name, and by section key."""

    hidden: list[str]
    required: list[str]
    read_only: list[str]
    hidden_sections: list[str]


NO_STATES = FormStates(hidden=[], required=[], read_only=[], hidden_sections=[])


@dataclass(frozen=True)
class FormData:
    """`watched` are the fields whose change is told to the server while somebody types."""

    head: FormHead
    version: int
    layout: str
    tabs: list[FormTab]
    states: FormStates
    watched: list[str]


def new_form(work: UnitOfWork, name: str, given: Mapping[str, str]) -> FormData:
    """`given` fills fields beforehand, as the address of a "New" button does."""
    definition = work.definition(name)
    if not objects.may(work, "create", name):
        raise Forbidden(f"Your role doesn't let you create {definition.plural.lower()}.")
    known = {key: value[:200] for key, value in given.items() if key in definition.all_fields}
    plan = plan_of_new(work, name, known)
    head = FormHead(
        key=f"{name}:new:{sorted(given.items())}",
        title=f"New {definition.label.lower()}",
        icon=icon_name(definition.icon),
        back_href=list_path(name),
        back_label=definition.plural,
        submit_label=f"Create {definition.label.lower()}",
    )
    return _form(work, definition, head, plan, {**plan.initial, **known}, None)


def edit_form(work: UnitOfWork, ref: RecordRef) -> FormData:
    definition = work.definition(ref.object)
    record = records.get_record(work, ref)
    if not objects.may(work, "edit", ref.object):
        why = {"object": ref.object, "id": str(ref.id), "action": "edit"}
        raise Forbidden(f"Your role doesn't let you edit {definition.plural.lower()}.", why=why)
    head = FormHead(
        key=f"{ref.object}:{ref.id}:{record.version}",
        title=f"Edit {record.name}",
        icon=icon_name(definition.icon),
        back_href=record_path(ref.object, ref.id),
        back_label=record.name,
        submit_label="Save",
    )
    return _form(work, definition, head, plan_of_record(work, ref), record.values, record)


def typed_states(
    work: UnitOfWork, name: str, layout: str, form: Mapping[str, Any], ref: RecordRef | None
) -> FormStates:
    """The states that follow from what a form holds right now, saved or not."""
    definition = work.definition(name)
    offered = {field.name for field in (*offered_fields(work, definition), *_computed(work, definition))}
    return _shown(states_of_draft(work, name, layout, raw_values(work, name, form), ref), offered)


def saved_values(
    work: UnitOfWork, name: str, layout: str, form: Mapping[str, Any], ref: RecordRef | None
) -> dict[str, Any]:
    """The raw values of a form that is sent. Its page may not have heard yet what its last change hid or fixed."""
    return open_values(work, name, layout, raw_values(work, name, form), ref)


def _shown(states: FieldStates, offered: AbstractSet[str]) -> FormStates:
    """Only of what is offered: a state tells of a field that it exists, and of its value what its rule says."""
    return FormStates(
        hidden=sorted(states.hidden & offered),
        required=sorted(states.required & offered),
        read_only=sorted(states.read_only & offered),
        hidden_sections=sorted(states.hidden_sections),
    )


def _form(
    work: UnitOfWork,
    definition: ObjectDefinition,
    head: FormHead,
    plan: RecordPlan,
    values: Mapping[str, Any],
    record: Record | None,
) -> FormData:
    shown = [*offered_fields(work, definition), *(_computed(work, definition) if record else ())]
    offered = {field.name: field for field in shown if values.get(field.name) != MASK}

    def section(key: str, label: str, names: Iterable[str], columns: int = 2, *, is_collapsed: bool = False) -> Any:
        fields = [form_field(work, offered[n], values.get(n), record) for n in names if n in offered]
        return FormSection(key=key, label=label, columns=str(columns), is_collapsed=is_collapsed, fields=fields)

    tabs = [
        FormTab(
            key=str(at),
            label=tab.label,
            sections=[
                section(p.key, p.section.label, p.fields, p.section.columns, is_collapsed=p.section.collapsed)
                for p in tab.sections
            ],
        )
        for at, tab in enumerate(plan.arrangement.tabs)
    ]
    for label, names in _left_over(definition, plan.arrangement):
        tabs[0]["sections"].append(section(label, label, names))
    for tab in tabs:
        tab["sections"] = [each for each in tab["sections"] if each["fields"]]
    return FormData(
        head=head,
        version=record.version if record else 0,
        layout=plan.arrangement.name,
        tabs=[tab for tab in tabs if tab["sections"]],
        states=_shown(plan.states, offered.keys()),
        watched=sorted(plan.watched & offered.keys()),
    )


def _computed(work: UnitOfWork, definition: ObjectDefinition) -> list[FieldDefinition]:
    """What a form of a saved record shows without asking for it."""
    closed = work.access(definition.name).hidden
    return [field for field in definition.computed_fields if field.name not in closed]


def _left_over(definition: ObjectDefinition, arrangement: Arrangement) -> list[tuple[str, list[str]]]:
    """What a form asks for even where the layout doesn't: nothing could be saved without it, and whose it is."""
    placed = {name for section in arrangement.sections for name in section.fields}
    required = [f.name for f in definition.fields if _must_be_given(f) and f.name not in placed]
    return [(_REQUIRED, required), (_OWNER, [] if OWNER.name in placed else [OWNER.name])]


def _must_be_given(field: FieldDefinition) -> bool:
    return field.required and field.default is None
