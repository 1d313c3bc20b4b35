"""What comes from outside and starts a run: which automation it is for, which record it is about, and the run."""

from collections.abc import Mapping
from dataclasses import replace
from typing import Any
from uuid import UUID

from crm_app.automation.budget import within_budget
from crm_app.automation.compiled import CompiledAutomation, compile_automation
from crm_app.automation.new_runs import started_run
from crm_app.automation.scope import DefinedFields
from crm_app.kernel import clock
from crm_app.kernel.actor import AutomationActor
from crm_app.kernel.errors import Conflict, NotFound
from crm_app.kernel.events import RecordRef
from crm_app.rules.inputs import Inputs
from crm_app.rules.value_json import dump_value
from crm_app.services.automation_inputs import RuleReader
from crm_app.services.automation_records import matching
from crm_app.services.automation_runs import insert_runs
from crm_app.services.duplicates import always
from crm_app.services.records import create_record
from crm_app.services.unit_of_work import UnitOfWork


class SeveralMatch(Conflict):
    """More than one record is what the message may be about."""

    code = "several_match"


def live_automation(work: UnitOfWork, name: str, trigger: str) -> CompiledAutomation:
    definition = next((each for each in work.catalog.automations if each.name == name and each.is_active), None)
    if definition is None or definition.trigger.type != trigger:
        raise NotFound("There is nothing at this address.")
    return compile_automation(definition, work.catalog, DefinedFields(work.schema))


def record_for(work: UnitOfWork, name: str, match: Mapping[str, Any], values: Mapping[str, Any]) -> RecordRef:
    """The one that holds what is to `match`; where there is none, a new one with all of it."""
    found = matching(work, name, match, limit=2) if match else []
    if len(found) > 1:
        raise SeveralMatch(f"Several {work.definition(name).plural.lower()} match the message.")
    return found[0] if found else create_record(work, name, {**match, **values}, always).ref


def start_about(
    work: UnitOfWork, automation: CompiledAutomation, event: UUID, ref: RecordRef, given: Mapping[str, Any]
) -> int:
    """Whether the condition holds, and then a run: how many. `given` is what came along, as `vars`."""
    reader, now = RuleReader(work), clock.now()
    inputs = Inputs(
        record=reader.record(ref),
        variables=given,
        me=work.who.user_id,
        now=now,
        time_zone=work.who.time_zone,
        follow=reader.follow,
        gather=reader.gather,
        related=reader.related,
        worth=reader.worth,
    )
    if not automation.fires(inputs):
        return 0
    dumped = {key: dump_value(value) for key, value in given.items()}
    depth = work.actor.depth if isinstance(work.actor, AutomationActor) else 0
    made = started_run(automation.definition, event, ref, work.who.user_id, now, given=dumped)
    insert_runs(work, within_budget(work, [replace(made, depth=depth)]))
    work.has_news = True
    return 1
