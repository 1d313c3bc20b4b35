"""What an actor may do: which objects, which of their records, which fields. Part of every unit of work."""

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import replace
from functools import cached_property
from typing import Any
from uuid import UUID

from sqlalchemy import Connection

from crm_app.access.decide import Grant
from crm_app.access.policy import Action, ObjectAccess
from crm_app.access.visible import Holds, Visibility
from crm_app.access.who import Who
from crm_app.definitions.decision import DecisionDefinition
from crm_app.definitions.object import ObjectDefinition
from crm_app.definitions.package import Package
from crm_app.kernel import clock
from crm_app.kernel.errors import Forbidden, NotFound
from crm_app.rules.inputs import Inputs
from crm_app.rules.scope import FieldInfo
from crm_app.services.closed_fields import without_unreadable
from crm_app.services.live import Schema
from crm_app.services.plain_reading import PlainReading
from crm_app.services.standing import PublisherLacks, PublisherSeesNot, Standing
from crm_app.storage.records import RecordStore
from crm_app.storage.shape import StoredRecord

MASK = "•••"
_READS = ("read", "export")


def _why(action: Action, name: str, refused: Sequence[StoredRecord]) -> dict[str, Any]:
    """What to ask to be told why: nothing where there is no record yet."""
    if not refused or action in ("create", "import"):
        return {}
    return {"why": {"object": name, "id": str(refused[0].id), "action": action}}


class Permissions:
    """`catalog` is what is defined, `who` the actor's facts, `records` the store that takes grants."""

    def __init__(self, connection: Connection, standing: Standing, schema: Schema, *, only_reads: bool = False) -> None:
        self.connection = connection
        self.standing = standing
        self.who = who = standing.who
        self.schema = schema
        self._only_reads = only_reads
        self._inputs = Inputs(record={}, me=who.user_id, now=clock.now(), time_zone=who.time_zone)
        self.verdicts = standing.answers
        self._accesses: dict[str, ObjectAccess] = {}

    @property
    def catalog(self) -> Package:
        return self.schema.package

    @cached_property
    def records(self) -> RecordStore:
        return RecordStore(self.connection, self.schema.tables, self.schema.package, self._readable_reach, self._inputs)

    @property
    def roles(self) -> frozenset[str]:
        """The actor's roles, inherited ones included."""
        return self.verdicts.roles

    def access(self, name: str) -> ObjectAccess:
        """What is closed of a field is closed of the time since which it holds its value, and of all that is worked out
        from it.
        """
        known = self._accesses.get(name)
        if known is None:
            known = self._accesses[name] = without_unreadable(self.schema, name, self._stated)
        return known

    def _stated(self, name: str) -> ObjectAccess:
        """As the actor's roles say, before what follows for computed fields."""
        found = self.verdicts.on(name)
        closed = found.hidden | found.masked
        driven = [each for each in self.schema.driven(name) if each.name in closed] if closed else []
        if not driven:
            return found
        hidden = {each.since for each in driven if each.name in found.hidden}
        return replace(found, hidden=found.hidden | hidden, masked=found.masked | {d.since for d in driven} - hidden)

    def closed(self, name: str) -> frozenset[str]:
        """The fields whose values this actor may not know: hidden ones and masked ones."""
        access = self.access(name)
        return access.hidden | access.masked

    def reach(self, action: Action, name: str) -> Visibility:
        """The records of an object on which this actor may do the action."""
        return self.verdicts.reach(action, name)

    def _readable_reach(self, name: str) -> Visibility:
        return self.reach("read", name)

    def definition(self, name: object) -> ObjectDefinition:
        """An object that this actor may read; for anybody else it does not exist."""
        found = self.catalog.by_name.get(name) if isinstance(name, str) else None
        if found is None or not self.access(found.name).allows("read"):
            if found is not None and self._alone(found.name).allows("read"):
                raise PublisherSeesNot(self.standing.of_publisher(f"read {found.plural.lower()}"))
            raise NotFound(f"There is no object '{str(name)[:50]}'.")
        return found

    def require(self, action: Action, name: str, records: Iterable[StoredRecord] = ()) -> Grant:
        """The proof that storage asks for, or `Forbidden`. `records` are whole, as they are or as they would be."""
        if self._only_reads and action not in _READS:
            raise RuntimeError(f"A unit of work that only reads can't {action}.")
        definition = self.definition(name)
        plural, asked = definition.plural.lower(), list(records)
        if not self.access(name).allows(action):
            if self._alone(name).allows(action):
                raise PublisherLacks(self.standing.of_publisher(f"{action} {plural}"))
            raise Forbidden(f"Your role doesn't let you {action} {plural}.", **_why(action, name, asked[:1]))
        if refused := [record for record in asked if not self.reaches(action, name, record)]:
            if all(self.is_publishers(action, name, record) for record in refused):
                raise PublisherLacks(self.standing.of_publisher(f"{action} this {definition.label.lower()}"))
            said = f"Your role lets you {action} only some {plural}, and not this one."
            raise Forbidden(said, **_why(action, name, refused[:1]))
        return Grant(action, name)

    def _alone(self, name: str) -> ObjectAccess:
        """What a run's runner might do, were it not for its publisher."""
        alone = self.standing.alone
        return alone.on(name) if alone is not None else ObjectAccess({})

    def is_publishers(self, action: Action, name: str, record: StoredRecord) -> bool:
        """Whether only the publisher of what a run does keeps it from a record."""
        alone = self.standing.alone
        if alone is None or self.reaches(action, name, record):
            return False
        return alone.reach(action, name).includes(record.id, record.values, self._plain.holds(record))

    def reaches(self, action: Action, name: str, record: StoredRecord) -> bool:
        """Whether the actor may do it with a whole record, as it is saved or as it would be."""
        reach = self.reach(action, name)
        return reach.everyone or reach.includes(record.id, record.values, self._plain.holds(record))

    def holding(self, record: StoredRecord, who: Who) -> Holds:
        """What rules of scopes say of a whole record if somebody asks."""
        return replace(self._plain, inputs=replace(self._inputs, me=who.user_id, time_zone=who.time_zone)).holds(record)

    def among(self, action: Action, name: str, seen: Collection[UUID]) -> set[UUID]:
        """Those of the records that the actor sees with which they may do it."""
        reach = self.reach(action, name)
        if not seen or reach.nobody:
            return set()
        return set(seen) if reach == self.reach("read", name) else self.records.existing(name, seen, reach)

    @cached_property
    def _plain(self) -> PlainReading:
        return PlainReading(self.connection, self.records, self.catalog, self._inputs)

    def fields(self, object: str, /) -> Mapping[str, FieldInfo] | None:  # noqa: A002 - the product's word
        """What this actor may name in a rule: a hidden or masked field is no field, and from the other end neither
        (`rules.scope.Scope`).
        """
        infos = self.schema.field_infos.get(object)
        if infos is None or not self.access(object).allows("read"):
            return None
        ways_back = self.catalog.related.get(object, ())
        closed = self.closed(object) | {w.name for w in ways_back if w.field.name in self.closed(w.object.name)}
        return {name: info for name, info in infos.items() if name not in closed} if closed else infos

    def decision(self, name: str, /) -> DecisionDefinition | None:
        """For rules that this actor writes: what the table names they must be able to name themselves."""
        return self.catalog.by_decision.get(name)

    def readable(self, name: str, values: Mapping[str, Any]) -> Mapping[str, Any]:
        """The values as this actor may see them: hidden fields are absent, masked ones show only that there is one."""
        access = self.access(name)
        if not access.hidden and not access.masked:
            return values
        return {
            field: MASK if field in access.masked and value is not None else value
            for field, value in values.items()
            if field not in access.hidden
        }
