"""Whom a run acts as."""

import re
from typing import Any
from uuid import UUID

from crm_app.definitions.automation import AutomationDefinition
from crm_app.kernel.errors import Invalid
from crm_app.services.people import person_with_email
from crm_app.services.unit_of_work import UnitOfWork

OWNER = "owner"
_EMAIL = re.compile(r"[^@\s,;<>\"]{1,64}@[^@\s,;<>\"]{3,190}")


def is_runner(text: str) -> bool:
    """The owner of the record, or one person, by the address of their account."""
    return text == OWNER or _EMAIL.fullmatch(text) is not None


def runner_of(work: UnitOfWork, definition: AutomationDefinition, owner: Any) -> UUID | None:
    """`None` where the record has no owner; refuses with a person who has no active account."""
    if definition.run_as == OWNER:
        return owner
    found = person_with_email(work, definition.run_as)
    if found is None:
        raise Invalid(f"'{definition.label}' acts as {definition.run_as}, who has no active account.")
    return found
