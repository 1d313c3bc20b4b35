"""What the values of relations are called in forms and filters."""

from collections.abc import Mapping, Sequence
from typing import Any
from uuid import UUID

from crm_app.definitions.field import FieldDefinition
from crm_app.fields.field_type import FieldValueError
from crm_app.services.targets import names_of, places
from crm_app.services.unit_of_work import UnitOfWork
from crm_app.ui.inputs import Choice


def linked_choices(work: UnitOfWork, field: FieldDefinition, value: Any) -> list[Choice]:
    """What is linked already, as far as this person may know it: each is one chip."""
    try:
        ids = field.parse(value) if value else []
    except FieldValueError:
        return []
    known = _names(work, field.target, ids)
    return [
        Choice(value=str(each), label=known[each], id=f"field-{field.name}-{each}", is_chosen=True)
        for each in ids
        if each in known
    ]


def _names(work: UnitOfWork, target: str, ids: Sequence[UUID]) -> Mapping[UUID, str]:
    """By id; where names are closed to this person, a record is called after its object."""
    definition, reach = work.catalog.by_name[target], work.reach("read", target)
    if definition.name_field in work.closed(target):
        return dict.fromkeys(work.records.existing(target, set(ids), reach), definition.label)
    return work.records.names(target, ids, reach)


def name_of_id(work: UnitOfWork, field: FieldDefinition, value: Any) -> str:
    """The name of the record that a value stands for, of several the names, as far as this person may know them."""
    try:
        pointed_at = places(field, field.parse(value))
    except FieldValueError:
        return ""
    return ", ".join(names_of(work, pointed_at))
