"""What only a person does, logged in as themselves: nothing that acts for them makes new ways to act for them."""

from crm_app.kernel.actor import AutomationActor, KeyActor
from crm_app.kernel.errors import Forbidden
from crm_app.services.standing import WORKSPACE
from crm_app.services.unit_of_work import UnitOfWork


def require_in_person(work: UnitOfWork, what: str) -> None:
    """Neither a key, nor an automation, nor somebody who looks as this person. `what`: "make a key"."""
    if isinstance(work.actor, (KeyActor, AutomationActor)) or work.standing.only_looks:
        raise Forbidden(f"Only a person who is logged in as themselves can {what}.")


def is_administrator(work: UnitOfWork) -> bool:
    return work.access(WORKSPACE).allows("administer")


def require_administrator(work: UnitOfWork, what: str) -> None:
    if not is_administrator(work):
        raise Forbidden(f"Only an administrator can {what}.")
