"""Files go from one record to another, whole: neither sent again nor held by both."""

from typing import Any, cast
from uuid import UUID

from crm_app.kernel.events import RecordRef
from crm_app.services.records import get_record, update_record
from crm_app.services.unit_of_work import UnitOfWork
from crm_app.storage.file_rows import attach_files, hold_files

FileField = tuple[RecordRef, str]


def move_files(work: UnitOfWork, source: FileField, target: FileField, only: frozenset[str] | None = None) -> list[str]:
    """All that the actor sees there, or `only` those; they have to fit the field that they go to. Their ids."""
    (there, from_field), (here, to_field) = source, target
    held = _held(work, there, from_field)
    moving = [each for each in held if only is None or each["id"] in only]
    if moving:
        ids = [UUID(each["id"]) for each in moving]
        hold_files(work.connection, ids)
        attach_files(work.connection, ids, here.object, here.id, to_field)
        update_record(work, here, {to_field: [*_held(work, here, to_field), *moving]})
        update_record(work, there, {from_field: [each for each in held if each not in moving] or None})
    return [each["id"] for each in moving]


def _held(work: UnitOfWork, ref: RecordRef, field: str) -> list[dict[str, Any]]:
    if field not in (work.fields(ref.object) or {}):
        return []
    found = get_record(work, ref, names=False).values.get(field) or ()
    return [{"id": item["id"]} for item in cast("list[dict[str, Any]]", found)]
