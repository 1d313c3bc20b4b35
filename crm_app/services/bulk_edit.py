"""One change of many records, or the end of many. Each record is changed as if it were the only one, with its own
permission, gates, audit and news; one that is refused stays as it was, says why, and doesn't keep the others back.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any
from uuid import UUID

from crm_app.definitions.object import ObjectDefinition
from crm_app.kernel.errors import Conflict, Forbidden, Invalid, NotFound, Problem, TrellisError
from crm_app.kernel.events import RecordRef
from crm_app.services.audit_entries import Entry, begin_together
from crm_app.services.duplicates import Passes, never
from crm_app.services.lists import name_of, record_filter
from crm_app.services.record_editor import Editor, absent, fetch_records, stale
from crm_app.services.record_query import RecordQuery
from crm_app.services.records import MAX_BULK, delete_record
from crm_app.services.unit_of_work import UnitOfWork
from crm_app.services.values import BadValues, parsed_values
from crm_app.storage.shape import StoredRecord

_REFUSALS = (Invalid, Forbidden, Conflict, NotFound)


@dataclass(frozen=True)
class Chosen:
    """A record as it was when it was chosen. Without a version it is taken as it is now."""

    id: UUID
    version: int | None = None


@dataclass(frozen=True)
class Refused:
    """`name` is empty where the actor can't see the record, or what it is called."""

    ref: RecordRef
    name: str
    code: str
    message: str
    problems: tuple[Problem, ...] = ()

    @property
    def reason(self) -> str:
        return " ".join(problem.sentence for problem in self.problems) or self.message


@dataclass
class BulkReport:
    """`done` are the records that are now as asked, those included that were so before."""

    done: list[UUID] = field(default_factory=list[UUID])
    refused: list[Refused] = field(default_factory=list[Refused])


def choose_records(
    work: UnitOfWork, query: RecordQuery, limit: int = MAX_BULK, after: UUID | None = None
) -> list[Chosen]:
    """What the query lists, as it is now, in the order of the ids and after one of them."""
    work.require("bulk", query.object)
    found = work.records.versions(record_filter(work, query), limit, after)
    return [Chosen(record, version) for record, version in found]


def edit_records(
    work: UnitOfWork, name: str, chosen: Sequence[Chosen], raw: Mapping[str, Any], passes: Passes = never
) -> BulkReport:
    """What is wrong for every record is refused as a whole: an unknown field, a value that can't be read."""
    definition = _definition(work, name, chosen)
    work.require("edit", name)
    if "owner" in raw:
        work.require("transfer", name)
    _require_usable(work, definition, raw)
    begin_together(work, _entry("records.bulk_edited", name, chosen, fields=sorted(raw)))
    editor = Editor(work, definition, passes)
    return _each(work, definition, chosen, lambda before: editor.change(before, raw))


def delete_records(work: UnitOfWork, name: str, chosen: Sequence[Chosen]) -> BulkReport:
    definition = _definition(work, name, chosen)
    work.require("delete", name)
    begin_together(work, _entry("records.bulk_deleted", name, chosen))

    def delete(before: StoredRecord) -> None:
        """One that is no longer there went with another of them."""
        ref = RecordRef(name, before.id)
        if fetch_records(work, definition, [before.id], absent_too=True):
            delete_record(work, ref)

    return _each(work, definition, chosen, delete)


def _entry(action: str, name: str, chosen: Sequence[Chosen], **more: Any) -> Entry:
    return Entry(action, name, after={"records": len(chosen), **more})


def _definition(work: UnitOfWork, name: str, chosen: Sequence[Chosen]) -> ObjectDefinition:
    definition = work.definition(name)
    work.require("bulk", name)
    if not 1 <= len(chosen) <= MAX_BULK:
        raise BadValues(f"Between 1 and {MAX_BULK:,} {definition.plural.lower()} are changed at once.")
    if len({each.id for each in chosen}) < len(chosen):
        raise BadValues(f"The same {definition.label.lower()} is chosen twice.")
    return definition


def _require_usable(work: UnitOfWork, definition: ObjectDefinition, raw: Mapping[str, Any]) -> None:
    if not raw:
        raise BadValues("Nothing was saved: choose a field to change.")
    _, problems = parsed_values(work, definition, raw)
    problems += [
        Problem(each.name, f"{each.label} can't be changed for many records: a file belongs to one.")
        for each in definition.file_fields
        if raw.get(each.name)
    ]
    if problems:
        raise BadValues("Nothing was saved. Please correct what is marked.", problems)


def _each(
    work: UnitOfWork,
    definition: ObjectDefinition,
    chosen: Sequence[Chosen],
    apply: Callable[[StoredRecord], object],
) -> BulkReport:
    """Versions are compared before the first change: the records are locked, so what follows is only our own doing."""
    report = BulkReport()
    found = fetch_records(work, definition, [each.id for each in chosen], absent_too=True)
    for each in chosen:
        ref = RecordRef(definition.name, each.id)
        before = found.get(each.id)
        if before is None:
            report.refused.append(_refused(ref, "", absent(definition)))
            continue
        try:
            _require_fresh(work, definition, before, each)
            with work.savepoint():
                work.require("bulk", definition.name, [before])
                apply(before)
        except _REFUSALS as refusal:
            report.refused.append(_refused(ref, _name(work, definition, before), refusal))
        else:
            report.done.append(each.id)
    return report


def _require_fresh(work: UnitOfWork, definition: ObjectDefinition, before: StoredRecord, chosen: Chosen) -> None:
    if chosen.version not in (None, before.version):
        raise stale(work, definition, before, {}, chosen.version or 0)


def _name(work: UnitOfWork, definition: ObjectDefinition, record: StoredRecord) -> str:
    closed = work.access(definition.name).hidden | work.access(definition.name).masked
    return "" if definition.name_field in closed else name_of(definition, record.values)


def _refused(ref: RecordRef, name: str, refusal: TrellisError) -> Refused:
    return Refused(ref, name, refusal.code, refusal.message, tuple(refusal.problems))
