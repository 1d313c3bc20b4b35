"""Activities can be done: one check for them in lists, on records and timelines, and on the first page."""

from typing import Any

import reflex as rx

from crm_app.definitions.field import FieldDefinition
from crm_app.definitions.object import ObjectDefinition
from crm_app.kernel.errors import NotFound
from crm_app.kernel.events import RecordRef
from crm_app.kernel.ids import parse_id
from crm_app.services import objects, records
from crm_app.services.unit_of_work import UnitOfWork
from crm_app.ui.elements import icon

YES, NO = "yes", "no"


def done_field(work: UnitOfWork, definition: ObjectDefinition) -> FieldDefinition | None:
    """The field that says whether an activity is done, where the object has one and this person sees it."""
    name = definition.activity.done if definition.activity else ""
    return definition.all_fields.get(name) if name in (work.fields(definition.name) or {}) else None


def may_mark(work: UnitOfWork, definition: ObjectDefinition) -> bool:
    """Whether this person may mark such records at all; which of them, the services decide."""
    field = done_field(work, definition)
    name = definition.name
    return field is not None and objects.may(work, "edit", name) and field.name in objects.editable_fields(work, name)


def done_state(value: object) -> str:
    return YES if value is True else NO


def set_done(work: UnitOfWork, name: object, record: object, is_done: object) -> str:
    """Says what was done. The last click counts, so no version is asked for."""
    definition = work.definition(name)
    field, identifier = done_field(work, definition), parse_id(str(record))
    if field is None or identifier is None:
        raise NotFound(f"There is no such {definition.label.lower()}, or it can't be done.")
    saved = records.update_record(work, RecordRef(definition.name, identifier), {field.name: is_done is True})
    words = field.label.lower() if is_done is True else f"not {field.label.lower()}"
    return f"{saved.name} is marked as {words}."


def done_check(state: Any, label: Any, on_click: Any, *, can_mark: Any = True) -> rx.Component:
    """A round check. `state` is `yes` or `no`; a button, because the server's answer decides how it looks."""
    return rx.el.button(
        rx.cond(state == YES, icon("circle-check"), icon("circle")),
        type="button",
        role="checkbox",
        on_click=on_click,
        disabled=rx.cond(can_mark, False, True),  # noqa: FBT003 - values, not arguments
        class_name="done-check",
        custom_attrs={"aria-checked": rx.cond(state == YES, "true", "false"), "aria-label": label},
    )
