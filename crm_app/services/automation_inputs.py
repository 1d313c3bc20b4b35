"""What the rules of automations read, always through the door: only what the actor may see."""

from collections.abc import Sequence
from typing import Any
from uuid import UUID

from crm_app.definitions.package import Related
from crm_app.kernel.errors import NotFound
from crm_app.kernel.events import RecordRef
from crm_app.rules.inputs import Record
from crm_app.services.exchange_rates import worth_in
from crm_app.services.lists import list_records
from crm_app.services.record_query import MAX_PAGE_SIZE, RecordQuery, pointing_here
from crm_app.services.records import get_record
from crm_app.services.unit_of_work import UnitOfWork

MAX_RELATED = 10_000


class RuleReader:
    """`follow`, `related` and `worth` of `rules.inputs.Inputs`, for one unit of work."""

    def __init__(self, work: UnitOfWork) -> None:
        self._work = self.work = work
        self.worth = worth_in(work)

    def record(self, ref: RecordRef) -> Record:
        """The record as rules see it; hidden and masked fields are absent."""
        found = get_record(self._work, ref, names=False)
        return self.readable(ref, found.values)

    def readable(self, ref: RecordRef, values: Record) -> Record:
        named = self._work.fields(ref.object) or {}
        return {"id": ref.id, **{name: value for name, value in values.items() if name in named}}

    def follow(self, name: str, identifier: UUID) -> Record | None:
        try:
            return self.record(RecordRef(name, identifier))
        except NotFound:
            return None

    def gather(self, name: str, identifier: UUID, field: str) -> Any:
        """A rollup of a record, over what the actor may see."""
        record = self.follow(name, identifier)
        return None if record is None else record.get(field)

    def related(self, name: str, identifier: UUID, field: str) -> Sequence[Record]:
        """The records that point here; `field` is named `<object>_<field>` after who points and by which field."""
        for related in self._work.catalog.related.get(name, ()):
            if field in (related.name, f"{related.object.name}.{related.field.name}"):
                return self._pointing(related, RecordRef(name, identifier))
        return ()

    def _pointing(self, related: Related, ref: RecordRef) -> list[Record]:
        name = related.object.name
        if related.field.name not in (self._work.fields(name) or {}):
            return []
        found: list[Record] = []
        cursor: Any = ""
        while len(found) < MAX_RELATED:
            query = RecordQuery(name, (pointing_here(related, ref),), limit=MAX_PAGE_SIZE, cursor=cursor)
            page = list_records(self._work, query)
            found += [self.readable(record.ref, record.values) for record in page.records]
            cursor = page.next_cursor
            if not cursor:
                break
        return found
