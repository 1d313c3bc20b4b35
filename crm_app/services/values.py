"""Raw values from a form, JSON body, import or automation → what is stored. Reports every problem by field."""

from collections.abc import Mapping
from typing import Any

from crm_app.definitions.object import ObjectDefinition
from crm_app.fields.field_type import FieldValueError, is_blank
from crm_app.kernel.errors import Invalid, Problem
from crm_app.services.objects import closed_by_publisher, editable_fields
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
    theirs = closed_by_publisher(work, definition.name)
    values: dict[str, Any] = {}
    problems: list[Problem] = []
    for name, value in raw.items():
        field = definition.all_fields.get(name)
        if field is not None and name in theirs:
            problems.append(Problem(name, work.standing.of_publisher(f"set {field.label}")))
            continue
        if field is None or name in hidden:
            problems.append(Problem(str(name)[:MAX_NAME_SHOWN], f"{definition.label} has no such field."))
            continue
        if field.is_computed:
            problems.append(Problem(name, f"{field.label} is worked out from other fields, so it can't be set."))
            continue
        if name not in editable or field.field_type.is_generated:
            problems.append(Problem(name, f"{field.label} can't be changed by you."))
            continue
        try:
            values[name] = None if is_blank(value) else field.parse(value)
        except FieldValueError as error:
            problems.append(Problem(name, str(error)))
    return values, problems
