"""Which records a set of scopes reaches, in a form that has an SQL predicate and an equal Python test."""

from collections.abc import Iterable
from dataclasses import dataclass
from uuid import UUID

from crm_app.access.who import Who


@dataclass(frozen=True)
class Visibility:
    """Every record, or those of `owners`."""

    everyone: bool = False
    owners: frozenset[UUID] = frozenset()

    def reaches(self, owner: UUID | None) -> bool:
        return self.everyone or (owner is not None and owner in self.owners)

    def within(self, other: "Visibility") -> "Visibility":
        """The records that both reach."""
        if self.everyone or other.everyone:
            return other if self.everyone else self
        return Visibility(owners=self.owners & other.owners)


EVERYONE = Visibility(everyone=True)
NOBODY = Visibility()


def visibility(who: Who, scopes: Iterable[str]) -> Visibility:
    """OR over the scopes; an unknown scope reaches nothing."""
    owners: set[UUID] = set()
    for scope in scopes:
        if scope == "all":
            return EVERYONE
        if who.user_id is None:
            continue
        owners.add(who.user_id)
        if scope in ("team", "team_below"):
            owners |= who.team
        if scope == "team_below":
            owners |= who.below
    return Visibility(owners=frozenset(owners))
