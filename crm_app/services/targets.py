"""What the values of relations point at: whether it is there for the actor, and what stays unseen."""

from collections.abc import Iterable, Mapping, Sequence
from typing import Any, cast
from uuid import UUID

from crm_app.definitions.field import FieldDefinition
from crm_app.definitions.object import ObjectDefinition
from crm_app.fields.many_to_many import MAX_LINKS, LinkEdit
from crm_app.fields.own_objects import OWN_OBJECTS, USER_OBJECT
from crm_app.fields.relation import RelationConfig
from crm_app.kernel.errors import Problem
from crm_app.services.unit_of_work import UnitOfWork
from crm_app.storage.shape import StoredRecord

Place = tuple[str, UUID]
_TOO_MANY = f"A record has at most {MAX_LINKS:,} links in one field."


def places(field: FieldDefinition, value: Any) -> list[Place]:
    """The object and id of every record that the value points at."""
    if value is None:
        return []
    if field.field_type.is_linked:
        return [(field.target, each) for each in value]
    return [(value.object, value.id)] if field.is_to_any else [(field.target, value)]


def seen(work: UnitOfWork, wanted: Iterable[Place]) -> set[Place]:
    """Those that are live records which the actor can see; asked once per object. The actor is known to be there."""
    by_object: dict[str, set[UUID]] = {}
    for name, record in wanted:
        by_object.setdefault(name, set()).add(record)
    found: set[Place] = set()
    for name, ids in by_object.items():
        me = {each for each in ids if name == USER_OBJECT and each == work.who.user_id}
        others = ids - me
        known = work.records.existing(name, others, work.reach("read", name)) if others else set[UUID]()
        found |= {(name, each) for each in me | known}
    return found


def names_of(work: UnitOfWork, wanted: Sequence[Place], *, with_deleted: bool = False) -> list[str]:
    """What those are called that the actor can see, or could before they were deleted, in the order given."""
    found: dict[Place, str] = {}
    for name in {name for name, _ in wanted}:
        access, name_field = work.access(name), work.catalog.by_name[name].name_field
        if not access.allows("read") or name_field in access.hidden | access.masked:
            continue
        names = work.records.names(
            name,
            [record for other, record in wanted if other == name],
            work.reach("read", name),
            with_deleted=with_deleted,
        )
        found |= {(name, record): called for record, called in names.items()}
    return [found[place] for place in wanted if place in found]


def dangling(
    work: UnitOfWork, definition: ObjectDefinition, records: Sequence[Mapping[str, Any]]
) -> dict[str, set[UUID]]:
    """For each relation, the ids among the records' values that are no record which the actor can see."""
    fields = definition.pointing_fields
    wanted = {f.name: {place for values in records for place in places(f, values.get(f.name))} for f in fields}
    known = seen(work, {place for each in wanted.values() for place in each})
    return {name: {record for _, record in missing} for name, each in wanted.items() if (missing := each - known)}


def missing_targets(
    work: UnitOfWork, definition: ObjectDefinition, before: Mapping[str, Any], changes: Mapping[str, Any]
) -> list[Problem]:
    """A problem for each changed relation to what is not there; links that were there before are not asked about."""
    fields = {field.name: field for field in definition.linked_fields}
    new = {
        name: [each for each in value or () if each not in (before.get(name) or ())] if name in fields else value
        for name, value in changes.items()
    }
    return [
        Problem(name, f"There is no such {_noun(work, definition.all_fields[name])}.")
        for name in dangling(work, definition, [new])
    ]


def _noun(work: UnitOfWork, field: FieldDefinition) -> str:
    return work.catalog.by_name[field.target].label.lower() if field.target else "record"


def settled(
    work: UnitOfWork, definition: ObjectDefinition, before: Mapping[str, Any], values: Mapping[str, Any]
) -> tuple[dict[str, Any], list[Problem]]:
    """The values as they are to be saved over those from before. Links become whole lists. What the actor can't see
    of a relation stays: to them it is empty, so their empty value says nothing of it, and naming what stands there is
    naming what isn't there.
    """
    found = dict(values)
    problems: list[Problem] = []
    for name, value in values.items():
        field = definition.all_fields[name]
        if field.field_type.is_linked:
            found[name], refusal = _links(work, field, before.get(name) or [], value)
            problems += [Problem(name, refusal)] if refusal else []
        elif isinstance(field.settings, RelationConfig) and value in (None, before.get(name)):
            old = places(field, before.get(name))
            if old and may_be_unseen(work, field) and not seen(work, old):
                del found[name]
                problems += [] if value is None else [Problem(name, f"There is no such {_noun(work, field)}.")]
    return found, problems


def _links(
    work: UnitOfWork, field: FieldDefinition, before: list[UUID], wanted: list[UUID] | LinkEdit | None
) -> tuple[list[UUID] | None, str]:
    """Naming a link that one can't see is naming a record that isn't there."""
    unseen = set(before) - _seen_links(work, field, before)
    given = set(wanted.add if isinstance(wanted, LinkEdit) else wanted or ())
    kept = set(before) - set(wanted.remove) if isinstance(wanted, LinkEdit) else set[UUID]()
    links = sorted(kept | given | unseen)
    if given & unseen:
        return links, f"There is no such {_noun(work, field)}."
    return links or None, _TOO_MANY if len(links) > MAX_LINKS else ""


def _seen_links(work: UnitOfWork, field: FieldDefinition, ids: Sequence[UUID]) -> set[UUID]:
    if not may_be_unseen(work, field):
        return set(ids)
    return {record for _, record in seen(work, [(field.target, each) for each in ids])}


def may_be_unseen(work: UnitOfWork, field: FieldDefinition) -> bool:
    """Whether some of what the field points at may be closed to the actor. People and teams are not."""
    return any(name not in OWN_OBJECTS and not work.reach("read", name).everyone for name in field.targets)


def without_unseen(
    work: UnitOfWork, definition: ObjectDefinition, records: Sequence[StoredRecord]
) -> list[StoredRecord]:
    """The records with nothing in place of what the actor can't see; the very same where they see everything."""
    fields = [field for field in definition.pointing_fields if may_be_unseen(work, field)]
    if not fields:
        return list(records)
    wanted = {place for f in fields for record in records for place in places(f, record.values.get(f.name))}
    known = seen(work, wanted) if wanted else set[Place]()
    if known == wanted:
        return list(records)
    return [
        StoredRecord(record.id, record.version, {**record.values, **_known(fields, record.values, known)})
        for record in records
    ]


def _known(fields: Sequence[FieldDefinition], values: Mapping[str, Any], known: set[Place]) -> dict[str, Any]:
    found: dict[str, Any] = {}
    for field in fields:
        value = values.get(field.name)
        if value is None:
            continue
        visible = [place for place in places(field, value) if place in known]
        if field.field_type.is_linked:
            found[field.name] = [record for _, record in visible] or None
        elif not visible:
            found[field.name] = None
    return found


def circles(work: UnitOfWork, definition: ObjectDefinition, record: UUID, changes: Mapping[str, Any]) -> list[Problem]:
    """A problem for each relation of a tree by which the record would stand above itself."""
    problems: list[Problem] = []
    for name, value in changes.items():
        field = definition.all_fields[name]
        settings = field.settings
        if isinstance(settings, RelationConfig) and settings.tree and value is not None:
            above = work.records.above(definition.name, name, cast("UUID", value))
            if record in above:
                message = f"{field.label} would make a circle: this {definition.label.lower()} is above that one."
                problems.append(Problem(name, message))
    return problems
