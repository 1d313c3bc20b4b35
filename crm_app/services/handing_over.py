"""What somebody has, and giving it to somebody else: record by record through the door, with its audit and news."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from uuid import UUID

from crm_app.definitions.check import Check
from crm_app.kernel.errors import Invalid, Problem
from crm_app.services.accounts import require_administrator
from crm_app.services.bulk_edit import choose_records, edit_records
from crm_app.services.duties import hand_over_duties
from crm_app.services.lists import count_records
from crm_app.services.objects import visible_objects
from crm_app.services.record_query import Condition, RecordQuery
from crm_app.services.unit_of_work import UnitOfWork
from crm_app.services.users import get_user

AT_ONCE = 1_000


@dataclass(frozen=True)
class HandedOver:
    """`kept` are the records that some rule did not let go, `reasons` also say what else stays; `left` says whether
    there are more to hand over.
    """

    given: int
    kept: int
    reasons: tuple[str, ...]
    left: bool


def holdings(work: UnitOfWork, user: UUID) -> Mapping[str, int]:
    """How many records of each object the person owns, where any."""
    require_administrator(work)
    counts = {
        definition.name: count_records(work, _owned(definition.name, user)).value
        for definition in visible_objects(work)
    }
    return {name: count for name, count in counts.items() if count}


def hand_over(work: UnitOfWork, user: UUID, to: UUID, more_checks: Sequence[Check] = ()) -> HandedOver:
    """All that they are there for, and up to a thousand records, so that nobody else waits; again for the rest."""
    require_administrator(work)
    get_user(work, user)
    if to == user or get_user(work, to).state == "deactivated":
        raise Invalid("Nothing was handed over.", [Problem("to", "Choose somebody else with an active account.")])
    given, kept, room = 0, 0, AT_ONCE
    reasons = dict.fromkeys(hand_over_duties(work, user, to, more_checks))
    for definition in visible_objects(work):
        if room <= 0:
            break
        chosen = choose_records(work, _owned(definition.name, user), room)
        if chosen:
            report = edit_records(work, definition.name, chosen, {"owner": str(to)})
            given, kept, room = given + len(report.done), kept + len(report.refused), room - len(chosen)
            reasons |= {refused.reason: None for refused in report.refused}
    return HandedOver(given, kept, tuple(reasons)[:5], left=room <= 0 and given > 0)


def _owned(name: str, user: UUID) -> RecordQuery:
    return RecordQuery(name, conditions=(Condition("owner", "eq", str(user)),))
