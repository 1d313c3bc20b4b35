"""Which records that were there before are like some that have just been written: one query for all of them."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any
from uuid import UUID

from sqlalchemy import (
    ARRAY,
    ColumnElement,
    Connection,
    FromClause,
    Select,
    Uuid,
    and_,
    bindparam,
    func,
    literal,
    literal_column,
    or_,
    select,
    true,
    union_all,
)

from crm_app.access.visible import Visibility
from crm_app.definitions.field import FieldDefinition
from crm_app.storage.sees import Clause, Sees
from crm_app.storage.tables import TableSet
from crm_app.storage.wanted_indexes import further_columns

NAMED = 5


@dataclass(frozen=True)
class LookAlike:
    """`other` is like `record`, and written before it."""

    record: UUID
    other: UUID
    is_visible: bool


@dataclass(frozen=True)
class Wanted:
    """`reach` is what the actor sees. Of what they don't see it is only asked whether there is any, `with_unseen`."""

    object: str
    match: Sequence[FieldDefinition]
    reach: Visibility
    sees: Sees
    with_unseen: bool


def look_alikes(connection: Connection, tables: TableSet, wanted: Wanted, records: Sequence[UUID]) -> list[LookAlike]:
    """For each of the records at most one more than `NAMED` that the actor sees, and one that they don't. Without an
    order, so that a value that very many records share is not read to its end.
    """
    table = tables[wanted.object]
    new, old = table.alias("new"), table.alias("old")
    ids = bindparam("ids", list(records), ARRAY(Uuid()))
    like = [
        old.c.deleted_at.is_(None),
        or_(old.c.id < new.c.id, old.c.id != func.all(ids)),
        *(clause for field in wanted.match for clause in _same(field, new, old)),
    ]
    visible = and_(true(), *wanted.sees.live(old, wanted.reach))
    parts = [_found(new, old, ids, [*like, visible], NAMED + 1, is_visible=True)]
    if wanted.with_unseen and not wanted.reach.everyone:
        parts.append(_found(new, old, ids, [*like, visible.is_not(true())], 1, is_visible=False))
    rows = connection.execute(union_all(*parts) if len(parts) > 1 else parts[0])
    return [LookAlike(*row) for row in rows]


def _found(
    new: FromClause, old: FromClause, ids: ColumnElement[Any], like: Sequence[Clause], limit: int, *, is_visible: bool
) -> Select[Any, Any, bool]:
    found = select(old.c.id).where(*like).limit(limit).lateral()
    query = select(new.c.id, found.c.id, literal(is_visible)).select_from(new.join(found, true()))
    return query.where(new.c.id == func.any(ids))


def _same(field: FieldDefinition, new: FromClause, old: FromClause) -> list[Clause]:
    """Text without regard to case, to spaces around it and to how its accents are written; money in one currency."""
    columns = field.columns[: 1 + len(further_columns(field))]
    is_text = field.rule_type.kind == "text"
    return [_key(old.c[name], is_text=is_text) == _key(new.c[name], is_text=is_text) for name in columns]


def _key(column: ColumnElement[str], *, is_text: bool) -> ColumnElement[str]:
    """As `wanted_indexes` writes it, so that the index serves."""
    return func.lower(func.btrim(func.normalize(column, literal_column("NFC")))) if is_text else column
