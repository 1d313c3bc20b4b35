"""Pages, counts and groups of records, with the reader's visibility inside the query: a page of 50 holds 50.

Empty values sort last in both directions. A page is read in two parts, records that have a first sort value and then
those that have none, so that a plain index serves either direction without a sort. What no index serves is read in one.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Any, cast
from uuid import UUID

from sqlalchemy import (
    ColumnElement,
    FromClause,
    Integer,
    Select,
    Table,
    and_,
    bindparam,
    false,
    func,
    literal,
    or_,
    select,
    tuple_,
)

from crm_app.access.visible import Visibility
from crm_app.definitions.field import FieldDefinition
from crm_app.fields.field_type import SqlKind
from crm_app.fields.relation import OBJECT_SUFFIX
from crm_app.storage.cursor import decode_cursor, encode_cursor
from crm_app.storage.sees import Clause, Sees
from crm_app.storage.shape import RecordShape

MOST = "most_records"


@dataclass(frozen=True)
class SortKey:
    """One sort: the expression, its kind, whether it can be empty at all, and whether each record's has to be worked
    out, which is then done once.
    """

    expression: ColumnElement[Any]
    kind: SqlKind
    descending: bool
    nullable: bool
    is_worked_out: bool = False


def sort_key_of(
    column: ColumnElement[Any], definition: FieldDefinition, *, descending: bool, is_worked_out: bool = False
) -> SortKey:
    kind = definition.field_type.columns[0].kind
    expression = func.lower(column) if kind == "text" and definition.rule_type.kind == "text" else column
    nullable = definition.name not in ("created_at", "updated_at")
    return SortKey(expression, kind, descending, nullable, is_worked_out)


@dataclass(frozen=True)
class Ordering:
    """A total order: the keys, then `id` in the direction of the first key."""

    table: Table
    keys: tuple[SortKey, ...]

    def columns(self) -> list[ColumnElement[Any]]:
        return [key.expression.label(f"sort_{index}") for index, key in enumerate(self.keys)]

    def clauses(self, *, lead_is_empty: bool) -> list[ColumnElement[Any]]:
        """The first key has a value in one part and none in the other, so it needs no word about nulls."""
        keys = self.keys[1:] if lead_is_empty else self.keys
        found: list[ColumnElement[Any]] = []
        for key in keys:
            clause = key.expression.desc() if key.descending else key.expression.asc()
            found.append(clause if key is self.keys[0] and not key.is_worked_out else clause.nulls_last())
        found.append(self.table.c.id.desc() if self.keys[0].descending else self.table.c.id.asc())
        return found

    def again(self, page: FromClause) -> list[ColumnElement[Any]]:
        """The same order of a page that was found."""
        sorts = [_directed(page.c[f"sort_{index}"], key.descending) for index, key in enumerate(self.keys)]
        return [*sorts, _directed(page.c.id, self.keys[0].descending)]

    def parts(self, cursor: str) -> Iterator[tuple[list[Clause], bool]]:
        """The conditions of each part still to be read, and whether it is the part without a first value."""
        lead = self.keys[0]
        has_value = lead.expression.is_not(None)
        after, record_id = self._decoded(cursor)
        if lead.is_worked_out:
            yield ([] if after is None or record_id is None else [self._after(after, record_id)]), False
            return
        if after is None or after[0] is not None:
            start = [] if after is None or record_id is None else [self._after(after, record_id)]
            yield ([has_value, *start] if lead.nullable else start), False
        if lead.nullable:
            empty = cast("Clause", lead.expression.is_(None))
            if after is not None and after[0] is None and record_id is not None:
                yield [empty, self._after(after, record_id)], True
            else:
                yield [empty], True

    def cursor_after(self, values: Sequence[Any], record_id: UUID) -> str:
        return encode_cursor(list(values), record_id)

    def _decoded(self, cursor: str) -> tuple[list[Any] | None, UUID | None]:
        return decode_cursor(cursor, [key.kind for key in self.keys]) if cursor else (None, None)

    def _after(self, values: list[Any], record_id: UUID) -> Clause:
        lead, identifier = self.keys[0], self.table.c.id
        beyond_id = identifier < record_id if lead.descending else identifier > record_id
        if len(self.keys) == 1 and not lead.is_worked_out:
            if values[0] is None:
                return beyond_id
            left, right = tuple_(lead.expression, identifier), tuple_(literal(values[0]), literal(record_id))
            return left < right if lead.descending else left > right
        clause: Clause = beyond_id
        for key, value in reversed(list(zip(self.keys, values, strict=True))):
            clause = or_(_beyond(key, value), and_(_same(key, value), clause))
        return clause


def _beyond(key: SortKey, value: Any) -> Clause:
    if value is None:
        return false()
    further = key.expression < value if key.descending else key.expression > value
    return or_(further, key.expression.is_(None))


def _same(key: SortKey, value: Any) -> Clause:
    return key.expression.is_(None) if value is None else key.expression == value


@dataclass(frozen=True)
class Join:
    """A relation read together with its records: the target's columns, only where the reader may see it. `among` is
    the target's object where the relation points at several.
    """

    field: str
    target: Table
    columns: tuple[str, ...]
    reach: Visibility
    sees: Sees
    among: str = ""

    @cached_property
    def alias(self) -> Any:
        return self.target.alias(f"to_{self._prefix}")

    @property
    def _prefix(self) -> str:
        return f"{self.field}__{self.among}" if self.among else self.field

    def on(self, source: Any) -> Clause:
        target = self.alias.c
        is_it = target.id == source.c[self.field]
        of_it = [source.c[self.field + OBJECT_SUFFIX] == self.among] if self.among else []
        return and_(is_it, *of_it, *self.sees.live(self.alias, self.reach))

    def selected(self) -> list[ColumnElement[Any]]:
        return [self.alias.c[name].label(f"{self._prefix}__{name}") for name in self.columns]


def by_ids(table: Table, columns: Sequence[ColumnElement[Any]], sees: Sees, reach: Visibility) -> Select[Any]:
    """The live records of the ids given as `ids` when it runs."""
    return select(*columns).where(table.c.id.in_(bindparam("ids", expanding=True)), *sees.live(table, reach))


def one_select(shape: RecordShape, sees: Sees, reach: Visibility, joins: Sequence[Join]) -> Select[Any]:
    """The live record whose id is given as `record_id` when it runs, with the targets of its relations."""
    table, source = shape.table, shape.source
    for join in joins:
        source = source.outerjoin(join.alias, join.on(table))
    extra = [column for join in joins for column in join.selected()]
    wanted = table.c.id == bindparam("record_id")
    return select(*shape.columns(), *extra).select_from(source).where(wanted, *sees.live(table, reach))


def page_select(
    shape: RecordShape,
    source: FromClause,
    where: Sequence[Clause],
    order: Ordering,
    *,
    lead_is_empty: bool,
) -> Select[Any]:
    """At most as many as `MOST` says when it runs. Where reading a record costs more than its row, the page is found
    first.
    """
    columns: list[ColumnElement[Any]] = [shape.table.c.id] if shape.is_joined else shape.columns()
    found = (
        select(*columns, *order.columns())
        .select_from(source)
        .where(*where)
        .order_by(*order.clauses(lead_is_empty=lead_is_empty))
        .limit(bindparam(MOST, type_=Integer()))
    )
    if not shape.is_joined:
        return found
    page = found.subquery("found")
    whole = shape.source.join(page, page.c.id == shape.table.c.id)
    sorts = [page.c[f"sort_{index}"] for index in range(len(order.keys))]
    read: list[ColumnElement[Any]] = [*shape.columns(), *sorts]
    return select(*read).select_from(whole).order_by(*order.again(page))


def with_joins(inner: Select[Any], order: Ordering, joins: Sequence[Join]) -> Select[Any]:
    """The page first, then at most one target record for each of its rows: the joins never change the page's plan."""
    if not joins:
        return inner
    page = inner.subquery("page")
    source: Any = page
    for join in joins:
        source = source.outerjoin(join.alias, join.on(page))
    extra = [column for join in joins for column in join.selected()]
    return select(*page.c, *extra).select_from(source).order_by(*order.again(page))


def _directed(column: ColumnElement[Any], descending: bool) -> ColumnElement[Any]:
    return column.desc().nulls_last() if descending else column.asc().nulls_last()


def capped_count(source: FromClause, where: Sequence[Clause], cap: int | None) -> Select[Any]:
    """Counts at most `cap + 1` records; all of them when `cap` is `None`."""
    if cap is None:
        return select(func.count()).select_from(source).where(*where)
    some = select(literal(1)).select_from(source).where(*where).limit(cap + 1).subquery()
    return select(func.count()).select_from(some)
