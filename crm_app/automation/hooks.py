"""From a webhook's message to a run: checked, counted once, and about a record."""

from collections.abc import Mapping
from typing import Any
from uuid import UUID, uuid5

from crm_app.automation.arrivals import live_automation, record_for, start_about
from crm_app.automation.budget import require_bounded
from crm_app.automation.json_values import BadJsonValue, parsed_json, typed_value, value_at
from crm_app.automation.runners import runner_of
from crm_app.automation.triggers.webhook import WebhookConfig
from crm_app.kernel.actor import AutomationActor, SystemActor
from crm_app.kernel.causation import depth_in
from crm_app.services.automation_pauses import passing_over
from crm_app.services.webhooks import is_new_message, verified
from crm_app.services.workspace import Workspace

HOOKS = SystemActor("webhooks of workflows")
_EVENTS = UUID("c3a2b9f4-0a55-4c7e-8f43-6d0f1f7c2a55")


def receive(workspace: Workspace, token: str, headers: Mapping[str, str], body: bytes) -> int:
    """How many runs it has started: one, or none where the message came before, or the automation's condition does not
    hold. What it does to records, it does with the rights of the person whom the automation acts as.
    """
    with workspace.work(HOOKS) as work:
        name, identifier = verified(work, token, headers, body)
        automation = live_automation(work, name, "webhook")
        given = _given(automation.config, parsed_json(body))
        runner = runner_of(work, automation.definition, None)
        if runner is None or name in passing_over(work):
            return 0
    event, depth = uuid5(_EVENTS, f"{name}/{identifier}"), depth_in(headers)
    require_bounded(automation.definition, depth)
    with workspace.work(AutomationActor(name, event, runner, depth, automation.hash)) as work:
        if not is_new_message(work, name, identifier):
            return 0
        config: WebhookConfig = automation.config
        match = {field: given[variable] for field, variable in config.match.items()}
        values = {field: given[variable] for field, variable in config.values.items()}
        ref = record_for(work, automation.definition.trigger.object, match, values)
        return start_about(work, automation, event, ref, given)


def _given(config: WebhookConfig, body: Any) -> dict[str, Any]:
    found = {
        name: typed_value(name, each.type, value_at(body, each.path or name)) for name, each in config.body.items()
    }
    missing = [name for name, each in config.body.items() if each.required and found[name] is None]
    if missing:
        raise BadJsonValue(f"`{missing[0]}` is missing.")
    return found
