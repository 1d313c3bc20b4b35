"""What is known of an actor at the start of a unit of work. Every later verdict follows from these facts alone."""

from dataclasses import dataclass, field
from uuid import UUID


@dataclass(frozen=True)
class Who:
    """`team` holds the people of the actor's own teams; `below` those of the teams that the actor manages, and of the
    teams under them. `is_system` is the product itself and never comes from a request.
    """

    user_id: UUID | None
    name: str
    email: str = ""
    time_zone: str = "UTC"
    roles: tuple[str, ...] = ()
    team: frozenset[UUID] = frozenset()
    below: frozenset[UUID] = frozenset()
    is_system: bool = False
    facts: dict[str, str] = field(default_factory=dict[str, str])
