"""The audit as an administrator reads it: every entry, and of records only what this very administrator may see."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import Row, select

from crm_app.definitions.field import FieldDefinition
from crm_app.definitions.object import ObjectDefinition
from crm_app.kernel.errors import Invalid, Problem
from crm_app.services.audit_words import actor_text, plain_text
from crm_app.services.in_person import require_administrator
from crm_app.services.timeline import FieldChange, Say, plain, value_of
from crm_app.services.unit_of_work import UnitOfWork
from crm_app.storage import audit_search
from crm_app.storage.audit_search import AuditFilter
from crm_app.storage.history import by_new_names
from crm_app.storage.system_tables import UserRow, table_of

PAGE = 50
MAX_PAGE = 1_000
MAX_TEXT = 200
_MAX_PEOPLE = 50
# What entries are about that are about no record.
_OWN = ("user", "team", "role", "exchange_rate", "workspace")
_USERS = table_of(UserRow)


@dataclass(frozen=True)
class AuditQuery:
    """`who` is a person's id, or part of a name or an address; `correlation` a run, an import or a bulk change."""

    who: str = ""
    object: str = ""
    name: str = ""
    record: UUID | None = None
    correlation: UUID | None = None
    since: datetime | None = None
    until: datetime | None = None
    text: str = ""
    after: UUID | None = None
    limit: int = PAGE


@dataclass(frozen=True)
class AuditEntry:
    """`is_closed`: it is about a record, or fields, that the reader may not see, so what changed is left out."""

    id: UUID
    at: datetime
    name: str
    actor: Mapping[str, Any]
    who: str
    object: str
    label: str
    record: UUID | None
    record_name: str
    version: int
    changes: tuple[FieldChange, ...]
    is_closed: bool
    correlation: UUID | None
    reason: str


@dataclass(frozen=True)
class AuditPage:
    """`next` is where the page after this one begins; a page may be short and still have one."""

    entries: tuple[AuditEntry, ...]
    next: UUID | None


def read_audit(work: UnitOfWork, query: AuditQuery, say: Say = plain) -> AuditPage:
    require_administrator(work, "read the audit")
    if not 1 <= query.limit <= MAX_PAGE:
        raise Invalid("The audit can't be read so.", [Problem("limit", f"Between 1 and {MAX_PAGE:,}.")])
    wanted = _filter(work, query)
    if wanted.actors is not None and not wanted.actors:
        return AuditPage((), None)
    found, following = audit_search.entries(work.connection, wanted, query.limit)
    return AuditPage(tuple(_Reader(work, found, say).entries()), following)


def every_entry(work: UnitOfWork, query: AuditQuery) -> Iterator[AuditEntry]:
    """All pages, one after the other."""
    query = replace(query, limit=MAX_PAGE)
    while True:
        page = read_audit(work, query)
        yield from page.entries
        if page.next is None:
            return
        query = replace(query, after=page.next)


def known_actions(work: UnitOfWork) -> list[str]:
    require_administrator(work, "read the audit")
    return audit_search.known_names(work.connection)


def _filter(work: UnitOfWork, query: AuditQuery) -> AuditFilter:
    definition = work.catalog.by_name.get(query.object)
    names = [query.object, *(definition.former_names if definition else ())]
    return AuditFilter(
        actors=_people(work, query.who) if query.who else None,
        objects=names if query.object else None,
        names=[query.name] if query.name else None,
        record=query.record,
        correlation=query.correlation,
        since=query.since,
        until=query.until,
        text=query.text.strip()[:MAX_TEXT],
        open_objects=_open_objects(work),
        after=query.after,
    )


def _people(work: UnitOfWork, who: str) -> list[str]:
    pattern = f"%{who.strip()[:MAX_TEXT].replace('%', '').replace('_', '')}%"
    named = _USERS.c.name.ilike(pattern) | _USERS.c.email.ilike(pattern)
    found = work.connection.execute(select(_USERS.c.id).where(named).limit(_MAX_PEOPLE)).scalars()
    return [who.strip(), *map(str, found)]


def _open_objects(work: UnitOfWork) -> list[str] | None:
    """Whose values may be searched: otherwise a search would tell what a closed field held. `None` for all."""
    known = work.schema.stored.objects
    is_open = [each for each in known if _is_open(work, each)]
    if len(is_open) == len(known):
        return None
    return ["", *_OWN, *(name for each in is_open for name in (each.name, *each.former_names))]


def _is_open(work: UnitOfWork, definition: ObjectDefinition) -> bool:
    name = definition.name
    is_live = name in work.catalog.by_name
    return is_live and work.reach("read", name).everyone and not work.closed(name) and work.access(name).allows("read")


class _Reader:
    """Of one page; what records are called is asked once for each object."""

    def __init__(self, work: UnitOfWork, rows: Sequence[Row[Any]], say: Say) -> None:
        self._work, self._rows, self._say = work, rows, say
        self._objects = {
            name: definition
            for definition in work.catalog.by_name.values()
            for name in (*definition.former_names, definition.name)
            if work.access(definition.name).allows("read")
        }
        self._called = self._names()

    def entries(self) -> Iterator[AuditEntry]:
        for row in self._rows:
            definition = self._objects.get(row.object)
            is_data = row.name.startswith(("record.", "records."))
            called = self._called.get((definition.name, row.record)) if definition and row.record else None
            is_seen = not is_data or self._is_seen(definition, row.record, called)
            changes = self._changes(row, definition) if is_seen else ()
            yield AuditEntry(
                id=row.id,
                at=row.at,
                name=row.name,
                actor=row.actor,
                who=actor_text(self._work, row.actor),
                object=row.object,
                label=definition.label if definition else row.object.replace("_", " "),
                record=row.record,
                record_name=called or "",
                version=row.version,
                changes=tuple(changes),
                is_closed=not is_seen,
                correlation=row.correlation,
                reason=row.reason,
            )

    def _is_seen(self, definition: ObjectDefinition | None, record: UUID | None, called: str | None) -> bool:
        if definition is None:
            return False
        return _is_open(self._work, definition) if record is None else called is not None or self._sees_all(definition)

    def _sees_all(self, definition: ObjectDefinition) -> bool:
        return self._work.reach("read", definition.name).everyone

    def _names(self) -> dict[tuple[str, UUID], str]:
        wanted: dict[str, set[UUID]] = {}
        for row in self._rows:
            definition = self._objects.get(row.object)
            if definition and row.record:
                wanted.setdefault(definition.name, set()).add(row.record)
        found: dict[tuple[str, UUID], str] = {}
        for name, ids in wanted.items():
            closed = self._work.catalog.by_name[name].name_field in self._work.closed(name)
            reach = self._work.reach("read", name)
            names = self._work.records.names(name, list(ids), reach, with_deleted=True)
            found |= {(name, each): "" if closed else called for each, called in names.items()}
        return found

    def _changes(self, row: Row[Any], definition: ObjectDefinition | None) -> Iterable[FieldChange]:
        if definition is None or not row.name.startswith("record."):
            for name, (before, after) in row.changes.items():
                yield FieldChange(name.replace("_", " ").capitalize(), plain_text(before), plain_text(after))
            return
        readable = set(self._work.fields(definition.name) or {})
        for name, (before, after) in by_new_names(row.changes, definition).items():
            field = definition.all_fields.get(name)
            if field is not None and name in readable:
                yield FieldChange(field.label, self._text(field, before), self._text(field, after))

    def _text(self, field: FieldDefinition, dumped: Any) -> str:
        return value_of(self._work, field, dumped, self._say)
