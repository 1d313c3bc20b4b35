"""Changes customers' tables to fit a new schema version, in the transaction that publishes it, so that nobody waits:
what needs a lock is done last and quickly, what takes long is left to the keeper of indexes.
"""

from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass, replace

from sqlalchemy import Connection, ForeignKeyConstraint, Table, func, select, text
from sqlalchemy.schema import AddConstraint

from crm_app.definitions.field import OWNER, FieldDefinition
from crm_app.definitions.object import ObjectDefinition
from crm_app.definitions.package import Package
from crm_app.fields.own_objects import TEAM_OBJECT, TERRITORY_OBJECT, USER_OBJECT
from crm_app.kernel.errors import Invalid, Problem
from crm_app.storage.access_tables import TerritoryRow
from crm_app.storage.link_tables import create_links, new_link_fields
from crm_app.storage.names import identifier
from crm_app.storage.numbering import renumbered, set_numbering
from crm_app.storage.present import stored_columns
from crm_app.storage.quick_locks import lock_quickly
from crm_app.storage.system_tables import TeamRow, UserRow, table_of
from crm_app.storage.tables import TableSet, add_columns
from crm_app.storage.unique_indexes import build_beforehand, keep_the_keeper_away
from crm_app.storage.wanted_indexes import WantedIndex, wanted_indexes

SMALL_TABLE = 1_000
_OWN = {USER_OBJECT: UserRow, TEAM_OBJECT: TeamRow, TERRITORY_OBJECT: TerritoryRow}
MODERATE_BYTES = 256 * 1024 * 1024


@dataclass(frozen=True)
class Move:
    """What is done once nobody reads or writes `altered` and nobody writes `held`, which are names of stored tables."""

    altered: frozenset[str] = frozenset()
    held: frozenset[str] = frozenset()
    do: Callable[[], object] = tuple


def change_tables(connection: Connection, before: Package, after: Package, move: Move = Move()) -> None:
    """Creates what is new. What a new version no longer names stays in the database: leaving out is not destroying.
    To be called right before the commit: from here on, readers and writers of a changed table wait for it. All locks
    are taken in one moment, the strongest first: one who has read a table and goes on to write to it is let through.
    """
    tables = TableSet(after.by_name.values())
    olds = {definition.stored: definition for definition in before.objects}
    new = {d.stored for d in after.objects if d.stored not in olds}
    names = {d.stored: d.name for d in after.objects}
    for stored in new:
        tables[names[stored]].create(connection)
    wanted, had = wanted_indexes(after.live), wanted_indexes(before.live)
    _create(connection, (index for index in wanted.values() if index.table in new))
    missing = [index for name, index in wanted.items() if name not in had and index.table not in new]
    there = stored_columns(connection)
    fields = {d.stored: _new_fields(olds[d.stored], d, there[d.stored]) for d in after.objects if d.stored in olds}
    at_once, later = _split(connection, {index.table: tables[names[index.table]] for index in missing}, missing, fields)
    if any(index.is_unique for index in missing):
        keep_the_keeper_away(connection)
    build_beforehand(connection, [index for index in later if index.is_unique])
    indexed = frozenset(index.table for index in at_once)
    _alter(connection, before, after, tables, fields, replace(move, altered=move.altered | indexed))
    _create(connection, at_once, again=True)


def _alter(
    connection: Connection,
    before: Package,
    after: Package,
    tables: TableSet,
    fields: Mapping[str, list[FieldDefinition]],
    move: Move,
) -> None:
    names = {d.stored: d.name for d in after.objects}
    olds = {definition.stored: definition for definition in before.objects}
    relations = [(d, field) for d in after.objects for field in _new_relations(olds.get(d.stored), d)]
    altered = move.altered | {name for name, added in fields.items() if added}
    altered |= {d.stored for d, _ in relations if d.stored in fields}
    numbering = renumbered(before, after)
    altered |= {d.stored for d, _ in numbering if d.stored in fields}
    links = new_link_fields(before, after)
    targets = [_target(tables, field) for _, field in relations]
    targets += [tables[name] for definition, field in links for name in (definition.name, field.target)]
    targets += [tables[names[stored]] for stored in move.held]
    lock_quickly(connection, [tables[names[stored]] for stored in altered], targets)
    move.do()
    for stored, added in fields.items():
        if added:
            add_columns(connection, tables[names[stored]], added)
    for definition, field in relations:
        _add_foreign_key(connection, tables, definition, field, is_new_table=definition.stored not in fields)
    for definition, field in numbering:
        set_numbering(connection, definition, field)
    for made in links:
        create_links(connection, tables, made)


def _new_fields(old: ObjectDefinition, definition: ObjectDefinition, there: frozenset[str]) -> list[FieldDefinition]:
    """Those whose columns are not there yet. Going back to an earlier version finds some, and a conversion has made its
    own.
    """
    if old is definition:
        return []
    return [field for field in definition.stored_fields if not there.issuperset(field.stored_columns)]


def _new_relations(old: ObjectDefinition | None, definition: ObjectDefinition) -> Iterator[FieldDefinition]:
    if old is definition:
        return
    had = {field.stored for field in old.all_fields.values()} if old else set[str]()
    for field in (OWNER, *definition.fields):
        if field.field_type.is_relation and not field.is_to_any and field.stored not in had:
            yield field


def _target(tables: TableSet, field: FieldDefinition) -> Table:
    own = _OWN.get(field.target)
    return table_of(own) if own else tables[field.target]


def _add_foreign_key(
    connection: Connection,
    tables: TableSet,
    definition: ObjectDefinition,
    field: FieldDefinition,
    *,
    is_new_table: bool,
) -> None:
    """On a table that has records it is checked for new ones only; the keeper looks at the others."""
    table = tables[definition.name]
    name = identifier(definition.stored, f"{field.stored}_target")
    if not is_new_table:
        connection.execute(text(f'ALTER TABLE "{table.schema}"."{table.name}" DROP CONSTRAINT IF EXISTS "{name}"'))
    key = ForeignKeyConstraint([table.c[field.name]], [_target(tables, field).c["id"]], name=name)
    if not is_new_table:
        key.dialect_options["postgresql"]["not_valid"] = True
    table.append_constraint(key)
    connection.execute(AddConstraint(key))


def _split(
    connection: Connection,
    tables: Mapping[str, Table],
    missing: Iterable[WantedIndex],
    new_fields: Mapping[str, list[FieldDefinition]],
) -> tuple[list[WantedIndex], list[WantedIndex]]:
    """Those built in this transaction, because their table is small or the field new and unique, and the others."""
    at_once: list[WantedIndex] = []
    later: list[WantedIndex] = []
    small: dict[str, bool] = {}
    for index in missing:
        if index.table not in small:
            small[index.table] = _is_small(connection, tables[index.table])
        is_new = not {field.name for field in new_fields[index.table]}.isdisjoint(index.fields)
        if is_new and index.is_unique and not small[index.table]:
            _require_moderate(connection, tables[index.table], index)
        chosen = at_once if small[index.table] or (is_new and index.is_unique) else later
        chosen.append(index)
    return at_once, later


def _is_small(connection: Connection, table: Table) -> bool:
    found = connection.execute(select(table.c.id).limit(SMALL_TABLE + 1))
    return len(found.all()) <= SMALL_TABLE


def _require_moderate(connection: Connection, table: Table, index: WantedIndex) -> None:
    """A new field's index finds no value, but reads the whole table to know, while writers wait."""
    size = connection.execute(select(func.pg_relation_size(f'"{table.schema}"."{table.name}"'))).scalar_one()
    if size > MODERATE_BYTES:
        raise Invalid(
            "These definitions can't be published.",
            [
                Problem(
                    f"objects/{index.table}/fields/{index.fields[0]}/unique",
                    "This object has too many records to gain a unique field in one step. Publish the field first, "
                    "then publish it as unique.",
                )
            ],
        )


def _create(connection: Connection, indexes: Iterable[WantedIndex], *, again: bool = False) -> None:
    """`again`: a killed build may have left one of that name which serves nothing."""
    for index in indexes:
        if again:
            connection.execute(text(index.drop(concurrently=False)))
        connection.execute(text(index.create(concurrently=False)))
