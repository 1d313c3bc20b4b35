"""A check of the server that DATABASE_URL names, before anything is written to it."""

from dataclasses import dataclass
from typing import LiteralString

import psycopg
from psycopg.conninfo import conninfo_to_dict
from psycopg.rows import class_row

from crm_app.runtime.process import CannotStart

OLDEST_VERSION = 15
_TIMEOUT_SECONDS = 5
_QUESTIONS: LiteralString = """
    SELECT current_setting('server_version_num')::int / 10000 AS version,
           has_database_privilege(current_database(), 'CREATE') AS may_create,
           EXISTS (SELECT FROM pg_available_extensions WHERE name = 'pg_trgm') AS has_trigrams,
           current_user AS user, current_database() AS database
"""


@dataclass(frozen=True)
class _Answer:
    version: int
    may_create: bool
    has_trigrams: bool
    user: str
    database: str


def libpq_url(url: str) -> str:
    """SQLAlchemy's spelling names a driver, which PostgreSQL's own library does not know."""
    scheme, separator, rest = url.partition("://")
    return f"{scheme.partition('+')[0]}{separator}{rest}"


def check_own_database(url: str) -> int:
    """The server's major version; refuses, in one sentence, a server on which Trellis can't work."""
    return _checked(url, "DATABASE_URL").version


def check_set_up(url: str, owner: str = "") -> None:
    """Whether a workspace can be made there, by the role in `owner` or, without one, by that in `url`."""
    answer = _checked(url, "DATABASE_URL")
    if owner:
        of_owner = _checked(owner, "DATABASE_OWNER_URL")
        if of_owner.database != answer.database:
            raise CannotStart("DATABASE_OWNER_URL and DATABASE_URL name different databases. Make them the same.")
        answer = of_owner
    if not answer.may_create:
        raise CannotStart(
            f"'{answer.user}' may not create schemas in '{answer.database}'. As its owner run: "
            f'GRANT CREATE ON DATABASE "{answer.database}" TO "{answer.user}";'
        )


def _checked(url: str, variable: str) -> _Answer:
    answer = _answer(url, variable)
    if answer.version < OLDEST_VERSION:
        raise CannotStart(
            f"{variable} names PostgreSQL {answer.version} at {_place(url)}; Trellis needs {OLDEST_VERSION} or later."
        )
    if not answer.has_trigrams:
        raise CannotStart(
            f"The PostgreSQL at {_place(url)} lacks the extension pg_trgm. Install its contrib package there."
        )
    return answer


def _answer(url: str, variable: str) -> _Answer:
    place = _place(url, variable)
    try:
        with psycopg.connect(libpq_url(url), connect_timeout=_TIMEOUT_SECONDS) as connection:
            (found,) = connection.cursor(row_factory=class_row(_Answer)).execute(_QUESTIONS).fetchall()
    except psycopg.OperationalError as error:
        raise CannotStart(_sentence(str(error), place, variable)) from error
    return found


def _place(url: str, variable: str = "DATABASE_URL") -> str:
    """Host, port and database, never the password."""
    try:
        parts = conninfo_to_dict(libpq_url(url))
    except psycopg.ProgrammingError as error:
        raise CannotStart(
            f"{variable} is not an address of PostgreSQL. It looks like postgresql://user:password@host:5432/database."
        ) from error
    host, port = parts.get("host", "localhost"), parts.get("port", "5432")
    return f"{host}:{port}/{parts.get('dbname', '')}"


def _sentence(said: str, place: str, variable: str) -> str:
    """`said` is the library's text in English, which it always is for what it finds itself."""
    if "password" in said or "authentication" in said:
        return f"PostgreSQL at {place} refuses the user or password in {variable}. Correct them."
    if "does not exist" in said:
        return f"PostgreSQL at {place} has no such database or user. Create it or correct {variable}."
    reason = said.strip().splitlines()[-1].strip()
    return f"Cannot connect to PostgreSQL at {place}: {reason} Start that server or correct {variable}."
