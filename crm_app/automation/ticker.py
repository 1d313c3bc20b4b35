"""From moments to runs: dates that are reached and schedules that come round, each once, whatever was down meanwhile.

One process looks at a time. Which moments were looked at is kept in the transaction that inserts their runs.
"""

import logging
import threading
from collections.abc import Callable, Iterator
from datetime import datetime, timedelta
from uuid import UUID, uuid5

from crm_app.automation.batches import together
from crm_app.automation.compiled import CompiledAutomation, compile_automation
from crm_app.automation.new_runs import started_run
from crm_app.automation.runners import runner_of
from crm_app.automation.scope import DefinedFields
from crm_app.automation.trigger_type import Due, Span, author_of
from crm_app.kernel import clock
from crm_app.kernel.actor import SystemActor
from crm_app.kernel.errors import TrellisError
from crm_app.kernel.events import NO_RECORD, RecordRef
from crm_app.rules.check import typed_tree
from crm_app.rules.conditions import condition_tree
from crm_app.rules.inputs import Inputs
from crm_app.services.automation_inputs import RuleReader
from crm_app.services.automation_pauses import passing_over
from crm_app.services.automation_records import all_records
from crm_app.services.automation_runs import NewRun, insert_runs
from crm_app.services.record_query import Record, RecordQuery, Sort
from crm_app.services.trigger_clock import (
    forget_others,
    is_ours,
    looked_at,
    note_look,
    started_events,
)
from crm_app.services.unit_of_work import UnitOfWork
from crm_app.services.workspace import Workspace

EVERY_SECONDS = 5.0
LATE = timedelta(minutes=10)
TICKER = SystemActor("clock of workflows")
_EVENTS = UUID("5f0f7d0c-6c0e-4b7e-9a55-2a1f6e3f7a10")

logger = logging.getLogger(__name__)


class Ticker:
    """One per worker process; only one of them looks at a time."""

    def __init__(self, workspace: Workspace, wake: Callable[[], object]) -> None:
        self._workspace = workspace
        self._wake = wake
        self._version = -1
        self._live: list[CompiledAutomation] = []

    def run(self, stop: threading.Event) -> None:
        """Until told to stop; a database that is away is waited for."""
        while not stop.wait(EVERY_SECONDS):
            try:
                if self.tick():
                    self._wake()
            except Exception as error:  # noqa: BLE001 - whatever it is, the moments are looked at the next time
                logger.warning("The clock of workflows could not be looked at: %s", type(error).__name__)

    def tick(self) -> int:
        """Looks at every moment since the last time; the number of runs."""
        with self._workspace.work(TICKER) as work:
            if not is_ours(work):
                return 0
            self._compile(work)
            seen, now, zone = looked_at(work), clock.now(), work.who.time_zone
            passed_over, total = passing_over(work), 0
            for automation in self._live:
                name = automation.definition.name
                since, last = seen.get(name, (now, now))
                if name not in passed_over:
                    total += self._look(work, automation, Span(last, now, max(since, last - LATE), zone))
                note_look(work, name, now)
            forget_others(work, [each.definition.name for each in self._live])
            return total

    def _look(self, work: UnitOfWork, automation: CompiledAutomation, span: Span) -> int:
        """What is wrong with one automation keeps no other from its moments; a run that failed tells of it."""
        if span.since >= span.until:
            return 0
        try:
            with work.savepoint():
                runs = together(work.catalog.automations, _runs(work, automation, span))
                known = started_events(work, automation.definition.name, [run.event for run in runs])
                fresh = [run for run in runs if run.event not in known]
                insert_runs(work, fresh)
                return len(fresh)
        except TrellisError as refusal:
            error = f"{refusal.code}: {refusal}"
        except Exception:  # whatever it is, it is about this one
            logger.exception("The moments of %s could not be looked at", automation.definition.name)
            error = "internal: The workflow's trigger stopped on an internal error."
        insert_runs(work, [_refused(automation, span.until, error)])
        return 0

    def _compile(self, work: UnitOfWork) -> None:
        if self._version == work.schema.version:
            return
        scope, found = DefinedFields(work.schema), list[CompiledAutomation]()
        for definition in work.catalog.automations:
            try:
                compiled = compile_automation(definition, work.catalog, scope) if definition.is_active else None
            except TrellisError:
                continue
            if compiled is not None and compiled.trigger.due is not None:
                found.append(compiled)
        self._live, self._version = found, work.schema.version


def _runs(work: UnitOfWork, automation: CompiledAutomation, span: Span) -> Iterator[NewRun]:
    due = automation.trigger.due
    definition = work.catalog.by_name.get(automation.definition.trigger.object)
    if due is None or definition is None:
        return
    author = author_of(automation.definition.trigger, TICKER.reason)
    for each in due(automation.config, definition, span):
        with work.rehearsing(author) as asking:
            yield from (_run_alone if each.once else _runs_of)(asking, automation, each, span.until)


def _runs_of(work: UnitOfWork, automation: CompiledAutomation, due: Due, at: datetime) -> Iterator[NewRun]:
    name, reader = automation.definition.trigger.object, RuleReader(work)
    rule = typed_tree(condition_tree(due.conditions), name, work) if due.conditions else None
    view, sort = _filter_of(work, name, due.view), (Sort("created_at"),)
    query = RecordQuery(name, rule=automation.filter, within=rule, view_rule=view, sort=sort)
    for record in all_records(work, query, lambda record: automation.fires(_inputs(record, at, reader))):
        yield _run(work, automation, due, record, at)


def _refused(automation: CompiledAutomation, at: datetime, error: str) -> NewRun:
    """Told once an hour: dates that were reached are looked at again and again for a while."""
    definition = automation.definition
    event = uuid5(_EVENTS, f"{definition.name}/refused/{at:%Y-%m-%dT%H}")
    return started_run(definition, event, RecordRef(definition.trigger.object, NO_RECORD), None, at, error=error)


def _filter_of(work: UnitOfWork, name: str, view: str) -> str:
    return next((each.filter for each in work.catalog.views if view and (each.object, each.name) == (name, view)), "")


def _run_alone(work: UnitOfWork, automation: CompiledAutomation, due: Due, at: datetime) -> Iterator[NewRun]:
    about = Record(RecordRef(automation.definition.trigger.object, NO_RECORD), "", 0, {})
    if automation.fires(_inputs(about, at, RuleReader(work))):
        yield _run(work, automation, due, about, at)


def _run(work: UnitOfWork, automation: CompiledAutomation, due: Due, record: Record, at: datetime) -> NewRun:
    value = record.values.get(due.key_field) if due.key_field else ""
    event = uuid5(_EVENTS, f"{automation.definition.name}/{due.key}/{record.ref.id}/{value}")
    try:
        runner = runner_of(work, automation.definition, record.values.get("owner"))
    except TrellisError as refusal:
        return started_run(automation.definition, event, record.ref, None, at, error=f"{refusal.code}: {refusal}")
    return started_run(automation.definition, event, record.ref, runner, at)


def _inputs(record: Record, now: datetime, reader: RuleReader) -> Inputs:
    """A condition is its author's, so it reads as the product itself."""
    return Inputs(
        record={"id": record.ref.id, **record.values},
        me=record.values.get("owner"),
        now=now,
        time_zone=reader.work.who.time_zone,
        follow=reader.follow,
        gather=reader.gather,
        related=reader.related,
        worth=reader.worth,
    )
