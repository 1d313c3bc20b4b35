"""One decision of the product beside what the reference model says of the same, and how both are put into words."""

from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass
from random import Random
from typing import Any

from crm_app.kernel.actor import Actor, UserActor
from crm_app.kernel.errors import Conflict, Forbidden, Invalid, NotFound
from crm_app.kernel.events import RecordRef
from crm_app.rules.errors import RuleError
from crm_app.services.standing import PublisherLacks, PublisherSeesNot
from crm_app.services.unit_of_work import UnitOfWork
from tests.access.building import Paper
from tests.access.facts import Person, Record
from tests.access.reference import Model
from tests.builders import Crm


@dataclass(frozen=True)
class Decision:
    surface: str
    who: Person
    what: str
    expected: Any
    found: Any


@dataclass
class Both:
    """The product and the model, with the same world in them."""

    crm: Crm
    model: Model
    papers: list[Paper]
    rng: Random

    def undone(self, me: Person, act: Callable[[UnitOfWork], object], actor: Actor | None = None) -> str:
        """What comes of it, in a transaction that is taken back."""
        found = ""
        with suppress(_Undo), self.crm.workspace.work(actor or UserActor(me.id)) as work:
            found = outcome(lambda: act(work))
            raise _Undo
        return found


class _Undo(Exception):
    pass


def ref_of(record: Record) -> RecordRef:
    return RecordRef(record.object, record.id)


def outcome(act: Callable[[], object]) -> str:
    try:
        act()
    except (NotFound, Forbidden, Invalid, Conflict, RuleError) as error:
        return outcome_of(error)
    return "done"


def outcome_of(error: Exception) -> str:
    absent, forbidden = (NotFound, PublisherSeesNot), (Forbidden, PublisherLacks)
    names = ((absent, "absent"), (forbidden, "forbidden"))
    found = next((name for kinds, name in names if type(error) in kinds), "")
    return found or ("conflict" if isinstance(error, Conflict) else "invalid")
