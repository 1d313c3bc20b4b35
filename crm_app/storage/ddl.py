"""Changes customers' tables to fit a new schema version, in the transaction that publishes it."""

from collections.abc import Iterator

from alembic.operations import Operations
from alembic.runtime.migration import MigrationContext
from sqlalchemy import Connection, Index, Table, func, text

from crm_app.definitions.object import ObjectDefinition
from crm_app.definitions.package import Package
from crm_app.storage.tables import TableSet, field_columns

DDL_LOCK_TIMEOUT_MS = 2_000
MAX_IDENTIFIER = 63


def change_tables(connection: Connection, before: Package, after: Package) -> None:
    """Creates what is new. What a new version no longer names stays in the database: leaving out is not destroying."""
    connection.execute(text(f"SET LOCAL lock_timeout = {DDL_LOCK_TIMEOUT_MS}"))
    tables = TableSet(after.objects)
    operations = Operations(MigrationContext.configure(connection))
    for definition in after.objects:
        old = before.by_name.get(definition.name)
        if old is None:
            tables[definition.name].create(connection)
        else:
            _add_columns(operations, tables[definition.name], old, definition)
    wanted = {index.name: index for d in after.objects for index in indexes(tables[d.name], d, after)}
    had_tables = TableSet(before.objects)
    had = {index.name for d in before.objects for index in indexes(had_tables[d.name], d, before)}
    for name, index in wanted.items():
        if name not in had:
            index.create(connection, checkfirst=True)


def _add_columns(
    operations: Operations, table: Table, old: ObjectDefinition, new: ObjectDefinition
) -> None:
    for field in new.fields:
        if field.name not in old.all_fields:
            for column in field_columns(field):
                operations.add_column(table.name, column, schema=table.schema)


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
                func.lower(column),
                postgresql_using="gin",
                postgresql_ops={"lower_1": "gin_trgm_ops"},
            )
        if field.name == definition.name_field:
            yield _index(table, f"{field.name}_order", func.lower(column), table.c.id, postgresql_where=live)
    for pipeline in definition.pipelines:
        yield _index(
            table, f"{pipeline.field}_stage", table.c[pipeline.field], table.c.created_at, table.c.id,
            postgresql_where=live,
        )
    yield from _for_views(table, definition, package)


def _for_views(table: Table, definition: ObjectDefinition, package: Package) -> Iterator[Index]:
    """A view's sort, led by the pipeline's field when it has one, so that a filtered list reads only its first page."""
    live = table.c.deleted_at.is_(None)
    for view in package.views:
        if view.object != definition.name or not view.sort:
            continue
        sort = definition.all_fields[view.sort[0].field]
        key = sort_key(table, sort.name, sort.rule_type.kind)
        yield _index(table, f"{sort.name}_sort", key, table.c.id, postgresql_where=live)
        for pipeline in definition.pipelines:
            yield _index(
                table, f"{pipeline.field}_{sort.name}_sort", table.c[pipeline.field], key, table.c.id,
                postgresql_where=live,
            )


def sort_key(table: Table, field: str, kind: str) -> object:
    """Text sorts without regard to case; everything else by its value."""
    return func.lower(table.c[field]) if kind == "text" else table.c[field]


def _index(table: Table, purpose: str, *keys: object, **settings: object) -> Index:
    name = f"{table.name}__{purpose}"
    return Index(name[:MAX_IDENTIFIER], *keys, **settings)  # pyright: ignore[reportArgumentType]
