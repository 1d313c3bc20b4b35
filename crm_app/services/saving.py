from collections.abc import Generator
from contextlib import contextmanager

from sqlalchemy.exc import IntegrityError

from crm_app.definitions.object import ObjectDefinition
from crm_app.kernel.errors import Invalid, Problem
from crm_app.services.unit_of_work import UnitOfWork
from crm_app.storage.conflict import fields_of_violation


@contextmanager
def saving(work: UnitOfWork, definition: ObjectDefinition) -> Generator[None]:
    """A value that has to be unique and is not becomes a sentence about its field, if that is open to the actor."""
    try:
        yield
    except IntegrityError as error:
        fields = fields_of_violation(error, definition)
        if not fields:
            raise
        hidden = work.access(definition.name).hidden
        known = [field for field in fields if field.name not in hidden]
        named = " and ".join(field.label.lower() for field in known) or "value in a field that you may not see"
        problem = Problem(
            known[0].name if known else "", f"Another {definition.label.lower()} already has this {named}."
        )
        raise Invalid("Nothing was saved. Please correct what is marked.", [problem]) from None
