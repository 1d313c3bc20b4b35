"""From a webhook's message to a run: checked, counted once, and about a record."""

from collections.abc import Mapping
from typing import Any
from uuid import UUID, uuid5

from crm_app.automation.compiled import CompiledAutomation, compile_automation
from crm_app.automation.json_values import BadJsonValue, parsed_json, typed_value, value_at
from crm_app.automation.new_runs import started_run
from crm_app.automation.runners import runner_of
from crm_app.automation.scope import DefinedFields
from crm_app.automation.triggers.webhook import WebhookConfig
from crm_app.kernel import clock
from crm_app.kernel.actor import AutomationActor, SystemActor
from crm_app.kernel.errors import Conflict, NotFound
from crm_app.kernel.events import RecordRef
from crm_app.rules.inputs import Inputs
from crm_app.rules.value_json import dump_value
from crm_app.services.automation_inputs import RuleReader
from crm_app.services.automation_pauses import passing_over
from crm_app.services.automation_records import matching
from crm_app.services.automation_runs import insert_runs
from crm_app.services.duplicates import always
from crm_app.services.records import create_record
from crm_app.services.unit_of_work import UnitOfWork
from crm_app.services.webhooks import is_new_message, verified
from crm_app.services.workspace import Workspace

HOOKS = SystemActor("webhooks of automations")
_EVENTS = UUID("c3a2b9f4-0a55-4c7e-8f43-6d0f1f7c2a55")


class SeveralMatch(Conflict):
    """More than one record is what the message may be about."""

    code = "several_match"


def receive(workspace: Workspace, token: str, headers: Mapping[str, str], body: bytes) -> int:
    """How many runs it has started: one, or none where the message came before, or the automation's condition does not
    hold. What it does to records, it does with the rights of the person whom the automation acts as.
    """
    with workspace.work(HOOKS) as work:
        name, identifier = verified(work, token, headers, body)
        automation = _live(work, name)
        given = _given(automation.config, parsed_json(body))
        runner = runner_of(work, automation.definition, None)
        if runner is None or name in passing_over(work):
            return 0
    event = uuid5(_EVENTS, f"{name}/{identifier}")
    with workspace.work(AutomationActor(name, event, runner, 0)) as work:
        if not is_new_message(work, name, identifier):
            return 0
        ref = _record(work, automation, given)
        if not automation.fires(_inputs(work, ref, given)):
            return 0
        dumped = {key: dump_value(value) for key, value in given.items()}
        insert_runs(work, [started_run(automation.definition, event, ref, runner, clock.now(), given=dumped)])
        work.has_news = True
    return 1


def _live(work: UnitOfWork, name: str) -> CompiledAutomation:
    definition = next((each for each in work.catalog.automations if each.name == name and each.is_active), None)
    if definition is None or definition.trigger.type != "webhook":
        raise NotFound("There is nothing at this address.")
    return compile_automation(definition, work.catalog, DefinedFields(work.schema))


def _given(config: WebhookConfig, body: Any) -> dict[str, Any]:
    found = {
        name: typed_value(name, each.type, value_at(body, each.path or name)) for name, each in config.body.items()
    }
    missing = [name for name, each in config.body.items() if each.required and found[name] is None]
    if missing:
        raise BadJsonValue(f"`{missing[0]}` is missing.")
    return found


def _record(work: UnitOfWork, automation: CompiledAutomation, given: Mapping[str, Any]) -> RecordRef:
    config: WebhookConfig = automation.config
    name = automation.definition.trigger.object
    match = {field: given[variable] for field, variable in config.match.items()}
    found = matching(work, name, match, limit=2) if match else []
    if len(found) > 1:
        raise SeveralMatch(f"Several {work.definition(name).plural.lower()} match the message.")
    if found:
        return found[0]
    values = {field: given[variable] for field, variable in config.values.items()}
    return create_record(work, name, {**match, **values}, always).ref


def _inputs(work: UnitOfWork, ref: RecordRef, given: Mapping[str, Any]) -> Inputs:
    reader = RuleReader(work)
    return Inputs(
        record=reader.record(ref),
        variables=given,
        me=work.who.user_id,
        now=clock.now(),
        time_zone=work.who.time_zone,
        follow=reader.follow,
        gather=reader.gather,
        related=reader.related,
        worth=reader.worth,
    )
