"""Deleted records and their way back. Whoever may delete a record may see it here and restore it."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from crm_app.access.visible import EVERYONE, Visibility
from crm_app.definitions.field import FieldDefinition
from crm_app.definitions.object import ObjectDefinition
from crm_app.fields.relation import RelationConfig
from crm_app.kernel import clock
from crm_app.kernel.errors import Conflict, Forbidden, NotFound, Problem
from crm_app.kernel.events import RecordEvent, RecordRef
from crm_app.services.deletion import counted, listed
from crm_app.services.lists import as_record
from crm_app.services.record_query import MAX_PAGE_SIZE, Record
from crm_app.services.saving import saving
from crm_app.services.targets import Place, circles, places
from crm_app.services.unit_of_work import UnitOfWork
from crm_app.storage.records import Found
from crm_app.storage.shape import StoredRecord


@dataclass(frozen=True)
class DeletedRecord:
    """`is_with_another`: it went because another record did, and comes back with it. `brings` says how many records of
    which objects come back with this one, as far as the actor may restore those.
    """

    ref: RecordRef
    name: str
    at: datetime
    by: str
    is_with_another: bool
    brings: Mapping[str, int]

    def sentence(self, work: UnitOfWork) -> str:
        """What comes back with it, in words: empty where nothing does."""
        found = listed([counted(work.catalog.by_name[name], number) for name, number in sorted(self.brings.items())])
        return f"Comes back with {found}." if found else ""


@dataclass(frozen=True)
class _Trashed:
    """A deleted record and what the trash says of it."""

    ref: RecordRef
    record: StoredRecord
    links: Mapping[str, list[str]]
    cleared: Mapping[str, list[str]]


def deleted_records(work: UnitOfWork, name: str, limit: int = 50, offset: int = 0) -> list[DeletedRecord]:
    """The last ones first, of those that the actor may restore."""
    definition = work.definition(name)
    if not work.access(name).allows("delete"):
        raise Forbidden(f"Your role doesn't let you delete {definition.plural.lower()}.")
    is_hidden = definition.name_field in (work.access(name).hidden | work.access(name).masked)
    rows = work.removal.recent(name, _reaches(work, name), max(1, min(limit, MAX_PAGE_SIZE)), max(0, offset))
    brought = _brought(work, [row[0] for row in rows])
    return [
        DeletedRecord(
            RecordRef(name, row[0]),
            definition.label if is_hidden else _called(definition, row[1]),
            row[2],
            row[3].get("name", ""),
            row[4] is not None,
            brought[row[0]],
        )
        for row in rows
    ]


def _brought(work: UnitOfWork, ids: Sequence[UUID]) -> dict[UUID, dict[str, int]]:
    found: dict[UUID, dict[str, int]] = {each: {} for each in ids}
    for name in work.removal.gone_with(ids) if ids else ():
        if name in work.catalog.by_name and work.access(name).allows("delete"):
            for root, number in work.removal.numbers_gone_with(ids, name, _reaches(work, name)).items():
                found[root][name] = number
    return found


def restore_record(work: UnitOfWork, ref: RecordRef) -> Record:
    """The record and what went with it, with the links whose other end still lives."""
    definition = work.definition(ref.object)
    work.require("delete", ref.object)
    found = _found(work, ref)
    if found[0].ref != ref:
        raise NotFound(f"There is no such deleted {definition.label.lower()}, or you may not restore it.")
    coming: set[Place] = {(each.ref.object, each.ref.id) for each in found}
    restored = [_shown(work, each, coming) for each in found]
    for each in found:
        for place, ids in each.cleared.items():
            _relink(work, each.ref, place, [UUID(text) for text in ids])
    work.removal.forget([each.ref.id for each in found])
    return as_record(work, ref.object, Found(restored[0], {}))


def _reaches(work: UnitOfWork, name: str) -> tuple[Visibility]:
    return (work.reach("delete", name),)


def _called(definition: ObjectDefinition, value: Any) -> str:
    return definition.all_fields[definition.name_field].text(value) or definition.label


def _found(work: UnitOfWork, ref: RecordRef) -> list[_Trashed]:
    """The record first. Of what went with it, what the actor may not restore stays in the trash."""
    rows = {row.record: row for row in work.removal.remembered(ref.object, ref.id)}
    wanted: dict[str, set[UUID]] = {ref.object: {ref.id}}
    for row in rows.values():
        if row.object in work.catalog.by_name and work.access(row.object).allows("delete"):
            wanted.setdefault(row.object, set()).add(row.record)
    hidden = {
        RecordRef(name, record_id): record
        for name, ids in wanted.items()
        for record_id, record in work.removal.hidden(name, ids, _reaches(work, name)).items()
    }
    if ref not in hidden:
        noun = work.catalog.by_name[ref.object].label.lower()
        raise NotFound(f"There is no such deleted {noun}, or you may not restore it.")
    ordered = [ref, *(RecordRef(row.object, row.record) for row in rows.values() if row.record != ref.id)]
    return [
        _Trashed(each, hidden[each], rows[each.id].links, rows[each.id].cleared)
        if each.id in rows
        else _Trashed(each, hidden[each], {}, {})
        for each in ordered
        if each in hidden
    ]


def _shown(work: UnitOfWork, trashed: _Trashed, coming: set[Place]) -> StoredRecord:
    definition = work.catalog.by_name[trashed.ref.object]
    grant = work.require("delete", trashed.ref.object, [trashed.record])
    changes = _pointing(work, definition, trashed, coming)
    with saving(work, definition):
        record = work.removal.show(grant, trashed.record, {**changes, **_marks(work)})
    work.tell(RecordEvent("record.restored", trashed.ref, {}, record.values), record.version)
    return record


def _marks(work: UnitOfWork) -> dict[str, Any]:
    return {"updated_at": clock.now(), "updated_by": work.who.user_id}


def _pointing(work: UnitOfWork, definition: ObjectDefinition, trashed: _Trashed, coming: set[Place]) -> dict[str, Any]:
    """What its own relations and links have to be, now that some of their targets may be gone."""
    changes: dict[str, Any] = {}
    for field in definition.pointing_fields:
        if field.field_type.is_linked:
            wanted = [UUID(text) for text in trashed.links.get(field.name, ())]
            live = _living(work, [(field.target, each) for each in wanted], coming)
            changes[field.name] = [each for each in wanted if (field.target, each) in live] or None
            continue
        own = places(field, trashed.record.values[field.name])
        if isinstance(field.settings, RelationConfig) and own and not _living(work, own, coming):
            _refuse_required(work, definition.name, field, own[0][0])
            changes[field.name] = None
    again = {name: value for name, value in trashed.record.values.items() if name not in changes}
    circle = circles(work, definition, trashed.ref.id, {n: v for n, v in again.items() if n in definition.all_fields})
    return changes | dict.fromkeys(problem.path for problem in circle)


def _living(work: UnitOfWork, wanted: list[Place], coming: set[Place]) -> set[Place]:
    """Whether the actor can see them or not: they were linked before."""
    found = {place for place in wanted if place in coming}
    for name in {name for name, _ in wanted}:
        ids = {record for object_name, record in wanted if object_name == name}
        found |= {(name, each) for each in work.records.existing(name, ids, EVERYONE)}
    return found


def _refuse_required(work: UnitOfWork, name: str, field: FieldDefinition, target: str) -> None:
    if field.required and field.name in work.closed(name):
        raise Conflict("It points at something that is deleted, by a field that you may not see. Ask somebody who may.")
    if field.required:
        noun = work.catalog.by_name[target].label.lower()
        problem = Problem(field.name, f"{field.label} is required, and that {noun} is deleted: restore it first.")
        raise Conflict(problem.message, [problem])


def _relink(work: UnitOfWork, ref: RecordRef, place: str, ids: list[UUID]) -> None:
    """Records that pointed at this one do so again, where they live and point at nothing else by now."""
    name, _, field_name = place.partition(".")
    definition = work.catalog.by_name.get(name)
    field = definition.all_fields.get(field_name) if definition else None
    if definition is None or field is None or ref.object not in field.targets:
        return
    value = ref if field.is_to_any else ref.id
    kept = [each for each in ids if not circles(work, definition, each, {field.name: value})]
    for before, after in work.removal.relink(name, field, kept, value, clock.now()):
        event = RecordEvent("record.updated", RecordRef(name, before.id), before.values, after.values)
        work.tell(event, after.version)
