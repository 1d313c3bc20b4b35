"""Records as JSON. What a field's JSON looks like is its type's own business (`dump`)."""

from collections.abc import Callable, Collection, Mapping
from datetime import UTC, date, datetime
from typing import Any
from uuid import UUID

import orjson

from crm_app.definitions.field import FieldDefinition
from crm_app.definitions.package import Package
from crm_app.fields.field_type import FieldType, SqlKind
from crm_app.services.record_query import Record, Reference
from crm_app.services.unit_of_work import UnitOfWork

Dump = Callable[[Any], Any]
JSON_OPTIONS = orjson.OPT_UTC_Z

_PROBES: dict[SqlKind, tuple[Any, ...]] = {
    "uuid": (UUID(int=0x0190A5C0_0000_7000_8000_00000000ABCD),),
    "date": (date(2026, 1, 31), date(987, 6, 5)),
    "timestamptz": (datetime(2026, 1, 31, 9, tzinfo=UTC), datetime(987, 6, 5, 4, 3, 2, 1, tzinfo=UTC)),
}


class Encoder:
    """For the records of one object in one unit of work. The result holds what `orjson` writes with `JSON_OPTIONS`."""

    def __init__(self, work: UnitOfWork, name: str) -> None:
        self._work = work
        self._name = name
        self._dumps = _dumps_of(work, name)
        self._targets: dict[str, Mapping[str, Dump]] = {}

    def record(self, record: Record, fields: Collection[str] = (), expand: Collection[str] = ()) -> dict[str, Any]:
        """`fields` are those to show, all of them when empty."""
        values = record.values
        if fields:
            values = {name: values[name] for name in fields if name in values}
        return {
            "id": record.ref.id,
            "object": self._name,
            "version": record.version,
            "name": record.name,
            "values": _dumped(values, self._dumps),
            "expanded": {name: self._target(record, name) for name in expand} if expand else {},
        }

    def _target(self, record: Record, name: str) -> dict[str, Any] | list[dict[str, Any]] | None:
        """What a relation points at; null where there is nothing that the actor may see. Of many, a list."""
        if name in record.linked:
            return [self._reference(reference) for reference in record.linked[name]]
        reference = record.references.get(name)
        return None if reference is None else self._reference(reference)

    def _reference(self, reference: Reference) -> dict[str, Any]:
        dumps = self._targets.get(reference.object)
        if dumps is None:
            dumps = self._targets[reference.object] = _dumps_of(self._work, reference.object)
        return {
            "id": reference.id,
            "object": reference.object,
            "name": reference.name,
            "values": _dumped(reference.values, dumps),
        }


class _Plans:
    """The fields whose values need their type's `dump`, per object of one set of definitions."""

    def __init__(self, package: Package) -> None:
        self.package = package
        self._dumps: dict[str, Mapping[str, Dump]] = {}

    def of(self, name: str) -> Mapping[str, Dump]:
        found = self._dumps.get(name)
        if found is None:
            fields = self.package.by_name[name].all_fields.values()
            found = self._dumps[name] = {field.name: field.dump for field in fields if not is_written_as_is(field)}
        return found


_plans: list[_Plans] = [_Plans(Package())]


def is_written_as_is(field: FieldDefinition) -> bool:
    """Whether `orjson` writes the stored value exactly as the field's type does, so that no Python need touch it."""
    if field.field_type.dump is FieldType.dump:
        return True
    probes = _PROBES.get(field.field_type.columns[0].kind, ()) if len(field.columns) == 1 else ()
    return bool(probes) and all(
        orjson.dumps(probe, option=JSON_OPTIONS) == orjson.dumps(field.dump(probe), option=JSON_OPTIONS)
        for probe in probes
    )


def _dumps_of(work: UnitOfWork, name: str) -> Mapping[str, Dump]:
    """A masked value is the mask already and passes through."""
    plans = _plans[0]
    if plans.package is not work.catalog:
        plans = _plans[0] = _Plans(work.catalog)
    dumps = plans.of(name)
    masked = work.access(name).masked
    return {field: dump for field, dump in dumps.items() if field not in masked} if masked else dumps


def _dumped(values: Mapping[str, Any], dumps: Mapping[str, Dump]) -> dict[str, Any]:
    written = dict(values)
    for name, dump in dumps.items():
        if name in written:
            written[name] = dump(written[name])
    return written
