from collections.abc import Generator
from contextlib import contextmanager

from sqlalchemy.exc import IntegrityError

from crm_app.definitions.object import ObjectDefinition
from crm_app.kernel.errors import Invalid, Problem
from crm_app.storage.conflict import fields_of_violation


@contextmanager
def saving(definition: ObjectDefinition) -> Generator[None]:
    """A value that has to be unique and is not becomes a sentence about its field."""
    try:
        yield
    except IntegrityError as error:
        fields = fields_of_violation(error, definition)
        if not fields:
            raise
        named = " and ".join(field.label.lower() for field in fields)
        problem = Problem(fields[0].name, f"Another {definition.label.lower()} already has this {named}.")
        raise Invalid("Nothing was saved. Please correct what is marked.", [problem]) from None
