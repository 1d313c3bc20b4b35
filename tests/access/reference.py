"""Who may do what, said as plainly as it can be: no SQL, nothing of the product's own decisions. Slow and obvious."""

from collections.abc import Callable
from dataclasses import dataclass, field, replace
from typing import Any
from uuid import UUID

from tests.access.facts import FIELDS, NOBODY, RELATIONS, Line, Person, Record, Values, World

HIDDEN, MASKED, READABLE, EDITABLE = range(4)
LEVELS = {"none": HIDDEN, "mask": MASKED, "read": READABLE}
FREE_OF_READING = ("read", "create")

Test = Callable[[World, Values, UUID, UUID], bool | None]


def _hop(world: World, values: Values, relation: str, name: str) -> Any:
    target = world.records.get(values.get(relation) or NOBODY)
    return target.values.get(name) if target is not None else None


# Each rule twice: as an administrator writes it, and as it is meant. Unknown is `None`, and no.
RULES: dict[str, dict[str, Test]] = {
    "deal": {
        "size < 10": lambda _w, v, _me, _id: v.get("size") is not None and v["size"] < 10,
        "size >= 10 or size is empty": lambda _w, v, _me, _id: v.get("size") is None or v["size"] >= 10,
        "owner = me or stage = 'won'": lambda _w, v, me, _id: v.get("owner") == me or v.get("stage") == "won",
        "company.city = 'Oslo'": lambda w, v, _me, _id: _hop(w, v, "company", "city") == "Oslo",
        "company.keeper = me": lambda w, v, me, _id: _hop(w, v, "company", "keeper") == me,
        "any(note_deal where owner = me)": lambda w, _v, me, at: any(
            note.values["deal"] == at and note.values["owner"] == me for note in w.of("note")
        ),
        "any(partners where city = 'Oslo')": lambda w, v, _me, _id: any(
            w.records[each].values["city"] == "Oslo" for each in v["partners"]
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
        "deal.size < 10": lambda w, v, _me, _id: (_hop(w, v, "deal", "size") or 99) < 10,
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
        if self._is_closed(me, record.object, changes) or self._dangles(me, record.object, changes):
            return "invalid"
        unseen = [n for n in RELATIONS[record.object] if n in changes and self.pointed(me, record, n) is None]
        changes = {name: value for name, value in changes.items() if value is not None or name not in unseen}
        if "partners" in changes:
            kept = record.values["partners"] - set(self.partners(me, record) or ())
            changes["partners"] = changes["partners"] | kept
        after = replace(record, values={**record.values, **changes})
        if after.values == record.values:
            return "done"
        if record.object == "deal" and self._is_barred(me, record.values, after.values):
            return "invalid"
        if not self._would(me, "edit", after) or ("owner" in changes and not self.can(me, "transfer", record)):
            return "forbidden"
        return "done"

    def create(self, me: Person, name: str, values: Values) -> str:
        if not self.has(me, "read", name) or not self.has(me, "create", name):
            return "forbidden" if self.has(me, "read", name) else "absent"
        empty = {**dict.fromkeys(FIELDS[name]), "partners": frozenset[UUID](), "owner": me.id}
        new = Record(name, NOBODY, {**empty, **values})
        if self._is_closed(me, name, values) or self._dangles(me, name, values):
            return "invalid"
        if name == "deal" and values.get("stage") == "won" and not self._may_win(me):
            return "invalid"
        return "done" if self._would(me, "create", new) else "forbidden"

    def link(self, me: Person, deal: Record, company: Record, *, is_wanted: bool) -> str:
        """From the company's page: the deal into its list, or out of it."""
        is_there = self.can(me, "read", company) and self.can(me, "read", deal)
        if not is_there or self.level(me, "deal", "partners") <= MASKED:
            return "absent"
        known = frozenset(self.partners(me, deal) or ())
        if not is_wanted and company.id not in known:
            return "conflict"
        return self.change(me, deal, {"partners": known | {company.id} if is_wanted else known - {company.id}})

    def share(self, me: Person, record: Record, level: str) -> str:
        if not self.can(me, "read", record):
            return "absent"
        return "done" if self.can(me, "share", record) and self.can(me, level, record) else "forbidden"

    def linked(self, me: Person, company: Record, relation: str) -> set[UUID] | None:
        """The deals in a list on a company's page; `None` where there is no such list."""
        if not self.has(me, "read", "deal") or self.level(me, "deal", relation) <= MASKED:
            return None
        return {deal.id for deal in self.seen(me, "deal") if company.id in _targets(deal.values[relation])}

    def past(self, me: Person, record: Record, name: str) -> list[Any] | None:
        """What a field was, the last first; `None` where there is no such record or field."""
        if not self.can(me, "read", record) or self.level(me, record.object, name) <= MASKED:
            return None
        values = [record.values[name]]
        if name in self.world.past.get(record.id, {}):
            values.append(self.world.past[record.id][name])
        return values if values[-1] is not None else values[:-1]

    def told(self, me: Person, record: Record, path: str) -> Any:
        """What a tag such as `company.city` gives when this person's rights are behind it."""
        name, _, rest = path.partition(".")
        if self.level(me, record.object, name) <= MASKED:
            return None
        if rest:
            target = self.pointed(me, record, name)
            return None if target is None else self.told(me, self.world.records[target], rest)
        return self.value(me, record, name)

    def value(self, me: Person, record: Record, name: str) -> Any:
        """Of a field that is not closed to them."""
        if name in RELATIONS[record.object]:
            return self.pointed(me, record, name)
        if name == "partners":
            return self.partners(me, record)
        if name == "double" and record.values["size"] is not None:
            return record.values["size"] * 2
        return self.total(me, record) if name == "total" else record.values.get(name)

    def pointed(self, me: Person, record: Record, relation: str) -> UUID | None:
        """What a relation holds, for whoever may see what is there."""
        target = self.world.records.get(record.values.get(relation) or NOBODY)
        return target.id if target is not None and self.can(me, "read", target) else None

    def partners(self, me: Person, deal: Record) -> list[UUID] | None:
        found = [at for at in deal.values["partners"] if self.can(me, "read", self.world.records[at])]
        return sorted(found) or None

    def _is_closed(self, me: Person, name: str, changes: Values) -> bool:
        is_owned = "owner" in changes and not self.has(me, "transfer", name)
        return is_owned or any(self.level(me, name, each) < EDITABLE for each in changes)

    def _dangles(self, me: Person, name: str, changes: Values) -> bool:
        """Whether they point at what is not there for them."""
        named = {at for each in (*RELATIONS[name], "partners") for at in _targets(changes.get(each))}
        return any(not self.can(me, "read", self.world.records[at]) for at in named)

    def _is_barred(self, me: Person, before: Values, after: Values) -> bool:
        """Whether a deal may not go from one stage to the other, or be so where it is."""
        way, old, new = self.world.way, before["stage"], after["stage"]
        if old == new:
            return way.asks and old == "lost" and before["secret"] is not None and after["secret"] is None
        if new is None:
            return bool(way.winners) or not way.returns
        if old in ("won", "lost") and not way.returns:
            return True
        if new == "won":
            return not self._may_win(me) or after["size"] is None or after["size"] < way.least
        return new == "lost" and way.asks and after["secret"] is None

    def _may_win(self, me: Person) -> bool:
        return not self.world.way.winners or bool(self.roles(me) & set(self.world.way.winners))

    def _would(self, me: Person, action: str, after: Record) -> bool:
        """Whether they could do it with the record as it would be."""
        known = self.world.records.get(after.id)
        self.world.records[after.id] = after
        answer = self.can(me, action, after)
        if known is None:
            del self.world.records[after.id]
        else:
            self.world.records[after.id] = known
        return answer

    def total(self, me: Person, company: Record) -> int:
        sizes = [deal.values["size"] for deal in self.seen(me, "deal") if deal.values["company"] == company.id]
        return sum(size for size in sizes if size is not None)

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
        return first is not None and me.id in _chain(first, lambda at: self.world.people[at].manager)

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


def _targets(value: Any) -> frozenset[UUID]:
    if value is None:
        return frozenset()
    return value if isinstance(value, frozenset) else frozenset({value})


def _chain(start: UUID, up: Callable[[UUID], UUID | None]) -> list[UUID]:
    """From one to the top; a circle ends where it began."""
    found: list[UUID] = []
    at: UUID | None = start
    while at is not None and at not in found:
        found.append(at)
        at = up(at)
    return found
