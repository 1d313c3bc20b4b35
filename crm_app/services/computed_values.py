from collections.abc import Sequence

from crm_app.definitions.object import ObjectDefinition
from crm_app.services.unit_of_work import UnitOfWork
from crm_app.storage.records import Found
from crm_app.storage.shape import StoredRecord


def with_computed(work: UnitOfWork, definition: ObjectDefinition, records: Sequence[StoredRecord]) -> list[Found]:
    """Records as they were just written, with what their formulas and rollups give now."""
    names = [field.name for field in definition.computed_fields]
    if not names:
        return [Found(record, {}) for record in records]
    found = work.records.computed(definition.name, names, [record.id for record in records])
    return [Found(StoredRecord(r.id, r.version, {**r.values, **found.get(r.id, {})}), {}) for r in records]
