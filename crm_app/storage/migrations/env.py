"""Alembic's entry point: it runs on the connection that `migrate` hands over, never on one of its own."""

from alembic import context

from crm_app.storage.system_tables import SYSTEM_SCHEMA, SystemTable

context.configure(
    connection=context.config.attributes["connection"],
    target_metadata=SystemTable.metadata,
    version_table_schema=SYSTEM_SCHEMA,
    include_schemas=True,
    include_name=lambda name, kind, _parents: kind != "schema" or name == SYSTEM_SCHEMA,
)
with context.begin_transaction():
    context.run_migrations()
