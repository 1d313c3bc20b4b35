"""Links of many-to-many fields: one small table for each field, read from either end."""

from collections.abc import Callable, Collection, Iterable, Sequence
from typing import Any, cast
from uuid import UUID

from sqlalchemy import (
    ARRAY,
    ColumnElement,
    Connection,
    Uuid,
    and_,
    any_,
    bindparam,
    delete,
    func,
    literal_column,
    select,
    type_coerce,
)

from crm_app.access.visible import EVERYONE, Visibility
from crm_app.definitions.field import FieldDefinition
from crm_app.definitions.package import Package
from crm_app.storage.bulk import insert_rows
from crm_app.storage.sees import Sees
from crm_app.storage.shape import StoredRecord
from crm_app.storage.tables import TableSet

_IDS = ARRAY(Uuid())
ReachOf = Callable[[str], Visibility]


def everything(_object: str) -> Visibility:
    return EVERYONE


class LinkStore:
    """A record's value in such a field is the sorted list of the ids it links to, or `None` where there are none."""

    def __init__(self, connection: Connection, tables: TableSet, package: Package, sees: Sees) -> None:
        self._connection = connection
        self._tables = tables
        self._package = package
        self._sees = sees

    def values(self, name: str, field: FieldDefinition, reach: Visibility) -> ColumnElement[Any]:
        """What such a field holds in a row of the object's table: only live targets within reach."""
        links, target = self._tables.links(name, field.name), self._tables[field.target].alias()
        live = and_(target.c.id == links.c.target, *self._sees.live(target, reach))
        query = select(links.c.target).select_from(links.join(target, live))
        query = query.where(links.c.source == self._tables[name].c.id)
        found = func.array(query.order_by(links.c.target).correlate(self._tables[name]).scalar_subquery())
        return func.nullif(type_coerce(found, _IDS), literal_column("'{}'"), type_=_IDS)

    def fill(self, name: str, fields: Sequence[FieldDefinition], records: Sequence[StoredRecord]) -> None:
        """Sets the values of these fields as a statement of its own sees them: records that were locked may have
        waited for somebody who changed their links meanwhile, which `values` in the same statement would miss.
        """
        if not records:
            return
        ids = [record.id for record in records]
        for field in fields:
            found = self._targets(name, field, ids)
            for record in records:
                record.values[field.name] = found.get(record.id)

    def _targets(self, name: str, field: FieldDefinition, ids: Collection[UUID]) -> dict[UUID, list[UUID]]:
        links, target = self._tables.links(name, field.name), self._tables[field.target]
        query = (
            select(links.c.source, links.c.target)
            .join(target, and_(target.c.id == links.c.target, target.c.deleted_at.is_(None)))
            .where(links.c.source == _any_of(ids))
            .order_by(links.c.target)
        )
        found: dict[UUID, list[UUID]] = {}
        for source, linked in self._connection.execute(query):
            found.setdefault(source, []).append(linked)
        return found

    def sources(self, name: str, field: str, targets: Collection[UUID], limit: int) -> list[UUID]:
        """Some of the live records that link to any of these, whoever may see them."""
        links, table = self._tables.links(name, field), self._tables[name]
        live = and_(table.c.id == links.c.source, table.c.deleted_at.is_(None))
        query = select(links.c.source).distinct().join(table, live).where(links.c.target == _any_of(targets))
        return list(self._connection.execute(query.limit(limit)).scalars())

    def insert(self, name: str, records: Sequence[StoredRecord]) -> None:
        """The links of new records."""
        for field in self._package.by_name[name].linked_fields:
            pairs = [(record.id, target) for record in records for target in record.values.get(field.name) or ()]
            self.add(name, field.name, pairs)

    def change(self, name: str, record: StoredRecord, field: str, wanted: Iterable[UUID]) -> None:
        """From what the record says it links to, to what is wanted; any other link stays."""
        links = self._tables.links(name, field)
        had, has = set(cast("list[UUID]", record.values.get(field) or ())), set(wanted)
        if gone := had - has:
            self._connection.execute(delete(links).where(links.c.source == record.id, links.c.target == _any_of(gone)))
        self.add(name, field, [(record.id, target) for target in sorted(has - had)])

    def cut(self, name: str, field: str, sources: Collection[UUID], target: UUID) -> None:
        """Takes away the links of these records to one target."""
        links = self._tables.links(name, field)
        self._connection.execute(delete(links).where(links.c.source == _any_of(sources), links.c.target == target))

    def add(self, name: str, field: str, pairs: Sequence[tuple[UUID, UUID]]) -> None:
        """A link that is there already stays as it is: one may be left over from a target that was deleted since."""
        rows = [{"source": source, "target": target} for source, target in pairs]
        insert_rows(self._connection, self._tables.links(name, field), rows, doubles=True)


def _any_of(ids: Collection[UUID]) -> Any:
    return any_(bindparam(None, list(ids), _IDS))
