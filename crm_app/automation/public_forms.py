"""Public forms: what a page of one shows, and what becomes of what is sent. Whoever sends is nobody that we know."""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Any, Literal
from uuid import UUID, uuid5

from crm_app.automation.arrivals import live_automation, record_for, start_about
from crm_app.automation.compiled import CompiledAutomation
from crm_app.automation.runners import runner_of
from crm_app.automation.triggers.form_submitted import FormConfig, FormInput
from crm_app.definitions.object import ObjectDefinition
from crm_app.fields.choices import ChoiceConfig
from crm_app.kernel.actor import AutomationActor, SystemActor
from crm_app.kernel.errors import Invalid, NotFound, Problem
from crm_app.services.automation_pauses import passing_over
from crm_app.services.throttle import begin_attempt
from crm_app.services.unit_of_work import UnitOfWork
from crm_app.services.webhooks import MAX_ID, is_new_message
from crm_app.services.workspace import Workspace

FORMS = SystemActor("public forms")
TRAP = "website"
"""An input that people don't see; what is filled in there was not filled in by one."""

MAX_ANSWER = 5_000
FREE_PER_ADDRESS, FREE_PER_FORM = 10, 500
_EVENTS = UUID("7d0c1a52-6f7d-4a58-9d0e-40b6a3b3c9e1")
Kind = Literal["text", "email", "tel", "url", "decimal", "date", "time", "checkbox", "choice", "long"]
_KINDS: Mapping[str, Kind] = {
    "boolean": "checkbox", "currency": "decimal", "date": "date", "email": "email", "long_text": "long",
    "number": "decimal", "percent": "decimal", "phone": "tel", "select": "choice", "time": "time", "url": "url",
}  # fmt: skip


@dataclass(frozen=True)
class Asked:
    """One input of the page. `choices` are names with their labels."""

    name: str
    label: str
    kind: Kind
    help: str = ""
    is_required: bool = False
    choices: tuple[tuple[str, str], ...] = ()


@dataclass(frozen=True)
class PublicForm:
    title: str
    intro: str
    thanks: str
    button: str
    inputs: tuple[Asked, ...]


def public_form(workspace: Workspace, name: str) -> PublicForm:
    """`NotFound` for a form that is not live, or pauses, or never was."""
    with workspace.reading(FORMS) as work:
        automation = _open(work, name)
        definition = work.catalog.by_name[automation.definition.trigger.object]
        config: FormConfig = automation.config
        inputs = tuple(_asked(definition, each) for each in config.inputs)
        return PublicForm(
            config.title or automation.definition.label, config.intro, config.thanks, config.button, inputs
        )


def submit(workspace: Workspace, name: str, sent: Mapping[str, str], identifier: str, address: str) -> int:
    """How many runs that starts; none for what a robot sent, or what was sent before. Problems are by the input's name.
    Everything that is tried counts against the sender's address, and against the form.
    """
    with workspace.work(FORMS) as work:
        automation = _open(work, name)
        runner = runner_of(work, automation.definition, None)
    with workspace.work(FORMS) as work:
        begin_attempt(work.connection, {f"form {name} {address}": FREE_PER_ADDRESS, f"form {name}": FREE_PER_FORM})
    if sent.get(TRAP) or runner is None:
        return 0
    config: FormConfig = automation.config
    answers = _answers(config, sent)
    event = uuid5(_EVENTS, f"{name}/{identifier}")
    try:
        with workspace.work(AutomationActor(name, event, runner, 0, automation.hash)) as work:
            if not is_new_message(work, f"form:{name}", identifier[:MAX_ID]):
                return 0
            return _taken(work, automation, answers, event)
    except Invalid as refusal:
        raise _by_input(config, refusal) from None


def _taken(work: UnitOfWork, automation: CompiledAutomation, answers: Mapping[str, str | None], event: UUID) -> int:
    config: FormConfig = automation.config
    definition = work.catalog.by_name[automation.definition.trigger.object]
    values: dict[str, Any] = dict(config.values)
    for each in config.inputs:
        if each.field:
            is_box = definition.all_fields[each.field].field_type.name == "boolean"
            values[each.field] = answers[each.name] is not None if is_box else answers[each.name]
    match = {field: definition.all_fields[field].parse(values[field]) for field in config.match if values.get(field)}
    rest = {field: value for field, value in values.items() if field not in match}
    ref = record_for(work, definition.name, match, rest)
    return start_about(work, automation, event, ref, answers)


def _open(work: UnitOfWork, name: str) -> CompiledAutomation:
    automation = live_automation(work, name, "form.submitted")
    if name in passing_over(work):
        raise NotFound("There is nothing at this address.")
    return automation


def _asked(definition: ObjectDefinition, each: FormInput) -> Asked:
    field = definition.all_fields.get(each.field) if each.field else None
    kind = _KINDS.get(field.field_type.name, "text") if field else "text"
    choices: tuple[tuple[str, str], ...] = ()
    if field is not None and isinstance(field.settings, ChoiceConfig):
        choices = tuple((option.name, option.label) for option in field.settings.options)
    is_required = each.required or (field is not None and field.required)
    return Asked(each.name, each.label, kind, each.help, is_required, choices)


def _answers(config: FormConfig, sent: Mapping[str, str]) -> dict[str, str | None]:
    found = {each.name: sent.get(each.name, "").strip() or None for each in config.inputs}
    problems = [
        Problem(each.name, "This is needed.") for each in config.inputs if each.required and found[each.name] is None
    ]
    problems += [
        Problem(name, f"At most {MAX_ANSWER:,} characters.")
        for name, text in found.items()
        if len(text or "") > MAX_ANSWER
    ]
    if problems:
        raise Invalid("Please correct what is marked.", problems)
    return found


def _by_input(config: FormConfig, refusal: Invalid) -> Invalid:
    """Of what the form doesn't ask for, whoever fills it in learns nothing."""
    inputs = {each.field: each.name for each in config.inputs if each.field}
    problems = [replace(each, path=inputs[each.path]) for each in refusal.problems if each.path in inputs]
    said = "Please correct what is marked." if problems else "This can't be taken now. Please try again later."
    return Invalid(said, problems)
