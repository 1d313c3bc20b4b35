"""One workspace is one database. Its `work` is the only way to records: it knows the actor, or refuses."""

import threading
from collections.abc import Generator
from contextlib import contextmanager, suppress
from functools import partial
from pathlib import Path
from uuid import UUID

from sqlalchemy import Connection, Engine, TextClause, text
from sqlalchemy.exc import SQLAlchemyError

from crm_app.access.who import Who
from crm_app.kernel.actor import Actor
from crm_app.kernel.settings import SecretKeys
from crm_app.services.identification import NotSetUp as NotSetUp
from crm_app.services.identification import identify
from crm_app.services.key_uses import KeyUses
from crm_app.services.live import Access, Schema, load_access, load_person, load_schema
from crm_app.services.session_uses import LastUse
from crm_app.services.slow_lists import SlowLists
from crm_app.services.standing import standing
from crm_app.services.tools import Tools
from crm_app.services.unit_of_work import FACTS, OUTBOX_CHANNEL, UnitOfWork
from crm_app.storage.engine import (
    DatabaseDown,
    connected,
    looking,
    open_engine,
    opened_to_records,
    transaction,
    without_transactions,
)
from crm_app.storage.file_store import FileStore
from crm_app.storage.secret_box import SecretBox

_TAKE = text("SELECT pg_try_advisory_lock(:key, hashtext(:name))")
_NEWS, _FACTS = text(f"NOTIFY {OUTBOX_CHANNEL}"), text(f"NOTIFY {OUTBOX_CHANNEL}, '{FACTS}'")


class Workspace:
    """Safe to share between threads; every process has its own."""

    def __init__(
        self, engine: Engine, files: Path | None = None, keys: SecretKeys | None = None, *, runs_code: bool = False
    ) -> None:
        self.engine = engine
        self._files = FileStore(files) if files else None
        self._reader = without_transactions(engine)
        self.tools = Tools(SlowLists(engine), SecretBox(keys), runs_code)
        self._key_uses = KeyUses(engine)
        self._last_use = LastUse(self._reader)
        self._lock = threading.Lock()
        self._schema: Schema | None = None
        self._access: Access | None = None

    @staticmethod
    def open(
        database_url: str,
        *,
        pool_size: int = 10,
        files: Path | None = None,
        keys: SecretKeys | None = None,
        runs_code: bool = False,
    ) -> "Workspace":
        """`files` is the folder of their content, for a process that takes files in or gives them out; `keys` opens
        stored secrets, for a process that uses them; `runs_code` as `Settings` say it.
        """
        return Workspace(open_engine(database_url, pool_size=pool_size), files, keys, runs_code=runs_code)

    @property
    def files(self) -> FileStore:
        if self._files is None:
            raise RuntimeError("This process was started without a folder for files.")
        return self._files

    @contextmanager
    def owned(self) -> Generator[Connection]:
        """A transaction of the product's own housekeeping, which touches no record."""
        with transaction(self.engine) as connection:
            yield connection

    @contextmanager
    def alone(self, key: int, name: str) -> Generator[bool]:
        """Whether nobody else is at this now, in any process; until the end, and in no transaction that stays open."""
        with connected(self._reader) as connection:
            is_alone = bool(connection.execute(_TAKE, {"key": key, "name": name}).scalar_one())
            try:
                yield is_alone
            finally:
                connection.invalidate()  # and with it the lock, whatever happened to the connection

    def close(self) -> None:
        self.tools.slow_lists.close()
        self._key_uses.close()
        self.engine.dispose()

    @contextmanager
    def work(self, actor: Actor) -> Generator[UnitOfWork]:
        """One transaction as one actor: committed at the end, rolled back whole if anything is raised."""
        with transaction(self.engine) as connection:
            unit = self._begin(connection, actor)
            with looking(connection, is_only=unit.standing.only_looks):
                yield unit
                unit.flush()
        self._last_use.note(actor)
        if unit.has_news or unit.has_facts:
            self._announce(_NEWS if unit.has_news else _FACTS)
        for follow_up in unit.after_commit:
            follow_up(self.engine)

    def _announce(self, what: TextClause) -> None:
        """Wakes the relay, after the commit: inside it, PostgreSQL would let only one transaction at a time reach the
        disk. If this is lost, the relay finds the news a second later by itself.
        """
        with suppress(DatabaseDown, SQLAlchemyError), connected(self._reader) as connection:
            connection.execute(what)

    @contextmanager
    def reading(self, actor: Actor) -> Generator[UnitOfWork]:
        """A unit of work that only reads, at half the round trips: no transaction, and no grant for any change."""
        with connected(self._reader) as connection:
            yield self._begin(connection, actor, only_reads=True)
        self._last_use.note(actor)

    def _begin(self, connection: Connection, actor: Actor, *, only_reads: bool = False) -> UnitOfWork:
        identity = identify(connection, actor)
        schema = self._current_schema(connection, identity.schema_version)
        access = self._current_access(connection, identity.access_version)
        found = standing(
            actor,
            identity,
            lambda who: access.judge(who, schema),
            lambda user: _person(connection, access, user),
        )
        opened_to_records(connection)
        if found.key:
            self._key_uses.note(found.key)
        unit = UnitOfWork(connection, actor, found, schema, self.tools, only_reads=only_reads)
        unit.begin_as = partial(self._begin, connection)
        unit.access_version = access.version
        return unit

    def _current_schema(self, connection: Connection, version: int) -> Schema:
        with self._lock:
            if self._schema is None or self._schema.version != version:
                self._schema = load_schema(connection, version, self._schema)
            return self._schema

    def _current_access(self, connection: Connection, version: int) -> Access:
        with self._lock:
            if self._access is None or self._access.version != version:
                self._access = load_access(connection, version)
            return self._access


def _person(connection: Connection, access: Access, user_id: UUID) -> Who | None:
    if user_id not in access.people:
        access.people[user_id] = load_person(connection, user_id)
    return access.people[user_id]
