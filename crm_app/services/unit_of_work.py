"""The door. One transaction, one actor: permission, records, audit and outbox meet here and nowhere else."""

from collections.abc import Callable, Generator, Iterable, Mapping
from contextlib import contextmanager
from dataclasses import replace
from datetime import datetime
from functools import cached_property
from typing import Any
from uuid import UUID

from sqlalchemy import Connection, Engine, Table

from crm_app.access.decide import Grant
from crm_app.access.policy import Action, ObjectAccess
from crm_app.access.visible import Visibility
from crm_app.access.who import Who
from crm_app.definitions.decision import DecisionDefinition
from crm_app.definitions.object import ObjectDefinition
from crm_app.definitions.package import Package
from crm_app.kernel import clock
from crm_app.kernel.actor import Actor, AutomationActor
from crm_app.kernel.errors import Conflict, Forbidden, NotFound
from crm_app.kernel.events import RecordEvent
from crm_app.rules.inputs import Inputs
from crm_app.rules.scope import FieldInfo
from crm_app.services.closed_fields import without_unreadable
from crm_app.services.event_rows import Cause, audit_row, outbox_row
from crm_app.services.live import Schema
from crm_app.services.stage_moves import move_rows
from crm_app.services.standing import Standing
from crm_app.services.tools import Tools
from crm_app.storage.bulk import insert_together
from crm_app.storage.file_links import follow
from crm_app.storage.move_table import StageMoveRow
from crm_app.storage.records import RecordStore
from crm_app.storage.removal import Removal
from crm_app.storage.system_tables import AuditRow, OutboxRow, table_of

OUTBOX_CHANNEL = "trellis_outbox"
BOOKKEEPING = frozenset({"updated_at", "updated_by"})
MASK = "•••"
_READS = ("read", "export")

_AUDIT = table_of(AuditRow)
_OUTBOX = table_of(OutboxRow)
_MOVES = table_of(StageMoveRow)


class DefinitionsMoved(Conflict):
    """A publication archived, renamed or converted something after this unit of work began."""

    code = "definitions_moved"


class UnitOfWork:
    """`catalog` is what is defined, `who` the actor's facts, `records` the store that takes grants; `cause` is what the
    audit says of why; `has_news` is true once an automation may have something to do; `after_commit` holds what is done
    once everything else is certain.
    """

    def __init__(
        self,
        connection: Connection,
        actor: Actor,
        standing: Standing,
        schema: Schema,
        tools: Tools,
        *,
        only_reads: bool = False,
    ) -> None:
        self.connection = connection
        self.actor = actor
        self.standing = standing
        self.who = standing.who
        self.cause = Cause(actor.run_id) if isinstance(actor, AutomationActor) else Cause()
        self.schema = schema
        self.tools = tools
        self._only_reads = only_reads
        self._verdicts = standing.answers
        self._accesses: dict[str, ObjectAccess] = {}
        self._events: list[tuple[RecordEvent, int]] = []
        self._past: list[dict[str, Any]] = []
        self._past_moves: list[dict[str, Any]] = []
        self.has_news = False
        self.published = 0
        self.after_commit: list[Callable[[Engine], None]] = []

    @property
    def catalog(self) -> Package:
        return self.schema.package

    @cached_property
    def records(self) -> RecordStore:
        inputs = Inputs(record={}, me=self.who.user_id, now=clock.now(), time_zone=self.who.time_zone)
        return RecordStore(self.connection, self.schema.tables, self.schema.package, self._readable_reach, inputs)

    @property
    def roles(self) -> frozenset[str]:
        """The actor's roles, inherited ones included."""
        return self._verdicts.roles

    @cached_property
    def removal(self) -> Removal:
        """Deleting and restoring."""
        return Removal(self.connection, self.schema.tables, self.schema.package)

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
        found = self._verdicts.on(name)
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
        return self._verdicts.reach(action, name)

    def _readable_reach(self, name: str) -> Visibility:
        return self.reach("read", name)

    def definition(self, name: object) -> ObjectDefinition:
        """An object that this actor may read; for anybody else it does not exist."""
        found = self.catalog.by_name.get(name) if isinstance(name, str) else None
        if found is None or not self.access(found.name).allows("read"):
            raise NotFound(f"There is no object '{str(name)[:50]}'.")
        return found

    def require(self, action: Action, name: str, owners: Iterable[UUID | None] = ()) -> Grant:
        """The proof that storage asks for, or `Forbidden`. `owners` are the owners of the records it is about."""
        if self._only_reads and action not in _READS:
            raise RuntimeError(f"A unit of work that only reads can't {action}.")
        definition = self.definition(name)
        access = self.access(name)
        reach = self.reach(action, name)
        if not access.allows(action):
            raise Forbidden(f"Your role doesn't let you {action} {definition.plural.lower()}.")
        if not all(reach.reaches(owner) for owner in owners):
            raise Forbidden(f"Your role lets you {action} only some {definition.plural.lower()}, and not this one.")
        return Grant(action, name)

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

    @contextmanager
    def savepoint(self) -> Generator[None]:
        """What is refused inside leaves nothing behind, neither values nor facts, and the rest goes on."""
        told = len(self._events)
        try:
            with self.connection.begin_nested():
                yield
        except BaseException:
            del self._events[told:]
            raise

    def tell(self, event: RecordEvent, version: int) -> None:
        """Remembers a fact; `flush` writes it to the audit and the outbox in this transaction."""
        self._events.append((event, version))

    def tell_past(self, event: RecordEvent, version: int, at: datetime, by: Who) -> None:
        """A fact from before this workspace knew of it, for demo data: audited at its own time and under its own
        person's name. It is no news, so no automation hears of it; only the product itself can say it.
        """
        if not self.who.is_system:
            raise Forbidden("Only the product itself can write the past.")
        body = {"kind": "user", "user": str(by.user_id or ""), "name": by.name}
        self._past.append(audit_row(event, version, self._dump(event), at, body, self.cause, is_past=True))
        self._past_moves += move_rows(self.schema.driven(event.ref.object), event, at, body)

    def flush(self) -> None:
        if self._past:
            self._insert((_AUDIT, self._past), (_MOVES, self._past_moves))
            self._past, self._past_moves = [], []
        if not self._events:
            return
        events, self._events = self._events, []
        at = clock.now()
        actor = self.actor_body()
        follow(self.connection, self.catalog, (event for event, _ in events), at)
        dumped = [(event, version, self._dump(event)) for event, version in events]
        audited = [audit_row(e, v, d, at, actor, self.cause) for e, v, d in dumped]
        listened = self.catalog.listened
        news = [outbox_row(e, d, at, actor, self._depth()) for e, _, d in dumped if e.ref.object in listened]
        moves = [row for e, _ in events for row in move_rows(self.schema.driven(e.ref.object), e, at, actor)]
        self._insert((_AUDIT, audited), (_OUTBOX, news), (_MOVES, moves))
        self.has_news = self.has_news or bool(news)

    def _insert(self, *batches: tuple[Table, list[dict[str, Any]]]) -> None:
        if not insert_together(self.connection, *batches, version=self.published or self.schema.version):
            raise DefinitionsMoved("The definitions changed while this was being saved, so nothing was. Try it again.")

    def _depth(self) -> int:
        return self.actor.depth + 1 if isinstance(self.actor, AutomationActor) else 0

    def actor_body(self) -> dict[str, str]:
        """How the audit and the outbox name the actor."""
        return self.standing.body(self.actor)

    def _dump(self, event: RecordEvent) -> tuple[dict[str, Any], dict[str, Any]]:
        """What the changed fields were, and the whole record as it is now, as JSON."""
        fields = self.catalog.by_name[event.ref.object].all_fields
        kept = BOOKKEEPING | {driven.since for driven in self.schema.driven(event.ref.object)}
        changed = set(event.changed()) - kept if event.before else ()
        before = {n: fields[n].dump(event.before.get(n)) for n in event.before if n in changed}
        after = {n: fields[n].dump(value) for n, value in event.after.items()}
        return before, after
