"""What the rules in an object's definition say of one of its records: the administrator's rules, so they read the whole
record and what it points at, whoever sets them off. What they decide shows; what they read does not.
"""

from collections.abc import Mapping, Sequence
from typing import Any
from uuid import UUID

from crm_app.access.visible import EVERYONE
from crm_app.definitions.object import ObjectDefinition
from crm_app.kernel import clock
from crm_app.rules.inputs import Inputs, Record
from crm_app.services.rulebook import CompiledRule
from crm_app.services.unit_of_work import UnitOfWork
from crm_app.storage.shape import StoredRecord

MAX_RELATED = 1_000


class RecordRules:
    """Rules over the records of one object. What relations lead to is read once."""

    def __init__(self, work: UnitOfWork, definition: ObjectDefinition) -> None:
        self.definition = definition
        self._work = work
        self._now = clock.now()
        self._followed: dict[tuple[str, UUID], Record | None] = {}

    def inputs(self, values: Mapping[str, Any], identifier: UUID | None) -> Inputs:
        """`identifier` is that of a record which exists already."""
        who = self._work.who
        return Inputs(
            record={**values, "id": identifier},
            me=who.user_id,
            now=self._now,
            time_zone=who.time_zone,
            follow=self._follow,
            related=self._related,
        )

    def compiled(self, text: str) -> CompiledRule:
        return self._work.schema.rules.of(self.definition.name, text)

    def _follow(self, name: str, identifier: UUID) -> Record | None:
        key = (name, identifier)
        if key not in self._followed:
            found = self._work.records.fetch(name, [identifier], EVERYONE).get(identifier)
            self._followed[key] = _as_rules_see(found) if found else None
        return self._followed[key]

    def _related(self, name: str, identifier: UUID, field: str) -> Sequence[Record]:
        for related in self._work.catalog.related.get(name, ()):
            if field == related.name:
                store = self._work.records
                ids = store.find_by(related.object.name, related.field.name, [identifier], EVERYONE)
                found = store.fetch(related.object.name, ids.get(identifier, [])[:MAX_RELATED], EVERYONE)
                return [_as_rules_see(record) for record in found.values()]
        return ()


def _as_rules_see(record: StoredRecord) -> Record:
    return {**record.values, "id": record.id}
