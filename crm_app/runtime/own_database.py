"""A check of the server that DATABASE_URL names, before anything is written to it."""

from typing import LiteralString

import psycopg
from psycopg.conninfo import conninfo_to_dict

from crm_app.runtime.process import CannotStart

OLDEST_VERSION = 15
_TIMEOUT_SECONDS = 5
_QUESTIONS: LiteralString = """
    SELECT current_setting('server_version_num')::int / 10000,
           has_database_privilege(current_database(), 'CREATE'),
           EXISTS (SELECT FROM pg_available_extensions WHERE name = 'pg_trgm'),
           current_user, current_database()
"""


def libpq_url(url: str) -> str:
    """SQLAlchemy's spelling names a driver, which PostgreSQL's own library does not know."""
    scheme, separator, rest = url.partition("://")
    return f"{scheme.partition('+')[0]}{separator}{rest}"


def check_own_database(url: str) -> int:
    """The server's major version; refuses, in one sentence, a server that cannot hold a workspace."""
    place = _place(url)
    try:
        with psycopg.connect(libpq_url(url), connect_timeout=_TIMEOUT_SECONDS) as connection:
            answer = connection.execute(_QUESTIONS).fetchone()
    except psycopg.OperationalError as error:
        raise CannotStart(_sentence(str(error), place)) from error
    version, may_create, has_trigrams, user, database = answer or (0, False, False, "", "")
    if version < OLDEST_VERSION:
        raise CannotStart(
            f"DATABASE_URL names PostgreSQL {version} at {place}; Trellis needs {OLDEST_VERSION} or later."
        )
    if not may_create:
        raise CannotStart(
            f"'{user}' may not create schemas in '{database}'. As its owner run: "
            f'GRANT CREATE ON DATABASE "{database}" TO "{user}";'
        )
    if not has_trigrams:
        raise CannotStart(f"The PostgreSQL at {place} lacks the extension pg_trgm. Install its contrib package there.")
    return int(version)


def _place(url: str) -> str:
    """Host, port and database, never the password."""
    try:
        parts = conninfo_to_dict(libpq_url(url))
    except psycopg.ProgrammingError as error:
        raise CannotStart(
            "DATABASE_URL is not an address of PostgreSQL. It looks like postgresql://user:password@host:5432/database."
        ) from error
    host, port = parts.get("host", "localhost"), parts.get("port", "5432")
    return f"{host}:{port}/{parts.get('dbname', '')}"


def _sentence(said: str, place: str) -> str:
    """`said` is the library's text in English, which it always is for what it finds itself."""
    if "password" in said or "authentication" in said:
        return f"PostgreSQL at {place} refuses the user or password in DATABASE_URL. Correct them."
    if "does not exist" in said:
        return f"PostgreSQL at {place} has no such database or user. Create it or correct DATABASE_URL."
    reason = said.strip().splitlines()[-1].strip()
    return f"Cannot connect to PostgreSQL at {place}: {reason} Start that server or correct DATABASE_URL."
