"""Brings the system's own tables to the current shape. Customers' tables are the business of `ddl`."""

from functools import cache
from pathlib import Path

from alembic import command
from alembic.config import Config
from alembic.runtime.migration import MigrationContext
from alembic.script import ScriptDirectory
from sqlalchemy import Connection, text

from crm_app.storage import access_tables as access_tables  # likewise
from crm_app.storage import account_tables as account_tables  # known to whoever compares models with migrations
from crm_app.storage import connection_tables as connection_tables  # likewise
from crm_app.storage import conversion_tables as conversion_tables
from crm_app.storage import delegation_tables as delegation_tables  # likewise
from crm_app.storage import draft_tables as draft_tables  # likewise
from crm_app.storage import notification_table as notification_table  # likewise
from crm_app.storage import rate_tables as rate_tables  # likewise
from crm_app.storage import wait_tables as wait_tables  # likewise
from crm_app.storage.system_tables import RECORD_SCHEMA, SYSTEM_SCHEMA

_ADVISORY_LOCK = 7_305_001
# Case folding by Unicode, as rules do it in Python. Built into PostgreSQL 18; older servers make it with ICU.
_COLLATION = """
DO $$ BEGIN
    IF NOT EXISTS (SELECT FROM pg_collation WHERE collname = 'pg_unicode_fast') THEN
        CREATE COLLATION public.pg_unicode_fast (provider = icu, locale = 'und');
    END IF;
END $$
"""


def alembic_config(connection: Connection | None = None) -> Config:
    config = Config()
    config.set_main_option("script_location", str(Path(__file__).parent / "migrations"))
    config.set_main_option("path_separator", "os")
    config.attributes["connection"] = connection
    return config


@cache
def _newest() -> str | None:
    """Alembic compiles every migration to know."""
    return ScriptDirectory.from_config(alembic_config()).get_current_head()


def _is_current(connection: Connection) -> bool:
    context = MigrationContext.configure(connection, opts={"version_table_schema": SYSTEM_SCHEMA})
    return context.get_current_revision() == _newest()


def migrate(connection: Connection) -> None:
    """Runs in the caller's transaction; a second process waits for the first. Where nothing is to be done, no right to
    do it is needed.
    """
    if _is_current(connection):
        return
    connection.execute(text("SELECT pg_advisory_xact_lock(:lock)"), {"lock": _ADVISORY_LOCK})
    for schema in (SYSTEM_SCHEMA, RECORD_SCHEMA):
        connection.execute(text(f'CREATE SCHEMA IF NOT EXISTS "{schema}"'))
    connection.execute(text("CREATE EXTENSION IF NOT EXISTS pg_trgm"))
    connection.execute(text(_COLLATION))
    command.upgrade(alembic_config(connection), "head")
