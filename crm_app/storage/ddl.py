"""Changes customers' tables to fit a new schema version, in the transaction that publishes it."""

from collections.abc import Iterator

from sqlalchemy import Connection, ForeignKeyConstraint, Index, Table, func, text
from sqlalchemy.schema import AddConstraint, CreateColumn

from crm_app.definitions.field import OWNER, FieldDefinition
from crm_app.definitions.object import ObjectDefinition
from crm_app.definitions.package import Package
from crm_app.fields.user import USER_OBJECT
from crm_app.storage.names import identifier
from crm_app.storage.system_tables import UserRow, table_of
from crm_app.storage.tables import TableSet, field_columns

DDL_LOCK_TIMEOUT_MS = 2_000


def change_tables(connection: Connection, before: Package, after: Package) -> None:
    """Creates what is new. What a new version no longer names stays in the database: leaving out is not destroying."""
    connection.execute(text(f"SET LOCAL lock_timeout = {DDL_LOCK_TIMEOUT_MS}"))
    tables = TableSet(after.by_name.values())
    for definition in after.objects:
        old = before.by_name.get(definition.name)
        if old is None:
            tables[definition.name].create(connection)
        else:
            _add_columns(connection, tables[definition.name], old, definition)
    for definition in after.objects:
        old_fields = before.by_name[definition.name].all_fields if definition.name in before.by_name else {}
        for field in (OWNER, *definition.fields):
            if field.field_type.is_relation and field.name not in old_fields:
                _add_foreign_key(connection, tables, definition, field)
    wanted = {index.name: index for d in after.objects for index in indexes(tables[d.name], d, after)}
    had_tables = TableSet(before.by_name.values())
    had = {index.name for d in before.objects for index in indexes(had_tables[d.name], d, before)}
    for name, index in wanted.items():
        if name not in had:
            index.create(connection, checkfirst=True)


def _add_columns(connection: Connection, table: Table, old: ObjectDefinition, new: ObjectDefinition) -> None:
    columns = [c for field in new.fields if field.name not in old.all_fields for c in field_columns(field)]
    if columns:
        name = connection.dialect.identifier_preparer.format_table(table)
        added = ", ".join(f"ADD COLUMN {CreateColumn(column).compile(connection)}" for column in columns)
        connection.exec_driver_sql(f"ALTER TABLE {name} {added}")


def _add_foreign_key(
    connection: Connection, tables: TableSet, definition: ObjectDefinition, field: FieldDefinition
) -> None:
    target = table_of(UserRow) if field.target == USER_OBJECT else tables[field.target]
    table = tables[definition.name]
    name = identifier(definition.name, f"{field.name}_target")
    key = ForeignKeyConstraint([table.c[field.name]], [target.c["id"]], name=name)
    table.append_constraint(key)
    connection.execute(AddConstraint(key))


def indexes(table: Table, definition: ObjectDefinition, package: Package) -> Iterator[Index]:
    """Derived from what the definitions do: the default list, relations, pipelines, searches, uniqueness, views."""
    live = table.c.deleted_at.is_(None)
    yield _index(table, "created_at", table.c.created_at, table.c.id, postgresql_where=live)
    yield _index(table, "owner", table.c.owner, table.c.created_at, table.c.id, postgresql_where=live)
    for field in definition.fields:
        column = table.c[field.name]
        if field.field_type.is_relation:
            yield _index(table, field.name, column, table.c.created_at, table.c.id, postgresql_where=live)
        if field.unique:
            key = func.lower(column) if field.rule_type.kind == "text" else column
            yield _index(table, f"{field.name}_unique", key, unique=True, postgresql_where=live)
        if field.name == definition.name_field or field.searchable:
            yield _index(
                table,
                f"{field.name}_trigram",
                func.lower(column).label("words"),
                postgresql_using="gin",
                postgresql_ops={"words": "gin_trgm_ops"},
            )
        if field.name == definition.name_field:
            yield _index(table, f"{field.name}_order", func.lower(column), table.c.id, postgresql_where=live)
    for pipeline in definition.pipelines:
        yield _index(
            table,
            f"{pipeline.field}_stage",
            table.c[pipeline.field],
            table.c.created_at,
            table.c.id,
            postgresql_where=live,
        )
    yield from _for_views(table, definition, package)


def _for_views(table: Table, definition: ObjectDefinition, package: Package) -> Iterator[Index]:
    """A view's sort, led by the pipeline's field when it has one, so that a filtered list reads only its first page.
    Every object has an index by name and by creation already.
    """
    live = table.c.deleted_at.is_(None)
    for view in package.views:
        if view.object != definition.name or not view.sort:
            continue
        sort = definition.all_fields[view.sort[0].field]
        key = sort_key(table, sort.name, sort.rule_type.kind)
        if sort.name not in ("created_at", definition.name_field):
            yield _index(table, f"{sort.name}_sort", key, table.c.id, postgresql_where=live)
        for pipeline in definition.pipelines if sort.name != "created_at" else ():
            yield _index(
                table,
                f"{pipeline.field}_{sort.name}_sort",
                table.c[pipeline.field],
                key,
                table.c.id,
                postgresql_where=live,
            )


def sort_key(table: Table, field: str, kind: str) -> object:
    """Text sorts without regard to case; everything else by its value."""
    return func.lower(table.c[field]) if kind == "text" else table.c[field]


def _index(table: Table, purpose: str, *keys: object, **settings: object) -> Index:
    return Index(identifier(table.name, purpose), *keys, **settings)  # pyright: ignore[reportArgumentType]
