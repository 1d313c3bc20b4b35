"""Which files a record may hold: those that its writer sent and nothing holds yet, and those that it holds already."""

from collections.abc import Iterable, Iterator, Sequence
from typing import Any
from uuid import UUID

from crm_app.definitions.field import FieldDefinition
from crm_app.definitions.object import ObjectDefinition
from crm_app.fields.file import FileConfig
from crm_app.fields.file_kinds import extension_of, extensions_of
from crm_app.kernel.errors import Problem
from crm_app.services.unit_of_work import UnitOfWork
from crm_app.storage.file_rows import FileRow, attach_files, hold_files

Values = dict[str, Any]
Holder = tuple[UUID, Values]


def claim_files(work: UnitOfWork, definition: ObjectDefinition, records: Sequence[Holder]) -> list[Problem]:
    """Attaches what the values name, and puts the true names and sizes into them. Done at once, not when the work is
    flushed, so that a second record of the same work can't have the same file.
    """
    fields = definition.file_fields
    wanted = {UUID(item["id"]) for _, values in records for field in fields for item in values.get(field.name) or ()}
    if not wanted:
        return []
    rows = hold_files(work.connection, wanted)
    problems: list[Problem] = []
    for index, (record, values) in enumerate(records):
        prefix = f"{index}/" if len(records) > 1 else ""
        for field in fields:
            if values.get(field.name):
                found = [rows.get(UUID(item["id"])) for item in values[field.name]]
                place = (definition.name, record, field.name)
                problems += [Problem(prefix + field.name, text) for text in _claim(work, place, field, found)]
                values[field.name] = [_shown(row) for row in found if row is not None]
    return problems


def _claim(
    work: UnitOfWork, place: tuple[str, UUID, str], field: FieldDefinition, rows: Iterable[FileRow | None]
) -> Iterator[str]:
    new: list[UUID] = []
    for row in rows:
        if row is not None and (row.object, row.record, row.field) == place:
            if row.expires_at is not None:
                new.append(row.id)
        elif row is None or row.record is not None or not (work.who.is_system or row.uploader == work.who.user_id):
            yield "There is no such file, or it is not yours to attach. Send it again."
        elif problem := _misfit(row, field):
            yield problem
        else:
            row.object, row.record, row.field = place
            new.append(row.id)
    if new:
        attach_files(work.connection, new, *place)


def _misfit(row: FileRow, field: FieldDefinition) -> str:
    config = field.settings
    if not isinstance(config, FileConfig):
        return f"{field.label} holds no files."
    if row.size > config.max_bytes:
        return f"{row.name} has {row.size:,} bytes; at most {config.max_bytes:,} fit {field.label}."
    if extension_of(row.name) not in extensions_of(config.kinds):
        return f"{row.name} does not fit {field.label}, which takes {', '.join(config.kinds)}."
    return ""


def _shown(row: FileRow) -> Values:
    return {"id": str(row.id), "name": row.name, "size": row.size, "type": row.media_type}
