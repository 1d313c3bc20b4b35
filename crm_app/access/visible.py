"""Which records a grant reaches: one value, with an equal form in SQL (`storage/sees.py`) and in Python (`includes`).

A record is reached where every part of the `Visibility` reaches it, and a part does so in any of its ways. What is
granted is one part; every restriction, and what has to be readable before it may be changed, is one more.
"""

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field, replace
from typing import Any
from uuid import UUID

from crm_app.access.who import Who
from crm_app.rules.inputs import Inputs
from crm_app.rules.rule import Rule


@dataclass(frozen=True)
class ScopeRule:
    """A rule as a scope. `holds` is the rule's own function; only true reaches: unknown denies. Its `me` is whoever
    acts, or the one whose it is where somebody else acts within it.
    """

    object: str
    text: str
    rule: Rule = field(compare=False)
    holds: Callable[[Any], Any] = field(compare=False)
    me: UUID | None = None
    time_zone: str = ""

    def inputs(self, inputs: Inputs) -> Inputs:
        """As whose it is reads them."""
        return inputs if self.me is None else replace(inputs, me=self.me, time_zone=self.time_zone)


Holds = Callable[[ScopeRule], bool]


@dataclass(frozen=True)
class AnyOf:
    """Records of these owners, those of these ids, those in one of the territories by a field that names it, and those
    of which one of the rules is true.
    """

    owners: frozenset[UUID] = frozenset()
    records: frozenset[UUID] = frozenset()
    place: str = ""
    territories: frozenset[UUID] = frozenset()
    rules: tuple[ScopeRule, ...] = ()

    @property
    def is_empty(self) -> bool:
        return not (self.owners or self.records or self.territories or self.rules)

    def includes(self, record: UUID, values: Mapping[str, Any], holds: Holds) -> bool:
        return (
            values.get("owner") in self.owners
            or record in self.records
            or (bool(self.territories) and values.get(self.place) in self.territories)
            or any(holds(rule) for rule in self.rules)
        )

    def of(self, who: Who) -> "AnyOf":
        return replace(self, rules=tuple(replace(r, me=who.user_id, time_zone=who.time_zone) for r in self.rules))

    def is_within(self, other: "AnyOf") -> bool:
        """Whether the other certainly reaches all that this one does."""
        same_place = not self.territories or (self.place == other.place and self.territories <= other.territories)
        is_smaller = self.owners <= other.owners and self.records <= other.records and same_place
        return is_smaller and all(rule in other.rules for rule in self.rules)


@dataclass(frozen=True)
class Visibility:
    """Without any part it is every record."""

    parts: tuple[AnyOf, ...] = ()

    @property
    def everyone(self) -> bool:
        return not self.parts

    @property
    def nobody(self) -> bool:
        return any(part.is_empty for part in self.parts)

    @property
    def lasts(self) -> bool:
        """Whether its SQL says the same at any time and for whoever has an equal one: rules may name `me` and `now`."""
        return not any(part.rules for part in self.parts)

    def includes(self, record: UUID, values: Mapping[str, Any], holds: Holds) -> bool:
        """Of a whole record, also one that is not saved yet."""
        return all(part.includes(record, values, holds) for part in self.parts)

    def of(self, who: Who) -> "Visibility":
        """The same, whoever acts: its rules speak of this person."""
        if who.user_id is None or self.lasts:
            return self
        return Visibility(tuple(part.of(who) for part in self.parts))

    def within(self, other: "Visibility") -> "Visibility":
        """The records that both reach, in as few parts as say so."""
        parts = list(self.parts)
        for part in other.parts:
            if any(known.is_within(part) for known in parts):
                continue
            parts = [known for known in parts if not part.is_within(known)]
            parts.append(part)
        return Visibility(tuple(parts))


EVERYONE = Visibility()
NOBODY = Visibility((AnyOf(),))


def owned_by(owners: Iterable[UUID]) -> Visibility:
    return Visibility((AnyOf(frozenset(owners)),))
