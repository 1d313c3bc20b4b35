"""Read, create, change and remove records. Each function reads as its policy: fetch, require, validate, save, tell."""

from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Any

from crm_app.definitions.object import ObjectDefinition
from crm_app.kernel import clock
from crm_app.kernel.errors import Problem
from crm_app.kernel.events import RecordEvent, RecordRef
from crm_app.kernel.ids import new_id
from crm_app.services.attachments import claim_files
from crm_app.services.auto_numbers import give_numbers
from crm_app.services.computed_values import with_computed
from crm_app.services.deletion import Consequences, consequences, delete_with_consequences
from crm_app.services.duplicates import Passes, guarding, never
from crm_app.services.lists import as_record, as_records, expansions, linked_too
from crm_app.services.objects import readable_fields
from crm_app.services.record_checks import problems_of_new, with_defaults
from crm_app.services.record_editor import Editor, absent, fetch_records, others, refuse, stale
from crm_app.services.record_query import Record
from crm_app.services.record_rules import RecordRules
from crm_app.services.saving import saving
from crm_app.services.stages import Gatekeeper
from crm_app.services.targets import (
    dangling,
    places,
    settled,
)
from crm_app.services.unit_of_work import UnitOfWork
from crm_app.services.values import BadValues, parsed_values
from crm_app.storage.shape import StoredRecord

MAX_BULK = 1_000


def get_record(work: UnitOfWork, ref: RecordRef, expand: tuple[str, ...] = (), *, names: bool = True) -> Record:
    """With `names`, every relation comes with the name of what it points at; `expand` brings whole records."""
    definition = work.definition(ref.object)
    named = tuple(f.name for f in readable_fields(work, ref.object) if f.targets) if names else ()
    wanted = expansions(work, ref.object, expand, named)
    found = work.records.one(ref.object, ref.id, work.reach("read", ref.object), wanted)
    if found is None:
        raise absent(definition)
    return linked_too(work, ref.object, (as_record(work, ref.object, found),), expand, named)[0]


def create_record(work: UnitOfWork, name: str, raw: Mapping[str, Any], passes: Passes = never) -> Record:
    """Owned by the actor unless said otherwise. `passes` gives leave for what duplicate rules warn of."""
    return create_records(work, name, [raw], passes)[0]


def create_records(
    work: UnitOfWork, name: str, raws: Sequence[Mapping[str, Any]], passes: Passes = never
) -> list[Record]:
    """All or none. Problems of several records carry the record's position: `3/amount`."""
    definition = work.definition(name)
    records = add_records(work, definition, raws, passes)
    return list(as_records(work, name, with_computed(work, definition, records)))


def add_records(
    work: UnitOfWork, definition: ObjectDefinition, raws: Sequence[Mapping[str, Any]], passes: Passes
) -> list[StoredRecord]:
    """`create_records` for a caller who shows nobody what became of them."""
    name = definition.name
    if not 1 <= len(raws) <= MAX_BULK:
        raise BadValues(f"Between 1 and {MAX_BULK:,} records can be created at once.")
    grant = work.require("create", name)
    rules = RecordRules(work, definition)
    records = _new_records(work, rules, raws)
    work.require("create", name, records)
    with saving(work, definition), guarding(work, rules, records, passes, None):
        work.records.insert(grant, records)
    for record in records:
        ref = RecordRef(name, record.id)
        work.tell(RecordEvent("record.created", ref, {}, record.values), record.version)
    return records


def update_record(
    work: UnitOfWork, ref: RecordRef, raw: Mapping[str, Any], version: int | None = None, passes: Passes = never
) -> Record:
    """Applies the changes this actor may make. With `version`, a record saved meanwhile raises `StaleVersion`."""
    definition = work.definition(ref.object)
    return Editor(work, definition, passes).change(fetch_records(work, definition, [ref.id])[ref.id], raw, version)


def apply_changes(work: UnitOfWork, ref: RecordRef, raw: Mapping[str, Any], passes: Passes) -> None:
    """`update_record` for a caller who shows nobody what became of it."""
    definition = work.definition(ref.object)
    Editor(work, definition, passes).save(fetch_records(work, definition, [ref.id])[ref.id], raw)


def consequences_of(work: UnitOfWork, ref: RecordRef) -> Consequences:
    """What deleting the record would bring about; refused just as the deletion would be."""
    record = fetch_records(work, work.definition(ref.object), [ref.id])[ref.id]
    work.require("delete", ref.object, [record])
    return consequences(work, ref.object, record)


def delete_record(work: UnitOfWork, ref: RecordRef, version: int | None = None) -> None:
    """Hides the record, restorably; what pointed at it is cleared, goes with it, or keeps it, as the relation says."""
    definition = work.definition(ref.object)
    record = fetch_records(work, definition, [ref.id])[ref.id]
    work.require("delete", ref.object, [record])
    if version is not None and version != record.version:
        raise stale(work, definition, record, {}, version)
    delete_with_consequences(work, ref.object, record)


def _new_records(work: UnitOfWork, rules: RecordRules, raws: Sequence[Mapping[str, Any]]) -> list[StoredRecord]:
    definition = rules.definition
    now, user = clock.now(), work.who.user_id
    records: list[StoredRecord] = []
    problems: list[Problem] = []
    keeper = Gatekeeper(work, rules, now)
    for index, raw in enumerate(raws):
        parsed, found = parsed_values(work, definition, raw)
        given, more = settled(work, definition, {}, parsed)
        values = with_defaults(rules, given)
        values |= {"owner": given.get("owner", user), "created_at": now, "created_by": user}
        values |= {"updated_at": now, "updated_by": user}
        found += more
        found += others(problems_of_new(rules, values), found)
        passage = keeper.create(values)
        found += others(passage.problems, found)
        prefix = f"{index}/" if len(raws) > 1 else ""
        problems += [replace(p, path=prefix + p.path) for p in found]
        records.append(StoredRecord(new_id(), 1, values | passage.filled))
    refuse(problems)
    _refuse_dangling(work, definition, records)
    refuse(claim_files(work, definition, [(record.id, record.values) for record in records]))
    give_numbers(work, definition, [record.values for record in records])
    return records


def _refuse_dangling(work: UnitOfWork, definition: ObjectDefinition, records: Sequence[StoredRecord]) -> None:
    missing = dangling(work, definition, [record.values for record in records])
    refuse(
        [
            Problem(f"{index}/{name}" if len(records) > 1 else name, f"There is no such record: {record_id}.")
            for index, record in enumerate(records)
            for name, ids in missing.items()
            for _, record_id in places(definition.all_fields[name], record.values[name])
            if record_id in ids
        ]
    )
