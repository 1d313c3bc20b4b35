"""What only a person does, logged in as themselves: nothing that acts for them makes new ways to act for them."""

from uuid import UUID

from crm_app.kernel.actor import AutomationActor, KeyActor
from crm_app.kernel.errors import Forbidden
from crm_app.services.standing import WORKSPACE
from crm_app.services.unit_of_work import UnitOfWork


def require_in_person(work: UnitOfWork, what: str) -> None:
    """Neither a key, nor an automation, nor somebody who looks as this person. `what`: "make a key"."""
    if isinstance(work.actor, (KeyActor, AutomationActor)) or work.standing.only_looks:
        raise Forbidden(f"Only a person who is logged in as themselves can {what}.")


def person_in_person(work: UnitOfWork, what: str) -> UUID:
    require_in_person(work, what)
    if work.who.user_id is None:
        raise Forbidden(f"Only a person can {what}.")
    return work.who.user_id


def require_whole(work: UnitOfWork, what: str) -> None:
    """Not with a key that may do less than its person, where what follows has no such limits. `what`: "start a
    workflow".
    """
    if work.standing.is_limited:
        raise Forbidden(f"Only a key that may do all that its person may can {what}.")


def is_told_all(work: UnitOfWork) -> bool:
    """Whether what was told to this person reaches whoever acts: it may be about anything, so neither a key that reads
    less gets it, nor somebody who looks as them.
    """
    return not (work.standing.is_narrow or work.standing.only_looks)


def require_wide(work: UnitOfWork, what: str) -> None:
    """`what`: "notifications"."""
    if work.standing.only_looks:
        raise Forbidden(f"The {what} of {work.who.name} are theirs alone. You see what both of you may see.")
    if work.standing.is_narrow:
        raise Forbidden(f"Only a key that reads all that its person reads gives {what}.")


def is_administrator(work: UnitOfWork) -> bool:
    return work.access(WORKSPACE).allows("administer")


def require_administrator(work: UnitOfWork, what: str) -> None:
    if not is_administrator(work):
        raise Forbidden(f"Only an administrator can {what}.")
