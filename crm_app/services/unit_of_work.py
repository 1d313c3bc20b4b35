"""The door. One transaction, one actor: permission, records, audit and outbox meet here and nowhere else."""

from collections.abc import Callable, Generator
from contextlib import contextmanager
from datetime import datetime
from functools import cached_property
from typing import Any

from sqlalchemy import Connection, Engine, Table

from crm_app.access.who import Who
from crm_app.kernel import clock
from crm_app.kernel.actor import Actor, AutomationActor, KeyActor
from crm_app.kernel.errors import Conflict, Forbidden
from crm_app.kernel.events import RecordEvent
from crm_app.services.event_rows import Cause, audit_row, outbox_row
from crm_app.services.live import Schema
from crm_app.services.once_listened import still_awaited
from crm_app.services.permissions import Permissions
from crm_app.services.stage_moves import move_rows
from crm_app.services.standing import Standing
from crm_app.services.tools import Tools
from crm_app.storage.bulk import insert_together
from crm_app.storage.file_links import follow
from crm_app.storage.move_table import StageMoveRow
from crm_app.storage.removal import Removal
from crm_app.storage.system_tables import AuditRow, OutboxRow, table_of

OUTBOX_CHANNEL = "trellis_outbox"
FACTS = "facts"
"""Said on that channel where there are facts and nothing else: no run that could be started or go on."""
BOOKKEEPING = frozenset({"updated_at", "updated_by"})
MASK = "•••"
_READS = ("read", "export")

_AUDIT = table_of(AuditRow)
_OUTBOX = table_of(OutboxRow)
_MOVES = table_of(StageMoveRow)


class DefinitionsMoved(Conflict):
    """A publication archived, renamed or converted something after this unit of work began."""

    code = "definitions_moved"


class UnitOfWork(Permissions):
    """`cause` is what the audit says of why; `has_facts` is true once an automation may listen to what was done,
    `has_news` once a run may be started or go on; `after_commit` holds what is done once everything else is certain;
    `access_version` is that of its rights.
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
        super().__init__(connection, standing, schema, only_reads=only_reads)
        self.actor = actor
        self.cause = Cause(actor.run_id) if isinstance(actor, AutomationActor) else Cause()
        self.tools = tools
        self._events: list[tuple[RecordEvent, int]] = []
        self._past: list[dict[str, Any]] = []
        self._past_moves: list[dict[str, Any]] = []
        self.has_news = False
        self.has_facts = False
        self.published = 0
        self.after_commit: list[Callable[[Engine], None]] = []
        self.begin_as: Callable[[Actor], UnitOfWork] | None = None
        self.access_version = 0

    @contextmanager
    def rehearsing(self, actor: Actor) -> Generator["UnitOfWork"]:
        """What somebody else would do, in this transaction; undone at the end, whatever it was."""
        if self.begin_as is None or self._only_reads:
            raise RuntimeError("This unit of work can rehearse nothing.")
        undone = self.connection.begin_nested()
        try:
            yield self.begin_as(actor)
        finally:
            undone.rollback()

    @cached_property
    def removal(self) -> Removal:
        """Deleting and restoring."""
        return Removal(self.connection, self.schema.tables, self.schema.package, self.records.sees)

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
        listened = self._listened({event.ref.object for event, _ in events})
        news = [outbox_row(e, d, at, actor, self.depth) for e, _, d in dumped if e.ref.object in listened]
        moves = [row for e, _ in events for row in move_rows(self.schema.driven(e.ref.object), e, at, actor)]
        self._insert((_AUDIT, audited), (_OUTBOX, news), (_MOVES, moves))
        self.has_facts = self.has_facts or bool(news)

    def _listened(self, objects: set[str]) -> frozenset[str]:
        """Only what was listened to once and is no longer costs a statement."""
        live, once = self.catalog.listened, self.schema.once_listened
        return live | still_awaited(self.connection, {name: once[name] for name in objects - live if name in once})

    def _insert(self, *batches: tuple[Table, list[dict[str, Any]]]) -> None:
        if not insert_together(self.connection, *batches, version=self.published or self.schema.version):
            raise DefinitionsMoved("The definitions changed while this was being saved, so nothing was. Try it again.")

    @property
    def depth(self) -> int:
        """How many automations in a row have led to what this sets off."""
        if isinstance(self.actor, AutomationActor):
            return self.actor.depth + 1
        return self.actor.depth if isinstance(self.actor, KeyActor) else 0

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
