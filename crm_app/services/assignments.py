"""Whose turn it is. Runs that ask at the same moment wait for each other, so that nobody is given two turns."""

from collections.abc import Sequence
from uuid import UUID

from sqlalchemy import text

from crm_app.access.visible import EVERYONE
from crm_app.rules.tree import Node
from crm_app.services.automation_records import alone_with
from crm_app.services.unit_of_work import UnitOfWork
from crm_app.storage.filters import Filter

_NEXT = text(
    "INSERT INTO crm.rota (name, turn) VALUES (:name, 1) ON CONFLICT (name) DO UPDATE SET turn = crm.rota.turn + 1 "
    "RETURNING turn"
)


def next_in_turn(work: UnitOfWork, rota: str, people: Sequence[UUID]) -> UUID:
    """One after the other. Who has left is passed over, and who is new comes in at their place."""
    turn: int = work.connection.execute(_NEXT, {"name": rota}).scalar_one()
    return people[(turn - 1) % len(people)]


def least_busy(
    work: UnitOfWork, rota: str, people: Sequence[UUID], name: str, field: str, open_ones: Node | None
) -> UUID:
    """Who has the fewest records of the object that the rule finds; whoever comes first among equals. It counts all
    records, also those that the runner can't see: only who is chosen is told.
    """
    alone_with(work, "rota", rota)
    groups = work.records.groups(Filter(name, EVERYONE, open_ones), field, ())
    counts = {user: count for user, count, _ in groups}
    return min(people, key=lambda user: counts.get(user, 0))
