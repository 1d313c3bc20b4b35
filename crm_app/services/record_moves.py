"""What points at one record comes to point at another: one record at a time, with the rights and checks of a change."""

from collections.abc import Mapping
from typing import Any
from uuid import UUID

from crm_app.definitions.field import FieldDefinition
from crm_app.definitions.package import Related
from crm_app.kernel.events import RecordRef
from crm_app.services.automation_records import all_records
from crm_app.services.duplicates import always
from crm_app.services.record_query import RecordQuery, pointing_here
from crm_app.services.records import update_record
from crm_app.services.unit_of_work import UnitOfWork


def move_related(work: UnitOfWork, related: Related, source: RecordRef, target: RecordRef, field: str) -> list[UUID]:
    """Those that the actor sees point at the target by `field` from now on, and no more at the source unless their
    relation has to point somewhere. Which ones.
    """
    definition = related.object
    query = RecordQuery(definition.name, (pointing_here(related, source),), fields=("created_at",))
    found = [record.ref for record in all_records(work, query)]
    for ref in found:
        relink(work, ref, (related.field, source), (definition.all_fields[field], target))
    return [ref.id for ref in found]


def relink(
    work: UnitOfWork, ref: RecordRef, old: tuple[FieldDefinition, RecordRef], new: tuple[FieldDefinition, RecordRef]
) -> None:
    """The record lets go of one and points at the other, perhaps by another field."""
    (old_field, source), (new_field, target) = old, new
    if old_field.name == new_field.name and old_field.field_type.is_linked:
        change: Mapping[str, Any] = {old_field.name: {"add": [str(target.id)], "remove": [str(source.id)]}}
    elif old_field.name == new_field.name:
        change = {new_field.name: _pointing(new_field, target)}
    else:
        loose = {} if old_field.required else {old_field.name: _nowhere(old_field, source)}
        change = {**loose, new_field.name: _pointing(new_field, target)}
    update_record(work, ref, change, passes=always)


def _pointing(field: FieldDefinition, target: RecordRef) -> Any:
    if field.field_type.is_linked:
        return {"add": [str(target.id)]}
    return f"{target.object}:{target.id}" if field.is_to_any else str(target.id)


def _nowhere(field: FieldDefinition, source: RecordRef) -> Any:
    return {"remove": [str(source.id)]} if field.field_type.is_linked else None
