"""What is in the database, whatever the definitions say."""

from collections.abc import Sequence

from sqlalchemy import Connection, Table, func, or_, select, text

from crm_app.storage.system_tables import RECORD_SCHEMA

_COLUMNS = text("""
SELECT c.relname, array_agg(a.attname::text)
FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace
JOIN pg_attribute a ON a.attrelid = c.oid AND a.attnum > 0 AND NOT a.attisdropped
WHERE n.nspname = :schema AND c.relkind IN ('r', 'p')
GROUP BY c.relname
""")


def stored_columns(connection: Connection) -> dict[str, frozenset[str]]:
    """Every table of records with all its columns, those that no definition names any more included."""
    return {name: frozenset(columns) for name, columns in connection.execute(_COLUMNS, {"schema": RECORD_SCHEMA})}


def count_present(connection: Connection, table: Table, columns: Sequence[str] = ()) -> int:
    """The live records that hold a value in one of the columns; all of them when none is named."""
    query = select(func.count()).select_from(table).where(table.c.deleted_at.is_(None))
    if columns:
        query = query.where(or_(*(table.c[name].is_not(None) for name in columns)))
    return connection.execute(query).scalar_one()
