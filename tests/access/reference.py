"""Who may do what, said as plainly as it can be: no SQL, nothing of the product's own decisions. Slow and obvious."""

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field, replace
from typing import Any
from uuid import UUID

Values = dict[str, Any]
HIDDEN, MASKED, READABLE, EDITABLE = range(4)
LEVELS = {"none": HIDDEN, "mask": MASKED, "read": READABLE}
FREE_OF_READING = ("read", "create")
FIELDS = {
    "company": ("name", "city", "keeper", "total"),
    "deal": ("name", "size", "stage", "secret", "company", "region", "double"),
    "note": ("name", "deal"),
}


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


@dataclass
class World:
    roles: dict[str, Role]
    people: dict[UUID, Person]
    teams: dict[UUID, Team]
    territories: dict[UUID, Territory]
    shares: list[Share]
    records: dict[UUID, Record]
    managers_count: frozenset[str]

    def of(self, name: str) -> Iterator[Record]:
        return (record for record in self.records.values() if record.object == name)


Test = Callable[[World, Values, UUID, UUID], bool | None]


def _hop(world: World, values: Values, relation: str, name: str) -> Any:
    target = world.records.get(values.get(relation) or UUID(int=0))
    return target.values.get(name) if target is not None else None


def _less(left: Any, right: Any) -> bool | None:
    return None if left is None else left < right


# Each rule twice: as an administrator writes it, and as it is meant. Unknown is `None`, and no.
RULES: dict[str, dict[str, Test]] = {
    "deal": {
        "size < 10": lambda _w, v, _me, _id: _less(v.get("size"), 10),
        "size >= 10 or size is empty": lambda _w, v, _me, _id: v.get("size") is None or v["size"] >= 10,
        "owner = me or stage = 'won'": lambda _w, v, me, _id: v.get("owner") == me or v.get("stage") == "won",
        "company.city = 'Oslo'": lambda w, v, _me, _id: _hop(w, v, "company", "city") == "Oslo",
        "company.keeper = me": lambda w, v, me, _id: _hop(w, v, "company", "keeper") == me,
        "any(note_deal where owner = me)": lambda w, _v, me, at: any(
            note.values["deal"] == at and note.values["owner"] == me for note in w.of("note")
        ),
        "double > 10": lambda _w, v, _me, _id: None if v.get("size") is None else v["size"] * 2 > 10,
        "stage != 'lost' and secret is not empty": lambda _w, v, _me, _id: (
            v.get("stage") not in (None, "lost") and v.get("secret") is not None
        ),
    },
    "company": {
        "city = 'Oslo'": lambda _w, v, _me, _id: v.get("city") == "Oslo",
        "keeper = me": lambda _w, v, me, _id: v.get("keeper") == me,
        "total > 20": lambda w, _v, _me, at: (
            sum(d.values["size"] or 0 for d in w.of("deal") if d.values["company"] == at) > 20
        ),
    },
    "note": {
        "deal.size < 10": lambda w, v, _me, _id: _less(_hop(w, v, "deal", "size"), 10),
        "deal.company.city = 'Oslo'": lambda w, v, _me, _id: (
            _hop(w, w.records[v["deal"]].values, "company", "city") == "Oslo" if v.get("deal") in w.records else None
        ),
    },
}


@dataclass
class Model:
    world: World
    _closures: dict[tuple[str, ...], set[str]] = field(default_factory=dict[tuple[str, ...], set[str]])

    def roles(self, me: Person) -> set[str]:
        if me.roles not in self._closures:
            found: set[str] = set()
            waiting = list(me.roles)
            while waiting:
                name = waiting.pop()
                if name not in found and name in self.world.roles:
                    found.add(name)
                    waiting += self.world.roles[name].parents
            self._closures[me.roles] = found
        return self._closures[me.roles]

    def lines(self, me: Person, name: str, action: str, effect: str) -> list[Line]:
        return [
            line
            for role in self.roles(me)
            for line in self.world.roles[role].lines
            if line.object in (name, "*") and (action in line.actions or "*" in line.actions) and line.effect == effect
        ]

    def has(self, me: Person, action: str, name: str) -> bool:
        """The action at all."""
        return bool(self.lines(me, name, action, "allow")) and not self.lines(me, name, action, "deny")

    def level(self, me: Person, name: str, field_name: str) -> int:
        levels = [self.world.roles[role].levels.get((name, field_name)) for role in self.roles(me)]
        lowest = min((LEVELS[level] for level in levels if level is not None), default=EDITABLE)
        needs = {("deal", "double"): ("size",), ("company", "total"): ("size", "company")}.get((name, field_name), ())
        source = "deal"
        if needs and (not self.has(me, "read", source) or any(self.level(me, source, n) <= MASKED for n in needs)):
            return HIDDEN
        return lowest

    def can(self, me: Person, action: str, record: Record) -> bool:
        """With the record as it is, or as it would be."""
        if not self.has(me, action, record.object):
            return False
        lines = self.lines(me, record.object, action, "allow")
        reached = any(self._in_scope(me, line.scope, record) for line in lines)
        reached = reached or self._shared(me, action, record) or self._manages(me, record)
        kept = all(self._in_scope(me, each.scope, record) for each in self.lines(me, record.object, action, "restrict"))
        return reached and kept and (action in FREE_OF_READING or self.can(me, "read", record))

    def seen(self, me: Person, name: str) -> list[Record]:
        return [record for record in self.world.of(name) if self.can(me, "read", record)]

    def change(self, me: Person, record: Record, changes: Values) -> str:
        """What comes of it: `absent`, `forbidden`, `invalid` or `done`."""
        if not self.can(me, "read", record) or not self.can(me, "edit", record):
            return "forbidden" if self.can(me, "read", record) else "absent"
        closed = any(self.level(me, record.object, name) < EDITABLE for name in changes)
        if closed or ("owner" in changes and not self.has(me, "transfer", record.object)):
            return "invalid"
        after = replace(record, values={**record.values, **changes})
        if after.values == record.values:
            return "done"
        known, self.world.records[record.id] = record, after
        try:
            allowed = self.can(me, "edit", after)
        finally:
            self.world.records[record.id] = known
        if not allowed or ("owner" in changes and not self.can(me, "transfer", record)):
            return "forbidden"
        return "done"

    def pointed(self, me: Person, record: Record, relation: str) -> UUID | None:
        """What a relation holds, for whoever may see what is there."""
        target = self.world.records.get(record.values.get(relation) or UUID(int=0))
        return target.id if target is not None and self.can(me, "read", target) else None

    def total(self, me: Person, company: Record) -> int | None:
        sizes = [deal.values["size"] for deal in self.seen(me, "deal") if deal.values["company"] == company.id]
        known = [size for size in sizes if size is not None]
        return sum(known) if known else 0

    def _in_scope(self, me: Person, scope: str, record: Record) -> bool:
        if scope.startswith("rule:"):
            test = RULES[record.object][scope.removeprefix("rule:")]
            return test(self.world, record.values, me.id, record.id) is True
        if scope in ("territory", "territory_below"):
            return record.object == "deal" and self._in_territory(me, record.values.get("region"), scope)
        return scope == "all" or self._owns(me, scope, record.values.get("owner"))

    def _owns(self, me: Person, scope: str, owner: UUID | None) -> bool:
        if owner is None or owner == me.id:
            return owner is not None
        mates = any(me.id in team.members and owner in team.members for team in self.world.teams.values())
        return (scope in ("team", "team_below") and mates) or (scope == "team_below" and self._below(me, owner))

    def _below(self, me: Person, owner: UUID) -> bool:
        return any(owner in team.members and self._manages_team(me, at) for at, team in self.world.teams.items())

    def _manages_team(self, me: Person, start: UUID) -> bool:
        return any(
            self.world.teams[at].manager == me.id for at in _chain(start, lambda at: self.world.teams[at].parent)
        )

    def _in_territory(self, me: Person, region: UUID | None, scope: str) -> bool:
        if region is None:
            return False
        chain = _chain(region, lambda at: self.world.territories[at].parent)
        looked = chain if scope == "territory_below" else [region]
        return any(me.id in self.world.territories[at].members for at in looked)

    def _manages(self, me: Person, record: Record) -> bool:
        owner = record.values.get("owner")
        if record.object not in self.world.managers_count or owner is None:
            return False
        first = self.world.people[owner].manager
        chain = _chain(first, lambda at: self.world.people[at].manager) if first else []
        return me.id in chain

    def _shared(self, me: Person, action: str, record: Record) -> bool:
        for share in self.world.shares:
            if share.record != record.id or share.has_ended or action not in ("read", share.level):
                continue
            if share.kind == "team" and me.id in self.world.teams[UUID(str(share.grantee))].members:
                return True
            if (share.kind == "user" and share.grantee == me.id) or (
                share.kind == "role" and share.grantee in self.roles(me)
            ):
                return True
        return False


def _chain(start: UUID, up: Callable[[UUID], UUID | None]) -> list[UUID]:
    """From one to the top; a circle ends where it began."""
    found: list[UUID] = []
    at: UUID | None = start
    while at is not None and at not in found:
        found.append(at)
        at = up(at)
    return found
