"""Takes records out of sight and back again, and empties what points at them. What follows from the grant for deleting
or restoring a record needs none of its own.
"""

from collections.abc import Collection, Mapping, Sequence
from datetime import datetime
from typing import Any, cast
from uuid import UUID

from sqlalchemy import ARRAY, Connection, Table, Uuid, any_, bindparam, delete, func, select, update

from crm_app.access.decide import Grant
from crm_app.access.visible import Visibility
from crm_app.definitions.field import FieldDefinition
from crm_app.definitions.package import Package
from crm_app.storage.bulk import insert_rows
from crm_app.storage.links import LinkStore
from crm_app.storage.sees import Sees
from crm_app.storage.shape import RecordShape, StoredRecord, to_columns
from crm_app.storage.system_tables import TrashRow, table_of
from crm_app.storage.tables import TableSet

_TRASH = table_of(TrashRow)
Pair = tuple[StoredRecord, StoredRecord]


class Removal:
    """Of one schema version on one connection."""

    def __init__(self, connection: Connection, tables: TableSet, package: Package, sees: Sees) -> None:
        self._connection = connection
        self._tables = tables
        self._package = package
        self._sees = sees
        self._links = LinkStore(connection, tables, package, sees)

    def pointing_at(self, name: str, field: FieldDefinition, targets: Collection[UUID], limit: int) -> list[UUID]:
        """The live records that point at any of these, whoever may see them; at most one more than the limit."""
        if field.field_type.is_linked:
            return self._links.sources(name, field.name, targets, limit + 1)
        table = self._tables[name]
        live = table.c.deleted_at.is_(None)
        query = select(table.c.id).where(table.c[field.name] == _any_of(targets), live).limit(limit + 1)
        return list(self._connection.execute(query).scalars())

    def clear(self, name: str, field: FieldDefinition, ids: Collection[UUID], gone: UUID, at: datetime) -> list[Pair]:
        """Takes one target out of a field of these records; each as it was and as it is."""
        before = self._locked(name, ids)
        columns: dict[str, Any] = {"updated_at": at}
        if field.field_type.is_linked:
            self._links.cut(name, field.name, ids, gone)
        else:
            columns |= to_columns({field.name: field}, {field.name: None})
        self._renew(self._tables[name], ids, columns)
        return [(b, _next(b, {field.name: _without(b.values[field.name], gone), "updated_at": at})) for b in before]

    def relink(self, name: str, field: FieldDefinition, ids: Collection[UUID], value: Any, at: datetime) -> list[Pair]:
        """Puts a target back into a field of the live records among these that have nothing else there."""
        is_linked = field.field_type.is_linked
        before = [b for b in self._locked(name, ids) if is_linked or b.values[field.name] is None]
        kept = [b.id for b in before]
        columns: dict[str, Any] = {"updated_at": at}
        if is_linked:
            self._links.add(name, field.name, [(each, value) for each in kept])
        else:
            columns |= to_columns({field.name: field}, {field.name: value})
        self._renew(self._tables[name], kept, columns)
        values = [_with(b.values[field.name], value) if is_linked else value for b in before]
        return [(b, _next(b, {field.name: after, "updated_at": at})) for b, after in zip(before, values, strict=True)]

    def hide(self, grant: Grant, record: StoredRecord, at: datetime) -> bool:
        """False when it is no longer at that version. Its own links are cut; `remember` keeps what they were."""
        table = self._tables[grant.object]
        same = (table.c.id == record.id) & (table.c.version == record.version) & table.c.deleted_at.is_(None)
        query = update(table).where(same).values(deleted_at=at, version=record.version + 1)
        if self._connection.execute(query).rowcount != 1:
            return False
        for field in self._package.by_name[grant.object].linked_fields:
            self._links.change(grant.object, record, field.name, ())
        return True

    def show(self, grant: Grant, record: StoredRecord, values: Mapping[str, Any]) -> StoredRecord:
        """The hidden record, live again with these values changed."""
        table, definition = self._tables[grant.object], self._package.by_name[grant.object]
        columns = to_columns(definition.all_fields, values)
        found = _next(record, values)
        query = update(table).where(table.c.id == record.id)
        self._connection.execute(query.values({**columns, "deleted_at": None, "version": found.version}))
        self._links.insert(grant.object, [found])
        return found

    def hidden(self, name: str, ids: Collection[UUID], reaches: Sequence[Visibility]) -> dict[UUID, StoredRecord]:
        """The deleted records of these ids that all of the reaches include, locked; their links are in the trash."""
        shape = RecordShape(self._tables[name], self._package.by_name[name])
        seen = [self._sees.visible(shape.table, reach) for reach in reaches]
        wanted = shape.table.c.id == _any_of(ids)
        query = select(*shape.columns()).where(wanted, shape.table.c.deleted_at.is_not(None), *seen)
        found = [shape.read(row) for row in self._connection.execute(query.with_for_update(key_share=True))]
        for record in found:
            record.values.update(dict.fromkeys(field.name for field in shape.unread))
        return {record.id: record for record in found}

    def remember(self, entries: Sequence[Mapping[str, Any]]) -> None:
        insert_rows(self._connection, _TRASH, entries)

    def remembered(self, name: str, record: UUID) -> list[Any]:
        """What the trash says of a record, and of those that went together with it."""
        own = (_TRASH.c.object == name) & (_TRASH.c.record == record)
        query = select(_TRASH).where(own | (_TRASH.c.root == record)).order_by(_TRASH.c.root.nulls_first())
        return list(self._connection.execute(query.with_for_update()))

    def forget(self, ids: Collection[UUID]) -> None:
        self._connection.execute(delete(_TRASH).where(_TRASH.c.record == _any_of(ids)))

    def recent(self, name: str, reaches: Sequence[Visibility], limit: int, offset: int) -> list[Any]:
        """Deleted records, the last one first: id, what it is called, when and by whom, whether with another."""
        table = self._tables[name]
        label = table.c[self._package.by_name[name].name_field]
        query = (
            select(table.c.id, label, _TRASH.c.at, _TRASH.c.actor, _TRASH.c.root)
            .join(_TRASH, (_TRASH.c.record == table.c.id) & (_TRASH.c.object == name))
            .where(table.c.deleted_at.is_not(None), *(self._sees.visible(table, reach) for reach in reaches))
            .order_by(_TRASH.c.at.desc(), table.c.id)
        )
        return list(self._connection.execute(query.limit(limit).offset(offset)))

    def gone_with(self, ids: Collection[UUID]) -> set[str]:
        """The objects of the records that went because one of these did."""
        query = select(_TRASH.c.object).distinct().where(_TRASH.c.root == _any_of(ids))
        return set(self._connection.execute(query).scalars())

    def numbers_gone_with(self, ids: Collection[UUID], name: str, reaches: Sequence[Visibility]) -> dict[UUID, int]:
        """How many records of an object, within all of the reaches, went because of each of these."""
        table = self._tables[name]
        query = (
            select(_TRASH.c.root, func.count())
            .join(table, (table.c.id == _TRASH.c.record) & (_TRASH.c.object == name))
            .where(_TRASH.c.root == _any_of(ids), table.c.deleted_at.is_not(None))
            .where(*(self._sees.visible(table, reach) for reach in reaches))
            .group_by(_TRASH.c.root)
        )
        return {row[0]: row[1] for row in self._connection.execute(query)}

    def _locked(self, name: str, ids: Collection[UUID]) -> list[StoredRecord]:
        shape = RecordShape(self._tables[name], self._package.by_name[name])
        live = shape.table.c.deleted_at.is_(None)
        query = select(*shape.columns()).where(shape.table.c.id == _any_of(ids), live).order_by(shape.table.c.id)
        found = [shape.read(row) for row in self._connection.execute(query.with_for_update(key_share=True))]
        self._links.fill(name, shape.unread, found)
        return found

    def _renew(self, table: Table, ids: Collection[UUID], columns: Mapping[str, Any]) -> None:
        live = table.c.deleted_at.is_(None)
        changed = {**columns, "version": table.c.version + 1}
        self._connection.execute(update(table).where(table.c.id == _any_of(ids), live).values(changed))


def _next(record: StoredRecord, changes: Mapping[str, Any]) -> StoredRecord:
    return StoredRecord(record.id, record.version + 1, {**record.values, **changes})


def _without(value: Any, gone: UUID) -> Any:
    links = cast("list[UUID]", value) if isinstance(value, list) else []
    return [each for each in links if each != gone] or None


def _with(links: list[UUID] | None, target: UUID) -> list[UUID]:
    return sorted({*(links or ()), target})


def _any_of(ids: Collection[UUID]) -> Any:
    return any_(bindparam(None, list(ids), ARRAY(Uuid())))
