"""From a constraint that PostgreSQL names to the field that a person knows."""

from typing import Any, cast

from sqlalchemy.exc import IntegrityError

from crm_app.definitions.field import FieldDefinition
from crm_app.definitions.object import ObjectDefinition
from crm_app.storage.names import identifier


def field_of_violation(error: IntegrityError, definition: ObjectDefinition) -> FieldDefinition | None:
    """The unique field whose index refused the write; `None` when it was something else, which is a bug."""
    name = cast("Any", error.orig).diag.constraint_name
    for field in definition.fields:
        if field.unique and identifier(definition.name, f"{field.name}_unique") == name:
            return field
    return None
