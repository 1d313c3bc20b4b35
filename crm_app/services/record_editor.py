"""Changing records that are there: each as if it were the only one, locked from when it is read."""

from collections.abc import Mapping, Sequence
from typing import Any
from uuid import UUID

from crm_app.access.decide import Grant
from crm_app.definitions.object import ObjectDefinition
from crm_app.kernel import clock
from crm_app.kernel.errors import Conflict, NotFound, Problem
from crm_app.kernel.events import RecordEvent, RecordRef
from crm_app.services.attachments import claim_files
from crm_app.services.computed_values import with_computed
from crm_app.services.duplicates import Passes, guarding, never
from crm_app.services.lists import as_record
from crm_app.services.record_checks import problems_of_change
from crm_app.services.record_query import Record
from crm_app.services.record_rules import RecordRules
from crm_app.services.saving import saving
from crm_app.services.stages import Gatekeeper
from crm_app.services.targets import circles, missing_targets, settled, without_unseen
from crm_app.services.unit_of_work import UnitOfWork
from crm_app.services.values import BadValues, parsed_values
from crm_app.storage.history import values_at
from crm_app.storage.shape import StoredRecord


class StaleVersion(Conflict):
    """Somebody saved this record since it was read; `details["fields"]` has yours, theirs and the original."""

    code = "stale_version"


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


def refuse(problems: Sequence[Problem], details: Mapping[str, Any] | None = None) -> None:
    if problems:
        raise BadValues("Nothing was saved. Please correct what is marked.", problems, **(details or {}))


def others(more: Sequence[Problem], known: Sequence[Problem]) -> list[Problem]:
    """Those about fields that have no problem yet: one sentence for each is enough."""
    paths = {problem.path for problem in known}
    return [problem for problem in more if problem.path not in paths]


class Editor:
    """Changes records of one object in one unit of work, each as if it were the only one. They were fetched, locked."""

    def __init__(self, work: UnitOfWork, definition: ObjectDefinition, passes: Passes = never) -> None:
        self._work = work
        self._passes = passes
        self._definition = definition
        self._rules = RecordRules(work, definition)
        self._keeper = Gatekeeper(work, self._rules, clock.now())

    def change(self, before: StoredRecord, raw: Mapping[str, Any], version: int | None = None) -> Record:
        work, definition = self._work, self._definition
        saved = self.save(before, raw, version)
        return as_record(work, definition.name, with_computed(work, definition, [saved])[0])

    def save(self, before: StoredRecord, raw: Mapping[str, Any], version: int | None = None) -> StoredRecord:
        """The record as it is stored from now on."""
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
        problems += others(problems_of_change(rules, before.id, before.values, after, passage.filled), problems)
        problems += [*found, *missing_targets(work, definition, before.values, changes)]
        problems += circles(work, definition, before.id, changes)
        problems += others(passage.problems, problems)
        refuse(problems, passage.details(problems))
        changes |= passage.filled
        if not changes:
            return before
        work.require("edit", definition.name, [StoredRecord(before.id, before.version, after)])
        if "owner" in changes:
            work.require("transfer", definition.name, [before])
        return self._save(grant, before, values, changes)

    def _save(
        self, grant: Grant, before: StoredRecord, asked: Mapping[str, Any], changes: Mapping[str, Any]
    ) -> StoredRecord:
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
        return record
