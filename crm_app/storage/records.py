"""Reads and writes records of one schema version on one connection. A write demands the grant that permission gave."""

from collections.abc import Callable, Collection, Hashable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, cast
from uuid import UUID

from sqlalchemy import ColumnElement, Connection, FromClause, Select, Table, and_, func, literal_column, select, update

from crm_app.access.decide import Grant
from crm_app.access.visible import Visibility
from crm_app.definitions.field import FieldDefinition
from crm_app.definitions.package import Package
from crm_app.fields.own_objects import OWN_OBJECTS
from crm_app.rules.inputs import Inputs
from crm_app.storage.bulk import insert_rows
from crm_app.storage.computed import ComputedValues
from crm_app.storage.filters import Filter, FilterSql
from crm_app.storage.link_paths import LinkPaths
from crm_app.storage.links import LinkStore, ReachOf, everything
from crm_app.storage.lists import (
    Join,
    Ordering,
    SortKey,
    by_ids,
    capped_count,
    one_select,
    sort_key_of,
)
from crm_app.storage.pages import PagePlan, page_plan
from crm_app.storage.rule_sql import Beside
from crm_app.storage.rule_sql_columns import TableColumns
from crm_app.storage.sees import Clause, Sees, key_of
from crm_app.storage.shape import RecordShape, StoredRecord, to_columns
from crm_app.storage.tables import TableSet


@dataclass(frozen=True)
class Expansion:
    """Bring the target of a relation along: its name only, or the fields named. A relation to several objects has one
    for each of them.
    """

    field: str
    target: str
    fields: tuple[str, ...]
    reach: Visibility
    is_to_any: bool = False


@dataclass(frozen=True)
class Target:
    object: str
    record: StoredRecord


@dataclass(frozen=True)
class Found:
    """A record with the targets of its expansions, by field; a target the reader can't see is absent."""

    record: StoredRecord
    targets: Mapping[str, Target]


class RecordStore:
    """`reach` says what the reader sees of an object, for rules across relations; `inputs` who and when they are."""

    def __init__(
        self,
        connection: Connection,
        tables: TableSet,
        package: Package,
        reach: Callable[[str], Visibility],
        inputs: Inputs,
    ) -> None:
        self._connection = connection
        self._tables = tables
        self._package = package
        self._reach = reach
        self._inputs = inputs
        self.sees = Sees(tables, package, inputs)
        self.links = LinkStore(connection, tables, package, self.sees)
        self._paths = LinkPaths(tables, package)
        self._computed = ComputedValues(tables, self._columns, reach, inputs)
        self._filters = FilterSql(package, tables, self._columns, self.sees, inputs)

    def fetch(
        self, name: str, ids: Sequence[UUID], reach: Visibility, *, for_update: bool = False
    ) -> dict[UUID, StoredRecord]:
        """The live records of these ids that the reach includes. Locks are taken in one order, so nobody waits in a
        circle.
        """
        if for_update:
            return self._locked(name, ids, reach)
        shape = self._shape(name, self._stored_names(name), everything)
        query = self._by_ids("fetch", name, shape.columns(), reach)
        rows = self._connection.execute(query, {"ids": list(ids)})
        return {record.id: record for record in map(shape.read, rows)}

    def _by_ids(self, what: str, name: str, columns: list[ColumnElement[Any]], reach: Visibility) -> Select[Any]:
        known = key_of(reach, self._inputs)
        key = None if known is None else (what, name, known)
        return self._tables.kept(key, lambda: by_ids(self._tables[name], columns, self.sees, reach))

    def _locked(self, name: str, ids: Sequence[UUID], reach: Visibility) -> dict[UUID, StoredRecord]:
        shape = self._bare_shape(name, None)
        query = self._by_ids("lock", name, shape.columns(), reach)
        locking = query.order_by(shape.table.c.id).with_for_update(key_share=True)
        found = [shape.read(row) for row in self._connection.execute(locking, {"ids": list(ids)})]
        self.links.fill(name, shape.unread, found)
        return {record.id: record for record in found}

    def page(
        self,
        chosen: Filter,
        sorts: Sequence[tuple[str, bool]],
        limit: int,
        cursor: str = "",
        fields: tuple[str, ...] | None = None,
        expansions: Sequence[Expansion] = (),
    ) -> tuple[list[Found], str]:
        """At most `limit` records and the cursor of the next page, empty at the end."""
        shape = self._shape(chosen.object, fields, self._reach)
        shapes = [(expansion, self._target_shape(expansion)) for expansion in expansions]

        def planned() -> PagePlan:
            sorted_by = self._computed.rollups(chosen.object, (field for field, _ in sorts))
            reached = self._filters.at_once(chosen, sorted_by) if sorted_by else self._filters.each(chosen)
            order = Ordering(shape.table, tuple(self._sort_keys(shape, chosen.object, sorts, reached.beside)))
            return page_plan(shape, reached.source, reached.where, order, self._joins(shapes), cursor)

        key = None if cursor or not chosen.is_bare else self._page_key(chosen, shape, tuple(sorts), expansions)
        plan = self._tables.kept(key, planned)
        rows, next_cursor = plan.read(self._connection, limit)
        found = [self._found(row, shape, shapes, shape.width() + len(sorts)) for row in rows]
        self._work_out_targets(found, expansions)
        return found, next_cursor

    def _page_key(
        self, chosen: Filter, shape: RecordShape, sorts: tuple[tuple[str, bool], ...], expansions: Sequence[Expansion]
    ) -> Hashable | None:
        """Of the first page of an object's records; what sorts by more than a column depends on more of the reader."""
        fields = self._package.by_name[chosen.object].all_fields
        is_plain = not any(fields[name].is_computed or fields[name].field_type.is_relation for name, _ in sorts)
        brought = tuple((each, key_of(each.reach, self._inputs)) for each in expansions)
        key = key_of(chosen.reach, self._inputs)
        is_kept = is_plain and key is not None and all(known is not None for _, known in brought)
        return ("page", shape, key, sorts, brought) if is_kept and self._is_kept(chosen.object, shape) else None

    def count(self, chosen: Filter, cap: int | None) -> tuple[int, bool]:
        """The number, and whether there are more than it says."""
        reached = self._filters.at_once(chosen)
        number = self._connection.execute(capped_count(reached.source, reached.where, cap)).scalar_one()
        return (cap, True) if cap is not None and number > cap else (number, False)

    def versions(self, chosen: Filter, limit: int, after: UUID | None) -> list[tuple[UUID, int]]:
        """The ids, in their order after one of them, and the versions."""
        table, reached = self._tables[chosen.object], self._filters.at_once(chosen)
        query = select(table.c.id, table.c.version).select_from(reached.source).where(*reached.where)
        if after is not None:
            query = query.where(table.c.id > after)
        return [(row[0], row[1]) for row in self._connection.execute(query.order_by(table.c.id).limit(limit))]

    def chosen_ids(self, chosen: Filter) -> Select[tuple[UUID]]:
        """Their ids, for a statement about something else."""
        reached = self._filters.at_once(chosen)
        return select(self._tables[chosen.object].c.id).select_from(reached.source).where(*reached.where)

    def groups(self, chosen: Filter, group_by: str, sums: Sequence[str]) -> list[tuple[Any, int, dict[str, Any]]]:
        """One entry per value of the field: its count, and for each summed field the total (per currency for money).
        The largest comes first, and equal ones in an order that nothing unseen can change.
        """
        definition = self._package.by_name[chosen.object]
        reached = self._filters.at_once(chosen, self._computed.rollups(chosen.object, (group_by, *sums)))
        key = self._parts(chosen.object, group_by, reached.beside)[0]
        parts = {name: self._parts(chosen.object, name, reached.beside) for name in sums}
        money = [name for name in sums if definition.all_fields[name].rule_type.kind == "money"]
        currencies = [parts[name][1] for name in money]
        totals = [func.sum(parts[name][0]) for name in sums]
        places: list[ColumnElement[Any]] = [literal_column(str(3 + len(totals) + at)) for at in range(len(currencies))]
        query = (
            select(key, func.count(), *totals, *currencies)
            .select_from(reached.source)
            .where(*reached.where)
            .group_by(literal_column("1"), *places)
        )
        merged: dict[Any, tuple[int, dict[str, Any]]] = {}
        for found_row in self._connection.execute(query):
            row: tuple[Any, ...] = tuple(cast("Iterable[Any]", found_row))
            count, units = merged.setdefault(row[0], (0, {name: {} for name in sums}))
            by_name = dict(zip(money, row[2 + len(sums) :], strict=True))
            for name, total in zip(sums, row[2 : 2 + len(sums)], strict=True):
                if total is not None:
                    unit = by_name.get(name, "")
                    units[name][unit] = units[name].get(unit, 0) + total
            merged[row[0]] = (count + row[1], units)
        groups = [
            (value, count, {name: dict(sorted(totals.items())) for name, totals in units.items()})
            for value, (count, units) in merged.items()
        ]
        return sorted(groups, key=lambda group: (-group[1], group[0] is None, str(group[0])))

    def find_by(self, name: str, field: str, values: Sequence[Any], reach: Visibility) -> dict[Any, list[UUID]]:
        """Live record ids by a field's value (text in lower case), for imports and uniqueness."""
        definition = self._package.by_name[name]
        table = self._tables[name]
        is_text = definition.all_fields[field].rule_type.kind == "text"
        key = func.lower(table.c[field]) if is_text else table.c[field]
        wanted = [value.lower() for value in values] if is_text else list(values)
        query = select(key, table.c.id).where(key.in_(wanted), *self.sees.live(table, reach)).order_by(table.c.id)
        found: dict[Any, list[UUID]] = {}
        for value, record_id in self._connection.execute(query):
            found.setdefault(value, []).append(record_id)
        return found

    def insert(self, grant: Grant, records: Sequence[StoredRecord]) -> None:
        fields = self._package.by_name[grant.object].all_fields
        rows = [{"id": record.id, "version": record.version, **to_columns(fields, record.values)} for record in records]
        insert_rows(self._connection, self._tables[grant.object], rows)
        self.links.insert(grant.object, records)

    def update(self, grant: Grant, record: StoredRecord, changes: Mapping[str, Any]) -> bool:
        """False when the record is no longer at that version. `changes` includes who and when."""
        table = self._tables[grant.object]
        definition = self._package.by_name[grant.object]
        columns = to_columns(definition.all_fields, changes)
        if not self._set(table, record, {**columns, "version": record.version + 1}):
            return False
        for field in definition.linked_fields:
            if field.name in changes:
                self.links.change(grant.object, record, field.name, changes[field.name] or ())
        return True

    def pointing_at(self, name: str, field: FieldDefinition, target: UUID, reach: Visibility) -> list[UUID]:
        """The live records within reach that point at one by this relation or by these links."""
        table = self._tables[name]
        if field.field_type.is_linked:
            links = self._tables.links(name, field.name)
            query = select(table.c.id).join(links, links.c.source == table.c.id).where(links.c.target == target)
        else:
            query = select(table.c.id).where(table.c[field.name] == target)
        return list(self._connection.execute(query.where(*self.sees.live(table, reach)).order_by(table.c.id)).scalars())

    def above(self, name: str, field: str, record: UUID) -> set[UUID]:
        """The record and all that it stands below by this relation. One change of such a tree follows the other until
        their transactions end: two at once could close a circle that neither sees.
        """
        table = self._tables[name]
        self._connection.execute(select(func.pg_advisory_xact_lock(func.hashtext(f"tree:{name}.{field}"))))
        first = select(table.c.id, table.c[field].label("up")).where(table.c.id == record).cte(recursive=True)
        higher = table.alias()
        tree = first.union(select(higher.c.id, higher.c[field]).where(higher.c.id == first.c.up))
        return set(self._connection.execute(select(tree.c.id)).scalars())

    def existing(self, name: str, ids: Collection[UUID], reach: Visibility) -> set[UUID]:
        """Those of the ids that are live records within reach."""
        table = self._tables[name]
        query = self._by_ids("existing", name, [table.c.id], reach)
        return set(self._connection.execute(query, {"ids": list(ids)}).scalars())

    def names(
        self, name: str, ids: Collection[UUID], reach: Visibility, *, with_deleted: bool = False
    ) -> dict[UUID, str]:
        """What the records of these ids within reach are called; for the past, also those deleted since."""
        table = self._tables[name]
        label = table.c[self._package.by_name[name].name_field]
        query = select(table.c.id, label).where(
            table.c.id.in_(ids), *self.sees.live(table, reach, with_deleted=with_deleted)
        )
        return {record_id: str(text or "") for record_id, text in self._connection.execute(query)}

    def one(self, name: str, record_id: UUID, reach: Visibility, expansions: Sequence[Expansion] = ()) -> Found | None:
        """One record within reach with the targets of its expansions."""
        shape = self._shape(name, None, self._reach)
        shapes = [(expansion, self._target_shape(expansion)) for expansion in expansions]
        known = tuple(key_of(each, self._inputs) for each in (reach, *(each.reach for each in expansions)))
        key = ("one", shape, known, tuple(expansions)) if None not in known and self._is_kept(name, shape) else None
        query = self._tables.kept(key, lambda: one_select(shape, self.sees, reach, self._joins(shapes)))
        row = self._connection.execute(query, {"record_id": record_id}).one_or_none()
        found = [] if row is None else [self._found(row, shape, shapes, shape.width())]
        self._work_out_targets(found, expansions)
        return found[0] if found else None

    def _joins(self, shapes: Sequence[tuple[Expansion, RecordShape]]) -> list[Join]:
        return [
            Join(e.field, s.table, tuple(c.name for c in s.columns()), e.reach, self.sees, e.target * e.is_to_any)
            for e, s in shapes
        ]

    def _set(self, table: Table, record: StoredRecord, columns: Mapping[str, Any]) -> bool:
        same = and_(table.c.id == record.id, table.c.version == record.version, table.c.deleted_at.is_(None))
        return self._connection.execute(update(table).where(same).values(columns)).rowcount == 1

    def _shape(self, name: str, fields: tuple[str, ...] | None, reach: ReachOf) -> RecordShape:
        """How records are read, with the links that lie within reach."""
        definition = self._package.by_name[name]
        reaches = tuple(key_of(reach(field.target), self._inputs) for field in definition.linked_fields)

        chosen = definition.all_fields if fields is None else fields
        computed = tuple(each for each in definition.computed_fields if each.name in chosen)
        reader = self._computed.key(name, computed) if computed else ()
        if None in reaches:
            reader = None

        def made() -> RecordShape:
            joined = self._computed.joins(name).each(self._computed.rollups(name, (each.name for each in computed)))

            def beside(field: FieldDefinition) -> list[ColumnElement[Any]]:
                if field.is_computed:
                    return self._computed.parts(name, field, joined.values)
                return [self.links.values(name, field, reach(field.target))]

            return RecordShape(self._tables[name], definition, fields, beside, joined.source)

        return self._tables.kept(None if reader is None else ("shape", name, fields, reaches, reader), made)

    def _is_kept(self, name: str, shape: RecordShape) -> bool:
        linked = (self._reach(field.target) for field in self._package.by_name[name].linked_fields)
        is_lasting = all(key_of(each, self._inputs) is not None for each in linked)
        return is_lasting and self._computed.key(name, shape.computed) is not None

    def _stored_names(self, name: str) -> tuple[str, ...] | None:
        """All fields but computed ones."""
        definition = self._package.by_name[name]
        computed = {field.name for field in definition.computed_fields}
        return tuple(each for each in definition.all_fields if each not in computed) if computed else None

    def _parts(self, name: str, field: str, beside: Beside) -> list[ColumnElement[Any]]:
        """What a field holds, as an expression for each of its columns; nothing where the reader can't see a target."""
        definition, table = self._package.by_name[name].all_fields[field], self._tables[name]
        if definition.is_computed:
            return self._computed.parts(name, definition, beside)
        return [self._columns(table).pointed(name, field, table), *(table.c[each] for each in definition.columns[1:])]

    def computed(self, name: str, fields: Sequence[str], ids: Sequence[UUID]) -> dict[UUID, dict[str, Any]]:
        """The values of these computed fields, of records that were read or written without them."""
        shape, table = self._shape(name, tuple(fields), self._reach), self._tables[name]
        query = select(*shape.columns()).select_from(shape.source).where(table.c.id.in_(list(ids)))
        found = [shape.read(row) for row in self._connection.execute(query)]
        return {record.id: {field: record.values[field] for field in fields} for record in found}

    def _work_out_targets(self, found: Sequence[Found], expansions: Sequence[Expansion]) -> None:
        """What was brought along whole has its computed fields too."""
        for expansion in expansions:
            of_target = self._package.by_name[expansion.target].computed_fields
            names = [field.name for field in of_target if field.name in expansion.fields]
            targets = [each.targets[expansion.field] for each in found if expansion.field in each.targets]
            records = [each.record for each in targets if each.object == expansion.target]
            if names and records:
                values = self.computed(expansion.target, names, list({record.id for record in records}))
                for record in records:
                    record.values.update(values.get(record.id, {}))

    @staticmethod
    def _found(row: Any, shape: RecordShape, shapes: Sequence[tuple[Expansion, RecordShape]], offset: int) -> Found:
        targets: dict[str, Target] = {}
        for expansion, target in shapes:
            if row[offset] is not None:
                targets[expansion.field] = Target(expansion.target, target.read(row, offset))
            offset += target.width()
        return Found(shape.read(row), targets)

    def _target_shape(self, expansion: Expansion) -> RecordShape:
        return self._bare_shape(expansion.target, expansion.fields)

    def _bare_shape(self, name: str, fields: tuple[str, ...] | None) -> RecordShape:
        """Only what stands in the object's own table."""
        return self._tables.kept(
            ("bare", name, fields), lambda: RecordShape(self._tables[name], self._package.by_name[name], fields)
        )

    def _columns(self, table: FromClause) -> TableColumns:
        inverses = self._package.inverses
        return TableColumns(table, self._tables, inverses, self._sees, self._paths.path, self._closed)

    def _closed(self, name: str, field: str) -> tuple[str, ...]:
        """People and teams are open to everybody."""
        definition = self._package.by_name[name].all_fields.get(field)
        targets = definition.targets if definition and definition.field_type.is_relation else ()
        is_open = all(each in OWN_OBJECTS or self._reach(each).everyone for each in targets)
        return () if is_open else tuple(targets)

    def _sees(self, name: str, source: FromClause) -> Clause:
        return and_(*self.sees.live(source, self._reach(name)))

    def _sort_keys(
        self, shape: RecordShape, name: str, sorts: Sequence[tuple[str, bool]], beside: Beside
    ) -> list[SortKey]:
        """A formula that is shown too is the same expression, so it is worked out once."""
        fields = self._package.by_name[name].all_fields
        shown = {} if shape.is_joined else shape.parts
        keys: list[SortKey] = []
        for field, down in sorts:
            definition = fields[field]
            is_shown = definition.is_computed and field in shown
            parts = shown[field] if is_shown else self._parts(name, field, beside)
            is_worked_out = definition.is_computed and not beside
            keys.append(sort_key_of(parts[0], definition, descending=down, is_worked_out=is_worked_out))
        return keys
