"""The one place that opens connections. PostgreSQL ≥ 15 through psycopg 3."""

import re
from collections.abc import Generator
from contextlib import contextmanager
from typing import Any, cast

import orjson
from psycopg.errors import ReadOnlySqlTransaction
from sqlalchemy import URL, Connection, Engine, create_engine, event, make_url
from sqlalchemy.exc import InternalError, OperationalError

from crm_app.kernel.errors import Forbidden, TrellisError
from crm_app.storage.system_tables import RECORD_SCHEMA

STATEMENT_TIMEOUT_MS = 30_000
LOCK_TIMEOUT_MS = 10_000
_OPEN = "trellis_records"
_RECORDS = re.compile(rf'\b{RECORD_SCHEMA}"?\s*\.')


class DatabaseDown(TrellisError):
    """PostgreSQL does not answer."""

    code, status = "database_down", 503


def driver_url(database_url: str) -> URL:
    """A `postgresql://` or `postgres://` URL, with the driver the product uses."""
    text = database_url.replace("postgres://", "postgresql://", 1)
    return make_url(text).set(drivername="postgresql+psycopg")


def _dumps(value: Any) -> str:
    return orjson.dumps(value, default=str).decode()


def open_engine(database_url: str, *, pool_size: int = 10) -> Engine:
    timeouts = f"-c statement_timeout={STATEMENT_TIMEOUT_MS} -c lock_timeout={LOCK_TIMEOUT_MS} -c timezone=UTC"
    # A plan made without the values of a filter took 120 ms for a list that takes 0.1 ms, where few records pass it.
    planning = "-c plan_cache_mode=force_custom_plan"
    engine = create_engine(
        driver_url(database_url),
        pool_size=pool_size,
        max_overflow=pool_size,
        pool_pre_ping=False,
        json_serializer=_dumps,
        json_deserializer=orjson.loads,
        connect_args=cast(
            "dict[str, Any]", {"options": f"{timeouts} {planning}", "connect_timeout": 5, "prepare_threshold": 3}
        ),
    )
    event.listen(engine, "before_cursor_execute", _refuse_records)
    return engine


def opened_to_records(connection: Connection) -> Connection:
    """The connection, from now on also for the tables of records. Given by the door, once it knows who asks, and to the
    upkeep of those tables; for anybody else a statement about them is a bug, and refused before it is sent.
    """
    return connection.execution_options(**{_OPEN: True})


def _refuse_records(connection: Connection, _cursor: Any, statement: str, *_others: Any) -> None:
    if _RECORDS.search(statement) and not connection.get_execution_options().get(_OPEN):
        raise RuntimeError("Tables of records are reached through a unit of work only.")


class OnlyLooks(Forbidden):
    """Something wrote in a transaction of somebody who may only look."""

    code = "only_looks"


@contextmanager
def looking(connection: Connection, *, is_only: bool) -> Generator[None]:
    """With `is_only` the database itself refuses whatever would change something, until the transaction ends."""
    if is_only:
        connection.exec_driver_sql("SET TRANSACTION READ ONLY")
    try:
        yield
    except InternalError as error:
        if not isinstance(error.orig, ReadOnlySqlTransaction):
            raise
        raise OnlyLooks("You are looking as somebody else, so nothing can be changed. Stop looking first.") from None


def without_transactions(engine: Engine) -> Engine:
    """The same pool, for reading: each statement sees what is committed, as it does in a transaction of PostgreSQL's
    default isolation, but no BEGIN and COMMIT travel around it.
    """
    return engine.execution_options(isolation_level="AUTOCOMMIT")


@contextmanager
def transaction(engine: Engine) -> Generator[Connection]:
    """One transaction; a connection that the server closed meanwhile is replaced before any work is done on it."""
    with connected(engine) as connection, connection.begin():
        yield connection


@contextmanager
def upkeep(engine: Engine) -> Generator[Connection]:
    """A transaction of the product's own on the tables of records: their shape, never what a person asked for."""
    with transaction(engine) as connection:
        yield opened_to_records(connection)


@contextmanager
def connected(engine: Engine) -> Generator[Connection]:
    """A connection of the pool, given back at the end."""
    try:
        connection = engine.connect()
    except OperationalError as error:
        raise DatabaseDown("The database does not answer. `./trellis doctor` says what to do.") from error
    try:
        yield connection
    finally:
        connection.close()
