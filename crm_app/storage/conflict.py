"""From a constraint that PostgreSQL names to the field that a person knows."""

from typing import Any, cast

from sqlalchemy.exc import IntegrityError

from crm_app.definitions.field import FieldDefinition
from crm_app.definitions.object import ObjectDefinition
from crm_app.storage.wanted_indexes import unique_index


def field_of_violation(error: IntegrityError, definition: ObjectDefinition) -> FieldDefinition | None:
    """The unique field whose index refused the write, or one that is about to be; `None` when it was something else,
    which is a bug.
    """
    name = cast("Any", error.orig).diag.constraint_name
    for field in definition.fields:
        if unique_index(definition, field).name == name:
            return field
    return None
