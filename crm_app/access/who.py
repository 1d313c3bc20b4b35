"""What is known of an actor at the start of a unit of work. Every later verdict follows from these facts alone."""

from dataclasses import dataclass, field
from datetime import datetime
from typing import Literal
from uuid import UUID

ShareLevel = Literal["read", "edit"]


@dataclass(frozen=True)
class Share:
    """A single record that somebody shared with the actor, their team or, if it is named, a role of theirs. Without an
    end it lasts.
    """

    object: str
    record: UUID
    level: ShareLevel
    until: datetime | None = None
    role: str = ""

    def opens(self, action: str, now: datetime) -> bool:
        """To edit is to read, too. Nothing else is shared."""
        return action in ("read", self.level) and (self.until is None or now < self.until)


@dataclass(frozen=True)
class Who:
    """`team` holds the people of the actor's own teams; `below` those of the teams that the actor manages, and of the
    teams under them; `reports` the people whose manager, or manager's manager, the actor is. `territories_below` are
    the actor's own and all under them. `is_system` is the product itself and never comes from a request.
    """

    user_id: UUID | None
    name: str
    email: str = ""
    time_zone: str = "UTC"
    roles: tuple[str, ...] = ()
    team: frozenset[UUID] = frozenset()
    below: frozenset[UUID] = frozenset()
    reports: frozenset[UUID] = frozenset()
    territories: frozenset[UUID] = frozenset()
    territories_below: frozenset[UUID] = frozenset()
    shares: tuple[Share, ...] = ()
    is_system: bool = False
    facts: dict[str, str] = field(default_factory=dict[str, str])
