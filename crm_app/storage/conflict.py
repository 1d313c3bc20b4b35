"""From a constraint that PostgreSQL names to the field that a person knows."""

from typing import Any, cast

from sqlalchemy.exc import IntegrityError

from crm_app.definitions.field import FieldDefinition
from crm_app.definitions.object import ObjectDefinition
from crm_app.storage.wanted_indexes import unique_index


def fields_of_violation(error: IntegrityError, definition: ObjectDefinition) -> tuple[FieldDefinition, ...]:
    """The unique fields whose index refused the write, or one that is about to be; empty when it was something else,
    which is a bug.
    """
    name = cast("Any", error.orig).diag.constraint_name
    found = (fields for fields in definition.unique_sets.values() if unique_index(definition, fields).name == name)
    return next(found, ())
