"""Who gains and loses what, before a change of roles is saved: both policies are compiled for everyone whom it touches,
and the records of every object are counted once, however many people there are.
"""

from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import cached_property
from uuid import UUID

from crm_app.access.decide import Verdicts
from crm_app.access.policy import ACTIONS, Action, ObjectAccess, Policy
from crm_app.access.who import Who
from crm_app.definitions.object import ObjectDefinition
from crm_app.services.closed_fields import without_unreadable
from crm_app.services.unit_of_work import UnitOfWork
from crm_app.storage.reach_counts import Gap, ReachCounts, Seen

# Not about records that there are: how many someone may create has no number.
UNCOUNTED = frozenset({"create", "import", "administer"})
MOST_SAMPLES = 3
WORKSPACE = "*"


@dataclass(frozen=True)
class Side:
    """A policy, and the facts of the people under it."""

    policy: Policy
    people: Mapping[UUID, Who]


@dataclass(frozen=True)
class Felt:
    """One person, and how many records it is for them."""

    person: UUID
    name: str
    records: int | None = None


@dataclass(frozen=True)
class ActionChange:
    """`records` is how many different records at least one of the people gains or loses; `None` where none are counted.
    `samples` are some of them that the actor may read.
    """

    object: str
    action: Action
    is_gain: bool
    people: tuple[Felt, ...]
    records: int | None
    samples: tuple[tuple[UUID, str], ...] = ()


@dataclass(frozen=True)
class FieldChange:
    """Of a field of records that the people read before and after. The levels are none, mask, read and edit."""

    object: str
    field: str
    before: str
    after: str
    people: tuple[Felt, ...]

    @property
    def is_gain(self) -> bool:
        return LEVELS.index(self.after) > LEVELS.index(self.before)


LEVELS = ("none", "mask", "read", "edit")


@dataclass(frozen=True)
class Difference:
    actions: tuple[ActionChange, ...] = ()
    fields: tuple[FieldChange, ...] = ()

    @property
    def is_empty(self) -> bool:
        return not self.actions and not self.fields


def difference(work: UnitOfWork, before: Side, after: Side) -> Difference:
    """For the people of both sides. The caller has found that the actor may know."""
    found = _Comparison(work, before, after)
    objects = sorted(work.catalog.objects, key=lambda each: each.plural.casefold())
    actions = [change for each in objects for change in found.actions(each)]
    fields = [change for each in objects for change in found.fields(each)]
    return Difference((*found.administration(), *actions), tuple(fields))


@dataclass(frozen=True)
class _Comparison:
    work: UnitOfWork
    before: Side
    after: Side

    @cached_property
    def _pairs(self) -> list[tuple[Verdicts, Verdicts]]:
        """Of each person, as they are and as they would be; by name."""
        nobody = Who(None, "")
        ids = {*self.before.people, *self.after.people}
        pairs = [
            (
                self.work.schema.verdicts(self.before.people.get(each, nobody), self.before.policy),
                self.work.schema.verdicts(self.after.people.get(each, nobody), self.after.policy),
            )
            for each in ids
        ]
        return sorted(pairs, key=lambda pair: (pair[0].who.name or pair[1].who.name, str(pair[1].who.user_id)))

    def administration(self) -> Iterator[ActionChange]:
        for is_gain in (True, False):
            changed = [
                _felt(old, new)
                for old, new in self._pairs
                if _may(old, WORKSPACE, "administer") is not is_gain and _may(new, WORKSPACE, "administer") is is_gain
            ]
            if changed:
                yield ActionChange(WORKSPACE, "administer", is_gain, tuple(changed), None)

    def actions(self, definition: ObjectDefinition) -> Iterator[ActionChange]:
        name = definition.name
        touched = [pair for pair in self._pairs if _records_of(pair[0].on(name)) != _records_of(pair[1].on(name))]
        moved = _moved(touched, name)
        if not moved:
            return
        gaps = {key: _gaps(name, *key, pairs) for key, pairs in moved.items() if key[0] not in UNCOUNTED}
        work = self.work
        every = [gap for found in gaps.values() for gap, _ in found]
        counts = ReachCounts(work.connection, work.schema.tables[name], work.records.sees, every)
        for key in sorted(moved, key=lambda key: (ACTIONS.index(key[0]), not key[1])):
            if key not in gaps:
                yield ActionChange(name, *key, tuple(_felt(*pair) for pair in moved[key]), None)
            elif change := self._change(name, *key, gaps[key], counts):
                yield change

    def _change(
        self, name: str, action: Action, is_gain: bool, gaps: Sequence[tuple[Gap, Felt]], counts: ReachCounts
    ) -> ActionChange | None:  # fmt: skip
        known = {gap: counts.of([gap]) for gap in dict.fromkeys(gap for gap, _ in gaps)}
        felt = tuple(replace(each, records=known[gap]) for gap, each in gaps if known[gap])
        if not felt:
            return None
        found = [gap for gap, number in known.items() if number]
        return ActionChange(name, action, is_gain, felt, counts.of(found), self._samples(name, counts, found))

    def _samples(self, name: str, counts: ReachCounts, gaps: Iterable[Gap]) -> tuple[tuple[UUID, str], ...]:
        work, field = self.work, self.work.catalog.by_name[name].name_field
        if not work.access(name).allows("read") or field in work.closed(name):
            return ()
        return tuple(counts.newest(gaps, field, work.reach("read", name), MOST_SAMPLES).items())

    def fields(self, definition: ObjectDefinition) -> Iterator[FieldChange]:
        name = definition.name
        known: dict[tuple[frozenset[str], frozenset[str]], dict[str, tuple[str, str]]] = {}
        people: dict[tuple[str, str, str], list[Felt]] = defaultdict(list)
        for old, new in self._pairs:
            if not (_may(old, name, "read") and _may(new, name, "read")):
                continue
            roles = (frozenset(old.who.roles), frozenset(new.who.roles))
            if roles not in known:
                known[roles] = _levels(definition, self._access(old, name), self._access(new, name))
            for field, (was, now) in known[roles].items():
                people[field, was, now].append(_felt(old, new))
        order = list(definition.all_fields)
        for (field, was, now), felt in sorted(people.items(), key=lambda item: order.index(item[0][0])):
            yield FieldChange(name, field, was, now, tuple(felt))

    def _access(self, verdicts: Verdicts, name: str) -> ObjectAccess:
        return without_unreadable(self.work.schema, name, verdicts.on)


def _moved(
    pairs: Iterable[tuple[Verdicts, Verdicts]], name: str
) -> Mapping[tuple[Action, bool], list[tuple[Verdicts, Verdicts]]]:
    """For each action, who might gain and who might lose something of it."""
    found: dict[tuple[Action, bool], list[tuple[Verdicts, Verdicts]]] = defaultdict(list)
    for old, new in pairs:
        for action in ACTIONS:
            was, now = old.reach(action, name), new.reach(action, name)
            if was == now or action == "administer":
                continue
            if action not in UNCOUNTED:
                found[action, True].append((old, new))
                found[action, False].append((old, new))
            elif _may(old, name, action) is not _may(new, name, action):
                found[action, _may(new, name, action)].append((old, new))
    return found


def _gaps(
    name: str, action: Action, is_gain: bool, pairs: Iterable[tuple[Verdicts, Verdicts]]
) -> list[tuple[Gap, Felt]]:  # fmt: skip
    """What each of them would reach and doesn't, or the other way round."""
    ways = [(new, old, _felt(old, new)) if is_gain else (old, new, _felt(old, new)) for old, new in pairs]
    return [(Gap(_seen(more, action, name), _seen(less, action, name)), felt) for more, less, felt in ways]


def _seen(verdicts: Verdicts, action: Action, name: str) -> Seen:
    reach, who = verdicts.reach(action, name), verdicts.who
    return Seen(reach) if reach.lasts else Seen(reach, who.user_id, who.time_zone)


def _records_of(access: ObjectAccess) -> tuple[dict[str, frozenset[str]], dict[str, frozenset[str]]]:
    return access.scopes, access.restrictions


def _may(verdicts: Verdicts, name: str, action: str) -> bool:
    return verdicts.on(name).allows(action)


def _felt(old: Verdicts, new: Verdicts, records: int | None = None) -> Felt:
    who = new.who if new.who.user_id is not None else old.who
    if who.user_id is None:
        raise ValueError("Only people are compared.")
    return Felt(who.user_id, who.name, records)


def _levels(definition: ObjectDefinition, old: ObjectAccess, new: ObjectAccess) -> dict[str, tuple[str, str]]:
    levels = {field: (_level(old, field), _level(new, field)) for field in definition.all_fields}
    return {field: pair for field, pair in levels.items() if pair[0] != pair[1]}


def _level(access: ObjectAccess, field: str) -> str:
    if field in access.hidden:
        return "none"
    if field in access.masked:
        return "mask"
    return "read" if field in access.read_only else "edit"
