"""Read, create, change and remove records. Each function reads as its policy: fetch, require, validate, save, tell."""

from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Any
from uuid import UUID

from crm_app.access.decide import Grant
from crm_app.definitions.object import ObjectDefinition
from crm_app.kernel import clock
from crm_app.kernel.errors import Conflict, NotFound, Problem
from crm_app.kernel.events import RecordEvent, RecordRef
from crm_app.kernel.ids import new_id
from crm_app.services.attachments import claim_files
from crm_app.services.auto_numbers import give_numbers
from crm_app.services.computed_values import with_computed
from crm_app.services.deletion import Consequences, consequences, delete_with_consequences
from crm_app.services.duplicates import Passes, guarding, never
from crm_app.services.lists import as_record, as_records, expansions, linked_too
from crm_app.services.objects import readable_fields
from crm_app.services.record_checks import problems_of_change, problems_of_new, with_defaults
from crm_app.services.record_query import Record
from crm_app.services.record_rules import RecordRules
from crm_app.services.saving import saving
from crm_app.services.stages import Gatekeeper
from crm_app.services.targets import (
    circles,
    dangling,
    missing_targets,
    places,
    settled,
    without_unseen,
)
from crm_app.services.unit_of_work import UnitOfWork
from crm_app.services.values import BadValues, parsed_values
from crm_app.storage.history import values_at
from crm_app.storage.shape import StoredRecord

MAX_BULK = 1_000


class StaleVersion(Conflict):
    """Somebody saved this record since it was read; `details["fields"]` has yours, theirs and the original."""

    code = "stale_version"


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
    return list(as_records(work, name, with_computed(work, definition, records)))


def update_record(
    work: UnitOfWork, ref: RecordRef, raw: Mapping[str, Any], version: int | None = None, passes: Passes = never
) -> Record:
    """Applies the changes this actor may make. With `version`, a record saved meanwhile raises `StaleVersion`."""
    definition = work.definition(ref.object)
    return Editor(work, definition, passes).change(fetch_records(work, definition, [ref.id])[ref.id], raw, version)


class Editor:
    """Changes records of one object in one unit of work, each as if it were the only one. They were fetched, locked."""

    def __init__(self, work: UnitOfWork, definition: ObjectDefinition, passes: Passes = never) -> None:
        self._work = work
        self._passes = passes
        self._definition = definition
        self._rules = RecordRules(work, definition)
        self._keeper = Gatekeeper(work, self._rules, clock.now())

    def change(self, before: StoredRecord, raw: Mapping[str, Any], version: int | None = None) -> Record:
        work, definition, rules = self._work, self._definition, self._rules
        grant = work.require("edit", definition.name, [before])
        parsed, problems = parsed_values(work, definition, raw)
        values, found = settled(work, definition, before.values, parsed)
        if version is not None and version != before.version:
            raise stale(work, definition, before, values, version)
        problems += claim_files(work, definition, [(before.id, values)])
        changes = {field: value for field, value in values.items() if before.values[field] != value}
        passage = self._keeper.change(before.id, before.values, changes)
        after = {**before.values, **changes, **passage.filled}
        problems += _others(problems_of_change(rules, before.id, before.values, after, passage.filled), problems)
        problems += [*found, *missing_targets(work, definition, before.values, changes)]
        problems += circles(work, definition, before.id, changes)
        problems += _others(passage.problems, problems)
        _refuse(problems, passage.details(problems))
        changes |= passage.filled
        if not changes:
            return as_record(work, definition.name, with_computed(work, definition, [before])[0])
        work.require("edit", definition.name, [StoredRecord(before.id, before.version, after)])
        if "owner" in changes:
            work.require("transfer", definition.name, [before])
        return self._save(grant, before, values, changes)

    def _save(self, grant: Grant, before: StoredRecord, asked: Mapping[str, Any], changes: Mapping[str, Any]) -> Record:
        work, definition = self._work, self._definition
        changes = {**changes, "updated_at": clock.now(), "updated_by": work.who.user_id}
        record = StoredRecord(before.id, before.version + 1, {**before.values, **changes})
        with saving(work, definition), guarding(work, self._rules, [record], self._passes, before):
            saved = work.records.update(grant, before, changes)
        if not saved:
            current = fetch_records(work, definition, [before.id])[before.id]
            raise stale(work, definition, current, asked, before.version)
        ref = RecordRef(definition.name, record.id)
        work.tell(RecordEvent("record.updated", ref, before.values, record.values), record.version)
        return as_record(work, definition.name, with_computed(work, definition, [record])[0])


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
        found += _others(problems_of_new(rules, values), found)
        passage = keeper.create(values)
        found += _others(passage.problems, found)
        prefix = f"{index}/" if len(raws) > 1 else ""
        problems += [replace(p, path=prefix + p.path) for p in found]
        records.append(StoredRecord(new_id(), 1, values | passage.filled))
    _refuse(problems)
    _refuse_dangling(work, definition, records)
    _refuse(claim_files(work, definition, [(record.id, record.values) for record in records]))
    give_numbers(work, definition, [record.values for record in records])
    return records


def _refuse_dangling(work: UnitOfWork, definition: ObjectDefinition, records: Sequence[StoredRecord]) -> None:
    missing = dangling(work, definition, [record.values for record in records])
    _refuse(
        [
            Problem(f"{index}/{name}" if len(records) > 1 else name, f"There is no such record: {record_id}.")
            for index, record in enumerate(records)
            for name, ids in missing.items()
            for _, record_id in places(definition.all_fields[name], record.values[name])
            if record_id in ids
        ]
    )


def _refuse(problems: Sequence[Problem], details: Mapping[str, Any] | None = None) -> None:
    if problems:
        raise BadValues("Nothing was saved. Please correct what is marked.", problems, **(details or {}))


def _others(more: Sequence[Problem], known: Sequence[Problem]) -> list[Problem]:
    """Those about fields that have no problem yet: one sentence for each is enough."""
    paths = {problem.path for problem in known}
    return [problem for problem in more if problem.path not in paths]


def fetch_records(
    work: UnitOfWork, definition: ObjectDefinition, ids: Sequence[UUID], *, absent_too: bool = False
) -> dict[UUID, StoredRecord]:
    """The records, locked until the end of this transaction, so that two changes of one follow each other. One that is
    not there is `NotFound`, or with `absent_too` left out.
    """
    found = work.records.fetch(definition.name, ids, work.reach("read", definition.name), for_update=True)
    if len(found) < len(ids) and not absent_too:
        raise absent(definition)
    return found


def absent(definition: ObjectDefinition) -> NotFound:
    return NotFound(f"There is no such {definition.label.lower()}, or you may not see it.")


def stale(
    work: UnitOfWork, definition: ObjectDefinition, current: StoredRecord, yours: Mapping[str, Any], version: int
) -> StaleVersion:
    hidden = work.access(definition.name).hidden | work.access(definition.name).masked
    past = values_at(work.connection, RecordRef(definition.name, current.id), current, version, definition)
    sides = (current.values, past, {**past, **yours})
    theirs, original, mine = (
        record.values
        for record in without_unseen(work, definition, [StoredRecord(current.id, version, side) for side in sides])
    )
    fields = {
        name: {"label": f.label, "theirs": f.dump(theirs[name]), "original": f.dump(original[name])}
        | {"yours": f.dump(mine[name])}
        for name, f in definition.all_fields.items()
        if name not in hidden and not f.is_computed and (name in yours or theirs[name] != original[name])
    }
    message = f"This {definition.label.lower()} was changed by somebody else meanwhile."
    return StaleVersion(message, fields=fields, version=current.version)
