"""Records as JSON. What a field's JSON looks like is its type's own business (`dump`)."""

from collections.abc import Callable, Collection, Mapping
from typing import Any

from crm_app.services.record_query import Record
from crm_app.services.unit_of_work import UnitOfWork

Dump = Callable[[Any], Any]


class Encoder:
    """For the records of one object in one unit of work."""

    def __init__(self, work: UnitOfWork, name: str) -> None:
        self._work = work
        self._name = name
        self._dumps = dumps_of(work, name)
        self._targets: dict[str, Mapping[str, Dump]] = {}

    def record(self, record: Record, fields: Collection[str] = (), expand: Collection[str] = ()) -> dict[str, Any]:
        """`fields` are those to show, all of them when empty."""
        values = record.values
        if fields:
            values = {name: values[name] for name in fields if name in values}
        return {
            "id": str(record.ref.id),
            "object": self._name,
            "version": record.version,
            "name": record.name,
            "values": _dumped(values, self._dumps),
            "expanded": {name: self._target(record, name) for name in expand} if expand else {},
        }

    def _target(self, record: Record, name: str) -> dict[str, Any] | None:
        """What a relation points at; null where there is nothing, or nothing that the actor may see."""
        reference = record.references.get(name)
        if reference is None:
            return None
        dumps = self._targets.get(reference.object)
        if dumps is None:
            dumps = self._targets[reference.object] = dumps_of(self._work, reference.object)
        return {
            "id": str(reference.id),
            "object": reference.object,
            "name": reference.name,
            "values": _dumped(reference.values, dumps),
        }


def dumps_of(work: UnitOfWork, name: str) -> Mapping[str, Dump]:
    """How each field's value becomes JSON. A masked value is the mask already and passes through."""
    masked = work.access(name).masked
    fields = work.catalog.by_name[name].all_fields
    return {field.name: str if field.name in masked else field.dump for field in fields.values()}


def _dumped(values: Mapping[str, Any], dumps: Mapping[str, Dump]) -> dict[str, Any]:
    return {name: None if value is None else dumps[name](value) for name, value in values.items()}
