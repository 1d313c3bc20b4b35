"""Entries of the audit, newest first, by what somebody looks for. An entry's id says when it was written, so a page
costs the same however many entries there are.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

from sqlalchemy import Connection, Row, text

TEXT_SCAN = 100_000
_COLUMNS = "id, at, name, object, record, version, actor, changes, correlation, reason"
_SLACK = timedelta(hours=1)
_WHERE = {
    "actors": "actor ->> 'user' = ANY(:actors)",
    "objects": "object = ANY(:objects)",
    "record": "record = :record",
    "names": "name = ANY(:names)",
    "correlation": "(correlation = :correlation OR id = :correlation)",
    "since": "at >= :since AND id >= :since_id",
    "until": "at < :until AND id < :until_id",
    "after": "id < :after",
}
_TEXT = (
    "(name ILIKE :text OR reason ILIKE :text OR actor ->> 'name' ILIKE :text OR actor ->> 'automation' ILIKE :text "
    "OR ((:all OR object = ANY(:open)) AND changes::text ILIKE :text))"
)
_NAMES = text(
    "WITH RECURSIVE found AS ((SELECT name FROM crm.audit ORDER BY name LIMIT 1) UNION ALL SELECT "
    "(SELECT name FROM crm.audit a WHERE a.name > found.name ORDER BY name LIMIT 1) FROM found WHERE name IS NOT NULL) "
    "SELECT name FROM found WHERE name IS NOT NULL"
)


@dataclass(frozen=True)
class AuditFilter:
    """`None` and nothing leave a part out. Text is looked for in the values of `open_objects` alone, or of all where
    that is `None`.
    """

    actors: list[str] | None = None
    objects: list[str] | None = None
    names: list[str] | None = None
    record: UUID | None = None
    correlation: UUID | None = None
    since: datetime | None = None
    until: datetime | None = None
    text: str = ""
    open_objects: list[str] | None = None
    after: UUID | None = None


def entries(connection: Connection, wanted: AuditFilter, limit: int) -> tuple[Sequence[Row[Any]], UUID | None]:
    """Up to `limit`, and from where to go on; with a text at most the next `TEXT_SCAN` entries are looked through."""
    where, values = _conditions(wanted)
    chosen = f"SELECT {_COLUMNS} FROM crm.audit {where} ORDER BY id DESC LIMIT :limit"  # noqa: S608 - only constants
    values["limit"] = limit + 1
    if wanted.text:
        values |= {"limit": TEXT_SCAN, "found": limit + 1, "text": _pattern(wanted.text)}
        values |= {"all": wanted.open_objects is None, "open": list(wanted.open_objects or ())}
        query = f"SELECT * FROM ({chosen}) a WHERE {_TEXT} ORDER BY id DESC LIMIT :found"  # noqa: S608 - likewise
    else:
        query = chosen
    found = connection.execute(text(query), values).all()
    if len(found) > limit:
        return found[:limit], found[limit - 1].id
    if wanted.text:
        beyond = f"SELECT id FROM crm.audit {where} ORDER BY id DESC OFFSET :limit - 1 LIMIT 1"  # noqa: S608 - likewise
        return found, connection.execute(text(beyond), values).scalar_one_or_none()
    return found, None


def known_names(connection: Connection) -> list[str]:
    """Every kind of entry that there is, one look into the index for each."""
    return list(connection.execute(_NAMES).scalars())


def _conditions(wanted: AuditFilter) -> tuple[str, dict[str, Any]]:
    values: dict[str, Any] = {name: value for name in _WHERE if (value := getattr(wanted, name)) is not None}
    used = [_WHERE[name] for name in values]
    if wanted.since:
        values["since_id"] = _edge(wanted.since - _SLACK)
    if wanted.until:
        values["until_id"] = _edge(wanted.until + _SLACK)
    return (f"WHERE {' AND '.join(used)}" if used else ""), values


def _edge(at: datetime) -> UUID:
    """The first id of that moment."""
    return UUID(int=max(0, int(at.timestamp() * 1000)) << 80)


def _pattern(words: str) -> str:
    escaped = words.replace("\\", "\\\\").replace("%", "\\%").replace("_", "\\_")
    return f"%{escaped}%"
