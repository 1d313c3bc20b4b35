"""Automations that a person, or a program with a person's key, starts about a record. They act with that person's
rights, so starting one gives nobody more than they have; a key with limits, which a run has not, starts none.
"""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime

from crm_app.automation.batches import together
from crm_app.automation.budget import require_bounded, within_budget
from crm_app.automation.catalog import TRIGGER_TYPES
from crm_app.automation.compiled import compile_automation
from crm_app.automation.new_runs import started_run
from crm_app.automation.scope import DefinedFields
from crm_app.automation.triggers.manual import ManualConfig
from crm_app.definitions.automation import AutomationDefinition
from crm_app.kernel import clock
from crm_app.kernel.errors import Conflict, Forbidden, Invalid, NotFound
from crm_app.kernel.events import RecordRef
from crm_app.kernel.ids import new_id
from crm_app.rules.inputs import Inputs
from crm_app.services.automation_inputs import RuleReader
from crm_app.services.automation_pauses import passing_over
from crm_app.services.automation_runs import insert_runs
from crm_app.services.bulk_edit import BulkReport, Chosen, Refused
from crm_app.services.in_person import require_whole
from crm_app.services.run_lists import names_of_records
from crm_app.services.unit_of_work import UnitOfWork

MANUAL, SIGNAL = "manual", "signal"
MAX_AT_ONCE = 1_000


class DoesNotApply(Conflict):
    """The automation's condition does not hold for the record."""

    code = "does_not_apply"


@dataclass(frozen=True)
class Startable:
    name: str
    label: str
    description: str


def startable(work: UnitOfWork, name: str) -> list[Startable]:
    """Those that this person may start about records of an object that they may read."""
    work.definition(name)
    if work.standing.is_limited:
        return []
    found = [each for each in work.catalog.automations if _is_manual(each, name) and _may_start(work, each)]
    return [Startable(each.name, each.label, each.description) for each in found]


def start_by_hand(work: UnitOfWork, automation: object, refs: Sequence[RecordRef]) -> int:
    """For each record that the person sees and the condition holds for, a run; for how many. Of a single record that it
    doesn't hold for, it says so.
    """
    definition = _startable(work, automation, refs)
    started = _start(work, definition, refs)
    if not started and len(refs) == 1:
        raise _does_not_apply(work, definition, refs[0].object)
    return len(started)


def start_for_chosen(work: UnitOfWork, automation: object, name: str, chosen: Sequence[Chosen]) -> BulkReport:
    """The same for what was picked in a list; it tells which records were left out, and why."""
    refs = [RecordRef(name, each.id) for each in chosen]
    definition = _startable(work, automation, refs)
    reader, report = RuleReader(work), BulkReport()
    seen = [ref for ref in refs if reader.follow(name, ref.id) is not None]
    report.done = [ref.id for ref in _start(work, definition, seen)]
    names = names_of_records(work, refs)
    refusal = _does_not_apply(work, definition, name)
    left_out = [ref for ref in refs if ref.id not in set(report.done)]
    report.refused = [Refused(ref, names.get(ref, ""), refusal.code, str(refusal)) for ref in left_out]
    return report


def _startable(work: UnitOfWork, automation: object, refs: Sequence[RecordRef]) -> AutomationDefinition:
    if not 1 <= len(refs) <= MAX_AT_ONCE:
        raise Invalid(f"A workflow is started for 1 to {MAX_AT_ONCE:,} records at once.")
    names = {ref.object for ref in refs}
    known = {each.name: each for name in names for each in work.catalog.automations if _is_manual(each, name)}
    definition = known.get(automation) if isinstance(automation, str) else None
    if definition is None or len(names) > 1:
        raise NotFound("There is no such workflow to be started here.")
    if not _may_start(work, definition):
        raise Forbidden(f"Your role doesn't let you start '{definition.label}'.")
    return definition


def _does_not_apply(work: UnitOfWork, definition: AutomationDefinition, name: str) -> DoesNotApply:
    return DoesNotApply(f"'{definition.label}' doesn't apply to this {work.definition(name).label.lower()}.")


def send_signal(work: UnitOfWork, signal: str, ref: RecordRef) -> int:
    """Starts every automation that waits for the signal and whose condition holds; how many."""
    listening = [
        each
        for each in work.catalog.automations
        if each.is_active and each.trigger.type == SIGNAL and each.trigger.object == ref.object
        if each.trigger.config.get("signal") == signal
    ]
    RuleReader(work).record(ref)
    return sum(len(_start(work, each, [ref])) for each in listening)


def _is_manual(definition: AutomationDefinition, name: str) -> bool:
    return definition.is_active and definition.trigger.type == MANUAL and definition.trigger.object == name


def _may_start(work: UnitOfWork, definition: AutomationDefinition) -> bool:
    config = TRIGGER_TYPES.get(MANUAL).config.model_validate(definition.trigger.config)
    roles = config.roles if isinstance(config, ManualConfig) else ()
    return work.who.user_id is not None and (not roles or not work.roles.isdisjoint(roles))


def _start(work: UnitOfWork, definition: AutomationDefinition, refs: Sequence[RecordRef]) -> list[RecordRef]:
    """The records that the condition holds for."""
    require_whole(work, "start a workflow")
    if work.who.user_id is None:
        raise Forbidden("Only a person can start a workflow.")
    if definition.name in passing_over(work):
        raise DoesNotApply(f"'{definition.label}' pauses now.")
    require_bounded(definition, work.depth)
    compiled = compile_automation(definition, work.catalog, DefinedFields(work.schema))
    reader, now = RuleReader(work), clock.now()
    fitting = [ref for ref in dict.fromkeys(refs) if compiled.fires(_inputs(work, reader, ref, now))]
    runs = [started_run(definition, new_id(), ref, work.who.user_id, now) for ref in fitting]
    runs = [replace(run, depth=work.depth) for run in together(work.catalog.automations, runs)]
    insert_runs(work, within_budget(work, runs))
    work.has_news = work.has_news or bool(runs)
    return fitting


def _inputs(work: UnitOfWork, reader: RuleReader, ref: RecordRef, now: datetime) -> Inputs:
    return Inputs(
        record=reader.record(ref),
        me=work.who.user_id,
        now=now,
        time_zone=work.who.time_zone,
        follow=reader.follow,
        gather=reader.gather,
        related=reader.related,
        worth=reader.worth,
    )
