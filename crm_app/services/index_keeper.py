"""Keeps the indexes of customers' tables as the live definitions want them, beside everybody's work."""

import logging
import threading
from collections.abc import Iterable
from contextlib import suppress
from dataclasses import dataclass
from datetime import timedelta
from typing import Any

from sqlalchemy import Connection, text
from sqlalchemy.exc import DBAPIError, IntegrityError

from crm_app.kernel import clock
from crm_app.kernel.actor import SystemActor
from crm_app.services.signals import DEFINITIONS_CHANNEL, listening
from crm_app.services.workspace import Workspace
from crm_app.storage.conversions import remove_leftovers
from crm_app.storage.engine import connected, opened_to_records, without_transactions
from crm_app.storage.quick_locks import KEEPER_LOCK
from crm_app.storage.stored_indexes import (
    StoredIndex,
    build,
    drop,
    failures,
    forget_failure,
    note_failure,
    prove_keys,
    stored_indexes,
)
from crm_app.storage.wanted_indexes import WantedIndex, wanted_indexes

LOOK_SECONDS = 30.0
FIRST_LOOK_SECONDS = 3.0
MAX_PAUSE_SECONDS = 5.0
RETRY_AFTER = timedelta(minutes=2)
KEEPER = SystemActor("keeper of indexes")

logger = logging.getLogger(__name__)
_TAKE = text("SELECT pg_try_advisory_lock(:key)")
_GIVE_BACK = text("SELECT pg_advisory_unlock(:key)")
_VERSION = text("SELECT schema_version FROM crm.workspace")


@dataclass(frozen=True)
class Kept:
    """What one look changed; `is_done` is false when another keeper is at work or was told to make way."""

    built: tuple[str, ...] = ()
    dropped: tuple[str, ...] = ()
    proven: int = 0
    is_done: bool = True


class IndexKeeper:
    """One per worker process; an advisory lock lets only one of them work."""

    def __init__(self, workspace: Workspace) -> None:
        self._workspace = workspace

    def run(self, stop: threading.Event) -> None:
        """Until told to stop: at every publication, and now and then; a database that is away is waited for."""
        pause = FIRST_LOOK_SECONDS
        while not stop.wait(pause):
            try:
                with listening(self._workspace, DEFINITIONS_CHANNEL) as wait:
                    while not stop.is_set():
                        kept = self.keep_once()
                        wait(LOOK_SECONDS if kept.is_done else MAX_PAUSE_SECONDS)
            except Exception as error:  # noqa: BLE001 - whatever it is, the next look finds what is left to do
                logger.warning("The keeper of indexes pauses: %s", type(error).__name__)
            pause = MAX_PAUSE_SECONDS

    def keep_once(self) -> Kept:
        """Drops what nobody wants or a killed build left, builds what is missing, proves new relations."""
        remove_leftovers(self._workspace.engine)
        with connected(without_transactions(self._workspace.engine)) as unopened:
            connection = opened_to_records(unopened)
            try:
                if not connection.execute(_TAKE, {"key": KEEPER_LOCK}).scalar_one():
                    return Kept(is_done=False)
                connection.exec_driver_sql("SET statement_timeout = 0")
                connection.exec_driver_sql("SET lock_timeout = 0")
                kept = self._keep(connection)
                connection.execute(_GIVE_BACK, {"key": KEEPER_LOCK})
                return kept
            finally:
                connection.invalidate()  # and with it the settings, and the lock if something went wrong

    def _keep(self, connection: Connection) -> Kept:
        with self._workspace.reading(KEEPER) as work:
            version, wanted = work.schema.version, wanted_indexes(work.catalog)
            tables = {definition.stored for definition in work.catalog.objects}
        stored = {name: index for name, index in stored_indexes(connection).items() if index.table in tables}
        if connection.execute(_VERSION).scalar_one() != version:
            return Kept(is_done=False)  # an index seen here may be one that only the newer version wants
        built: list[str] = []
        dropped: list[str] = []
        try:
            at_once, later = _to_drop(stored, wanted)
            dropped.extend(_dropped(connection, at_once))
            missing = [index for name, index in wanted.items() if name not in stored or name in dropped]
            built.extend(_built(connection, missing))
            dropped.extend(_dropped(connection, later))
            return Kept(tuple(built), tuple(dropped), prove_keys(connection))
        except DBAPIError as error:
            if getattr(error.orig, "sqlstate", "") != "57014":
                raise
            return Kept(tuple(built), tuple(dropped), is_done=False)  # a publication needs the table first


def _to_drop(stored: dict[str, StoredIndex], wanted: dict[str, WantedIndex]) -> tuple[list[str], list[str]]:
    """What stands in the way, at once; what serves lists only when those that take its place are built."""
    unwanted = [name for name, index in stored.items() if name not in wanted or not index.is_valid]
    at_once = [name for name in unwanted if stored[name].is_unique or not stored[name].is_valid]
    return at_once, [name for name in unwanted if name not in at_once]


def _dropped(connection: Connection, names: Iterable[str]) -> Iterable[str]:
    for name in names:
        drop(connection, name)
        yield name


def _built(connection: Connection, missing: Iterable[WantedIndex]) -> Iterable[str]:
    """Unique ones first: they keep a promise, the others only speed things up."""
    failed = failures(connection)
    for index in sorted(missing, key=lambda each: not each.is_unique):
        if index.name in failed and clock.now() - failed[index.name][1] < RETRY_AFTER:
            continue
        try:
            build(connection, index)
        except DBAPIError as error:
            if getattr(error.orig, "sqlstate", "") == "57014" or error.connection_invalidated:
                raise
            note_failure(connection, index.name, _sentence(index, error), clock.now())
            with suppress(DBAPIError):
                drop(connection, index.name)
            continue
        if index.name in failed:
            forget_failure(connection, index.name)
        yield index.name


def _sentence(index: WantedIndex, error: DBAPIError) -> str:
    original: Any = error.orig
    if isinstance(error, IntegrityError):
        return f"{index.reasons[0]}, but some do: {original.diag.message_detail}"
    return f"PostgreSQL refused it: {original.diag.message_primary or type(original).__name__}."
