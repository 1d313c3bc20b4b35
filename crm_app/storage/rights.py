"""What the database role of the running product may do: whatever its work needs, and nothing to what has happened.

It owns the tables of records, because publishing changes them at run time. The system's own tables belong to the role
that sets the database up, so that no statement of the product, injected or mistaken, changes their shape, drops them,
or touches a line of the audit.
"""

from sqlalchemy import Connection, text

from crm_app.storage.system_tables import RECORD_SCHEMA, SYSTEM_SCHEMA

_RIGHTS = (
    f'GRANT USAGE ON SCHEMA "{SYSTEM_SCHEMA}" TO {{role}}',
    f'GRANT SELECT, INSERT, UPDATE, DELETE, REFERENCES ON ALL TABLES IN SCHEMA "{SYSTEM_SCHEMA}" TO {{role}}',
    f'GRANT USAGE, SELECT ON ALL SEQUENCES IN SCHEMA "{SYSTEM_SCHEMA}" TO {{role}}',
    f'REVOKE UPDATE, DELETE ON "{SYSTEM_SCHEMA}".audit FROM {{role}}',
    f'REVOKE INSERT, UPDATE, DELETE ON "{SYSTEM_SCHEMA}".alembic_version FROM {{role}}',
    f'GRANT SELECT ON ALL TABLES IN SCHEMA "{RECORD_SCHEMA}" TO {{role}}',
    f'ALTER SCHEMA "{RECORD_SCHEMA}" OWNER TO {{role}}',
)
_STRANGE_TABLES = text(
    "SELECT relname FROM pg_class WHERE relnamespace = CAST(:schema AS regnamespace) AND relkind IN ('r', 'S') "
    "AND relowner <> CAST(:role AS regrole) ORDER BY relkind = 'S', relname"
)


def give_rights(connection: Connection, role: str) -> None:
    """Safe to repeat. Tables of records from before there were two roles change hands."""
    quoted = connection.dialect.identifier_preparer.quote_identifier(role)
    for statement in _RIGHTS:
        connection.exec_driver_sql(statement.format(role=quoted))
    strange = connection.execute(_STRANGE_TABLES, {"schema": RECORD_SCHEMA, "role": quoted}).scalars().all()
    for name in strange:
        table = connection.dialect.identifier_preparer.quote_identifier(name)
        connection.exec_driver_sql(f'ALTER TABLE "{RECORD_SCHEMA}".{table} OWNER TO {quoted}')
