"""The records that others link to, for whoever may see them: what they are called, or all that may be read of them."""

from collections.abc import Collection, Sequence
from dataclasses import replace
from typing import cast
from uuid import UUID

from crm_app.definitions.field import FieldDefinition
from crm_app.services.computed_values import with_computed
from crm_app.services.record_query import Record, Reference
from crm_app.services.unit_of_work import UnitOfWork

NAMED = 5
EXPANDED = 200


def with_linked(
    work: UnitOfWork,
    records: Sequence[Record],
    named: Sequence[FieldDefinition],
    whole: Collection[str],
    most_named: int = NAMED,
) -> tuple[Record, ...]:
    """Of each many-to-many field the first few records, of those in `whole` up to 200 with their values."""
    found: dict[UUID, dict[str, tuple[Reference, ...]]] = {record.ref.id: {} for record in records}
    for field in named:
        is_whole = field.name in whole
        most = EXPANDED if is_whole else most_named
        wanted = {record.ref.id: _ids(record, field)[:most] for record in records}
        every = {each for ids in wanted.values() for each in ids}
        known = _references(work, field.target, every, is_whole=is_whole) if every else {}
        for record_id, ids in wanted.items():
            found[record_id][field.name] = tuple(known[each] for each in ids if each in known)
    return tuple(replace(record, linked=found[record.ref.id]) for record in records)


def _ids(record: Record, field: FieldDefinition) -> list[UUID]:
    value = record.values.get(field.name)
    return cast("list[UUID]", value) if isinstance(value, list) else []


def _references(work: UnitOfWork, target: str, ids: set[UUID], *, is_whole: bool) -> dict[UUID, Reference]:
    definition, reach = work.catalog.by_name[target], work.reach("read", target)
    if not is_whole:
        if definition.name_field in work.access(target).hidden | work.access(target).masked:
            return {each: Reference(target, each, "") for each in ids}
        return {each: Reference(target, each, name) for each, name in work.records.names(target, ids, reach).items()}
    found: dict[UUID, Reference] = {}
    stored = list(work.records.fetch(target, list(ids), reach).values())
    for record in (each.record for each in with_computed(work, definition, stored)):
        columns = {name: value for name, value in record.values.items() if not definition.all_fields[name].targets}
        values = work.readable(target, columns)
        found[record.id] = Reference(target, record.id, str(values.get(definition.name_field) or ""), values)
    return found
