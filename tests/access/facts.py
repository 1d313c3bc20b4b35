"""The facts of a small business that both sides are asked about: people, what their roles say, and their records."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any
from uuid import UUID

Values = dict[str, Any]
FIELDS = {
    "company": ("name", "city", "keeper", "total"),
    "deal": ("name", "size", "stage", "secret", "company", "partners", "region", "double"),
    "note": ("name", "deal"),
}
RELATIONS = {"company": (), "deal": ("company",), "note": ("deal",)}
NOBODY = UUID(int=0)


@dataclass(frozen=True)
class Line:
    object: str
    actions: tuple[str, ...]
    scope: str
    effect: str


@dataclass(frozen=True)
class Role:
    parents: tuple[str, ...]
    lines: tuple[Line, ...]
    levels: Mapping[tuple[str, str], str]


@dataclass(frozen=True)
class Person:
    id: UUID
    name: str
    roles: tuple[str, ...]
    manager: UUID | None


@dataclass(frozen=True)
class Team:
    parent: UUID | None
    manager: UUID | None
    members: frozenset[UUID]


@dataclass(frozen=True)
class Territory:
    parent: UUID | None
    members: frozenset[UUID]


@dataclass(frozen=True)
class Share:
    """`grantee` is a person's or team's id, or a role's name. An ended one is here, too."""

    record: UUID
    kind: str
    grantee: UUID | str
    level: str
    has_ended: bool


@dataclass(frozen=True)
class Record:
    object: str
    id: UUID
    values: Values


@dataclass(frozen=True)
class Way:
    """What a deal has to be to come into a stage: the roles that may bring it to `won`, the size that it has then, and
    whether `lost` asks for the secret. Without `returns` nothing that is won or lost becomes anything else.
    """

    winners: tuple[str, ...]
    least: int
    asks: bool
    returns: bool


@dataclass
class World:
    """`past` has what the fields of a record held first, where they hold something else now."""

    roles: dict[str, Role]
    people: dict[UUID, Person]
    teams: dict[UUID, Team]
    territories: dict[UUID, Territory]
    shares: list[Share]
    records: dict[UUID, Record]
    managers_count: frozenset[str]
    way: "Way"
    past: dict[UUID, Values] = field(default_factory=dict[UUID, Values])

    def of(self, name: str) -> Iterator[Record]:
        return (record for record in self.records.values() if record.object == name)
