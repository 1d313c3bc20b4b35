"""Which record an outside line became, and what the line said then: so a second import changes nothing."""

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from hashlib import blake2b
from typing import Any
from uuid import UUID

import orjson
from sqlalchemy import Connection, bindparam, text, update

from crm_app.kernel.errors import Conflict
from crm_app.storage.bulk import insert_rows
from crm_app.storage.system_tables import ImportKeyRow, table_of

_KEYS = table_of(ImportKeyRow)
_KNOWN = text("SELECT key, record, fingerprint FROM crm.import_key WHERE source = :source AND key = ANY(:keys)")
_LOCK = text("SELECT pg_try_advisory_xact_lock(hashtextextended(:source, 7305002))")


class AlreadyImporting(Conflict):
    """Two imports of one source would each miss what the other makes."""

    code = "already_importing"


@dataclass(frozen=True)
class Known:
    record: UUID
    fingerprint: str


def hold(connection: Connection, source: str) -> None:
    """Keeps other imports of this source out until the end of the transaction."""
    if not connection.execute(_LOCK, {"source": source}).scalar_one():
        raise AlreadyImporting("Another import by this mapping is running. Try again when it has ended.")


def fingerprint(values: dict[str, Any]) -> str:
    """Of what a line asks for, its references resolved; it changes when the line or the mapping does."""
    return blake2b(orjson.dumps(values, default=str, option=orjson.OPT_SORT_KEYS), digest_size=16).hexdigest()


def known_keys(connection: Connection, source: str, keys: Collection[str]) -> dict[str, Known]:
    rows = connection.execute(_KNOWN, {"source": source, "keys": list(keys)})
    return {key: Known(record, mark) for key, record, mark in rows}


def remember(connection: Connection, source: str, name: str, made: Sequence[tuple[str, UUID, str]]) -> None:
    """New keys: key, record, fingerprint."""
    rows = [
        {"source": source, "key": key, "object": name, "record": record, "fingerprint": mark}
        for key, record, mark in made
    ]
    insert_rows(connection, _KEYS, rows)


def renew(connection: Connection, source: str, marks: Sequence[tuple[str, str]]) -> None:
    """New fingerprints of known keys."""
    if not marks:
        return
    change = update(_KEYS).where(_KEYS.c.source == source, _KEYS.c.key == bindparam("known"))
    parameters = [{"known": key, "mark": mark} for key, mark in marks]
    connection.execute(change.values(fingerprint=bindparam("mark")), parameters)
