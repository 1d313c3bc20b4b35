"""Raw values from a form, JSON body, import or automation → what is stored. Reports every problem by field."""

from collections.abc import Mapping
from typing import Any
from uuid import UUID

from crm_app.definitions.object import ObjectDefinition
from crm_app.fields.field_type import FieldValueError, is_blank
from crm_app.fields.own_objects import USER_OBJECT
from crm_app.kernel.errors import Invalid, Problem
from crm_app.services.objects import editable_fields
from crm_app.services.unit_of_work import UnitOfWork

MAX_NAME_SHOWN = 50


class BadValues(Invalid):
    """Some values don't fit; nothing was saved."""

    code = "bad_values"


def parsed_values(
    work: UnitOfWork, definition: ObjectDefinition, raw: Mapping[str, Any]
) -> tuple[dict[str, Any], list[Problem]]:
    """The values that fit, and a problem for each that doesn't, that is unknown, or that the actor may not set."""
    editable = editable_fields(work, definition.name) if not work.who.is_system else set(definition.all_fields)
    hidden = work.access(definition.name).hidden
    values: dict[str, Any] = {}
    problems: list[Problem] = []
    for name, value in raw.items():
        field = definition.all_fields.get(name)
        if field is None or name in hidden:
            problems.append(Problem(str(name)[:MAX_NAME_SHOWN], f"{definition.label} has no such field."))
            continue
        if name not in editable or field.field_type.is_generated:
            problems.append(Problem(name, f"{field.label} can't be changed by you."))
            continue
        try:
            values[name] = None if is_blank(value) else field.parse(value)
        except FieldValueError as error:
            problems.append(Problem(name, str(error)))
    return values, problems


def dangling(work: UnitOfWork, definition: ObjectDefinition, records: list[Mapping[str, Any]]) -> dict[str, set[UUID]]:
    """For each relation, the ids among the records' values that are no record which the actor can see. The actor is
    known to be there; all else is asked once per object, however many relations point at it.
    """
    relations = [field for field in definition.all_fields.values() if field.field_type.is_relation]
    wanted = {f.name: {values[f.name] for values in records if values.get(f.name) is not None} for f in relations}
    targets: dict[str, set[UUID]] = {}
    for field in relations:
        actor = {work.who.user_id} if field.target == USER_OBJECT else set[UUID | None]()
        wanted[field.name] -= actor
        targets.setdefault(field.target, set()).update(wanted[field.name])
    known = {name: work.records.existing(name, ids, work.reach("read", name)) for name, ids in targets.items() if ids}
    return {f.name: missing for f in relations if (missing := wanted[f.name] - known.get(f.target, set()))}


def missing_targets(work: UnitOfWork, definition: ObjectDefinition, values: Mapping[str, Any]) -> list[Problem]:
    return [
        Problem(name, f"There is no such {work.catalog.by_name[definition.all_fields[name].target].label.lower()}.")
        for name in dangling(work, definition, [values])
    ]
