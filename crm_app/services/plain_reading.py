"""What the rules of scopes read: whole records that live, whoever asks. They are the administrator's own."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from datetime import date
from decimal import Decimal
from uuid import UUID

from sqlalchemy import Connection

from crm_app.access.visible import EVERYONE, ScopeRule
from crm_app.definitions.package import Package
from crm_app.rules.inputs import Inputs, Record
from crm_app.storage.exchange_rates import worth_on
from crm_app.storage.records import RecordStore
from crm_app.storage.shape import StoredRecord


@dataclass(frozen=True)
class PlainReading:
    """`inputs` say who asks, and when."""

    connection: Connection
    records: RecordStore
    catalog: Package
    inputs: Inputs

    def holds(self, record: StoredRecord) -> Callable[[ScopeRule], bool]:
        """Whether a rule is true of the record: unknown is no."""
        inputs = self.of(record)
        return lambda rule: rule.holds(rule.inputs(inputs)) is True

    def of(self, record: StoredRecord) -> Inputs:
        return replace(
            self.inputs,
            record={**record.values, "id": record.id},
            follow=self._follow,
            related=self._related,
            follow_all=self._all,
            worth=self._worth,
        )

    def _follow(self, name: str, identifier: UUID) -> Record | None:
        return next(iter(self._all(name, [identifier])), None)

    def _related(self, name: str, identifier: UUID, field: str) -> Sequence[Record]:
        for related in self.catalog.related.get(name, ()):
            if field == related.name:
                found = self.records.pointing_at(related.object.name, related.field, identifier, EVERYONE)
                return self._all(related.object.name, found)
        return ()

    def _all(self, name: str, ids: Sequence[UUID]) -> list[Record]:
        found = self.records.fetch(name, ids, EVERYONE) if ids else {}
        return [{"id": key, **found[key].values} for key in ids if key in found]

    def _worth(self, currency: str, day: date) -> Decimal | None:
        return worth_on(self.connection, currency, day)
