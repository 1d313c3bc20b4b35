"""Records with a history that happened before the workspace existed. Only the product itself can write them, and only
demo data does: checked like every record, audited at the times and under the names given, and no news to automations.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any
from uuid import UUID

from crm_app.access.who import Who
from crm_app.definitions.object import ObjectDefinition
from crm_app.kernel.events import RecordEvent, RecordRef
from crm_app.services.auto_numbers import give_numbers
from crm_app.services.processes import Position
from crm_app.services.record_checks import problems_of_new, with_defaults
from crm_app.services.record_rules import RecordRules
from crm_app.services.targets import settled
from crm_app.services.unit_of_work import UnitOfWork
from crm_app.services.values import BadValues, parsed_values
from crm_app.storage.shape import StoredRecord


@dataclass(frozen=True)
class Moment:
    """Somebody sets some values; the first moment creates the record."""

    at: datetime
    by: Who
    values: Mapping[str, Any]


@dataclass(frozen=True)
class PastRecord:
    """`moments` are in the order of time; the id is chosen by the caller, so that records can point at each other."""

    id: UUID
    moments: Sequence[Moment]


def add_past_records(work: UnitOfWork, name: str, pasts: Sequence[PastRecord]) -> None:
    """All or none."""
    definition = work.definition(name)
    grant = work.require("create", name)
    work.records.insert(grant, [_lived(work, definition, past) for past in pasts])
    work.flush()


def _lived(work: UnitOfWork, definition: ObjectDefinition, past: PastRecord) -> StoredRecord:
    """The record as its last moment left it; every moment is told."""
    ref = RecordRef(definition.name, past.id)
    values: dict[str, Any] = {}
    for version, moment in enumerate(past.moments, start=1):
        before = values
        values = _after(work, definition, before, moment)
        event = RecordEvent("record.updated" if before else "record.created", ref, before, values)
        work.tell_past(event, version, moment.at, moment.by)
    return StoredRecord(past.id, len(past.moments), values)


def _after(work: UnitOfWork, definition: ObjectDefinition, before: Mapping[str, Any], moment: Moment) -> dict[str, Any]:
    parsed, problems = parsed_values(work, definition, moment.values)
    given, _ = settled(work, definition, before, parsed)
    rules = RecordRules(work, definition)
    marks = {"updated_at": moment.at, "updated_by": moment.by.user_id}
    if before:
        values = {**before, **given, **marks}
    else:
        born = {
            "owner": given.get("owner", moment.by.user_id),
            "created_at": moment.at,
            "created_by": moment.by.user_id,
        }
        values = {**with_defaults(rules, given), **born, **marks}
    values |= _since(work, definition, before, values, moment.at)
    problems += problems_of_new(rules, values)
    if problems:
        path = f"{definition.name} {moment.values.get(definition.name_field, '')}"
        raise BadValues("The records can't be added.", [replace(p, path=f"{path}/{p.path}") for p in problems])
    if not before:
        give_numbers(work, definition, [values])
    return values


def _since(
    work: UnitOfWork, definition: ObjectDefinition, before: Mapping[str, Any], values: Mapping[str, Any], at: datetime
) -> dict[str, Any]:
    """The past is written as it was, so no gate is asked; but what moved is known to have moved."""
    return {
        driven.since: before.get(driven.since) if stays else at if values[driven.name] is not None else None
        for driven in work.schema.driven(definition.name)
        for stays in [bool(before) and Position.of(driven, before).is_like(Position.of(driven, values))]
    }
