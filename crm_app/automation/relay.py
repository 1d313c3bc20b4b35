"""From facts to runs: every fact in the outbox is compared with the live automations, once, and then forgotten.

Which runs a fact starts is decided here, before any workflow: inserting them and forgetting the fact is one
transaction, so none is lost and none is made twice. Nothing here needs Temporal.
"""

import logging
import threading
from collections import defaultdict
from collections.abc import Callable, Iterator
from datetime import datetime
from typing import Any
from uuid import UUID

from crm_app.automation.awaited import answer_waits
from crm_app.automation.batches import together
from crm_app.automation.budget import require_bounded, within_budget
from crm_app.automation.catalog import TRIGGER_TYPES
from crm_app.automation.change import Change, change_of
from crm_app.automation.compiled import CompiledAutomation, compile_automation
from crm_app.automation.crowd import Crowd
from crm_app.automation.runners import OWNER, runner_of
from crm_app.automation.scope import DefinedFields
from crm_app.definitions.automation import AutomationDefinition
from crm_app.kernel import clock
from crm_app.kernel.actor import SystemActor
from crm_app.kernel.errors import Invalid, TrellisError
from crm_app.rules.inputs import Inputs
from crm_app.services.automation_inputs import RuleReader
from crm_app.services.automation_outbox import claim_events, forget_events
from crm_app.services.automation_pauses import passing_over
from crm_app.services.automation_runs import NewRun, insert_runs
from crm_app.services.definition_store import content_hash
from crm_app.services.signals import listening
from crm_app.services.unit_of_work import FACTS, OUTBOX_CHANNEL, UnitOfWork
from crm_app.services.workspace import Workspace

BATCH = 500
POLL_SECONDS = 1.0
MAX_PAUSE_SECONDS = 5.0
RELAY = SystemActor("relay of workflows")

logger = logging.getLogger(__name__)
Live = tuple[AutomationDefinition, CompiledAutomation | TrellisError]


class Relay:
    """One per worker process; several share the outbox without waiting for each other."""

    def __init__(self, workspace: Workspace, wake: Callable[[], object]) -> None:
        self._workspace = workspace
        self._wake = wake
        self._version = -1
        self.looked_at: datetime | None = None
        self.crowd = Crowd()
        self._live: dict[str, list[Live]] = {}

    def run(self, stop: threading.Event) -> None:
        """Until told to stop; a database that is away is waited for."""
        pause = POLL_SECONDS / 4
        while not stop.is_set():
            try:
                with listening(self._workspace, OUTBOX_CHANNEL) as wait:
                    said: list[str] = []
                    while not stop.is_set():
                        self.drain()
                        pause = POLL_SECONDS / 4
                        if set(said) - {FACTS}:
                            self._wake()
                        said = wait(POLL_SECONDS)
            except Exception as error:  # noqa: BLE001 - whatever it is, the facts are still there
                logger.warning("The relay pauses for %.1f s: %s", pause, type(error).__name__)
                stop.wait(pause)
                pause = min(pause * 2, MAX_PAUSE_SECONDS)

    def drain(self) -> int:
        """Relays what is there; the number of facts. Of those that come meanwhile, their commits tell."""
        total, count = 0, BATCH
        while count == BATCH:
            count = self.relay_once()
            total += count
            if count == BATCH:
                self.crowd.note()
        self.looked_at = clock.now()
        return total

    def relay_once(self) -> int:
        """One transaction over at most `BATCH` facts; then whoever starts runs and lets them go on is woken, if there
        are any.
        """
        events, has_news = self._relayed()
        if has_news:
            self._wake()
        return events

    def _relayed(self) -> tuple[int, bool]:
        with self._workspace.work(RELAY) as work:
            events = claim_events(work, BATCH)
            if not events:
                return 0, False
            self._compile(work)
            reader = RuleReader(work)
            changes = [change_of(e, work.catalog.by_name[e.ref.object]) for e in events if self._is_live(work, e)]
            goes_on = answer_waits(work, changes, reader)
            runs = [run for change in changes for run in self._runs(change, reader)]
            passed_over = passing_over(work) if runs else frozenset[str]()
            wanted = together(work.catalog.automations, (run for run in runs if run.automation not in passed_over))
            insert_runs(work, within_budget(work, wanted))
            forget_events(work, events)
            return len(events), goes_on or bool(wanted)

    @staticmethod
    def _is_live(work: UnitOfWork, event: Any) -> bool:
        return event.ref.object in work.catalog.by_name

    def _compile(self, work: UnitOfWork) -> None:
        if self._version == work.schema.version:
            return
        scope = DefinedFields(work.schema)
        live: dict[str, list[Live]] = defaultdict(list)
        for definition in work.catalog.automations:
            if not definition.is_active or not _listens(definition):
                continue
            try:
                live[definition.trigger.object].append(
                    (definition, compile_automation(definition, work.catalog, scope))
                )
            except TrellisError as error:
                live[definition.trigger.object].append((definition, error))
        self._live, self._version = live, work.schema.version

    def _runs(self, change: Change, reader: RuleReader) -> Iterator[NewRun]:
        for definition, compiled in self._live.get(change.event.ref.object, ()):
            runner, error = change.record.get("owner"), ""
            try:
                if definition.run_as != OWNER:
                    runner = runner_of(reader.work, definition, runner)
                if not fires(compiled, change, condition_inputs(change, runner, reader)):
                    continue
                require_bounded(definition, change.event.depth)
                require_runner(definition, runner)
            except TrellisError as refusal:
                error = f"{refusal.code}: {refusal}"
            except Exception:  # one bad fact must not hold up the others
                logger.exception("A workflow could not be asked about a fact")
                error = "internal: The workflow's trigger stopped on an internal error."
            yield run_of(definition, change, runner, error)


def _listens(definition: AutomationDefinition) -> bool:
    """Whether changes of records can start it; what the clock or a person starts is none of the relay's business."""
    trigger = TRIGGER_TYPES.find(definition.trigger.type)
    return trigger is None or bool(trigger.events)


def fires(compiled: CompiledAutomation | TrellisError, change: Change, inputs: Inputs) -> bool:
    if isinstance(compiled, TrellisError):
        raise compiled
    return compiled.matches(change) and compiled.fires(inputs)


def condition_inputs(change: Change, runner: UUID | None, reader: RuleReader) -> Inputs:
    """A condition is its author's, so it reads as the product itself, on its clock; what the run does has its runner's
    rights.
    """
    return Inputs(
        record={"id": change.event.ref.id, **change.record},
        old=change.before or {},
        me=runner,
        now=change.event.at,
        time_zone=reader.work.who.time_zone,
        follow=reader.follow,
        gather=reader.gather,
        related=reader.related,
        worth=reader.worth,
    )


def require_runner(definition: AutomationDefinition, runner: UUID | None) -> None:
    if runner is None:
        raise Invalid(f"The record has no owner, so '{definition.label}' has nobody to act as.")


def run_of(definition: AutomationDefinition, change: Change, runner: UUID | None, error: str) -> NewRun:
    event = change.event
    kept: dict[str, Any] = {"event": event.name, "at": event.at.isoformat(), "before": dict(event.before)}
    deadline = clock.now() + definition.limits.deadline
    return NewRun(
        event.id,
        definition.name,
        content_hash(definition),
        event.ref,
        runner,
        event.depth,
        kept,
        error,
        deadline=deadline,
    )
