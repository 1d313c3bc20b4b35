"""What approvals and forms share: whom they ask, what they show, and how they end."""

from collections.abc import Mapping
from typing import Any
from uuid import UUID

from pydantic import Field

from crm_app.automation.flow import Steps
from crm_app.automation.step_type import Place, StepConfig, StepRun
from crm_app.automation.steps.notify import check_people, label_of, people_of
from crm_app.automation.texts import check_text, filled, spoken
from crm_app.automation.waiting import begin, key_of, settle
from crm_app.fields.rule_type import DURATION, RuleType, ref
from crm_app.kernel import clock
from crm_app.kernel.errors import Invalid
from crm_app.services.automation_waits import Wait
from crm_app.services.inbox import ask_people
from crm_app.services.notifications import notify
from crm_app.services.people import holders_of_role


class NobodyToAsk(Invalid):
    """None of those whom the block would ask has an active account."""

    code = "nobody_to_ask"


class AskConfig(StepConfig):
    """`assignees` gives a person, several, or a team (`owner.manager`); `role` adds everybody who holds it. `title` and
    `message` are texts with tags, `shows` fields of the record that they see, whatever else of it they may.
    """

    assignees: str = ""
    role: str = ""
    title: str = Field(default="", max_length=500)
    message: str = Field(default="", max_length=4000)
    shows: tuple[str, ...] = Field(default=(), max_length=30)
    timeout: str = ""
    on_timeout: Steps = ()


def check_asking(config: AskConfig, place: Place) -> None:
    if config.assignees.strip():
        check_people(place, "assignees", config.assignees)
    elif not config.role:
        place.refuse("assignees", "Say who is to be asked: people, a team, or a role.")
    if config.role and config.role not in {role.name for role in place.catalog.roles}:
        place.refuse("role", f"There is no role '{config.role}'.")
    check_text(place, "title", config.title)
    check_text(place, "message", config.message)
    for index, name in enumerate(config.shows):
        place.rule(f"shows/{index}", name, None)
    if config.timeout.strip():
        place.rule("timeout", config.timeout, DURATION)


def ask(step: StepRun, kind: str, **more: Any) -> Mapping[str, Any]:
    """Everybody who is asked is told, too."""
    config: AskConfig = step.config
    label = label_of(step)
    shown = [[_label(step, name), _shown(step, index)] for index, name in enumerate(config.shows)]
    asks: dict[str, Any] = {
        "kind": kind, "title": filled(step, "title", config.title).strip() or label, "label": label,
        "message": filled(step, "message", config.message).strip(), "shows": shown, **more,
    }  # fmt: skip
    timeout = step.values.get("timeout")
    begun = begin(step, "people", clock.now() + timeout if timeout is not None else None, asks=asks)
    users = people_of(step, "assignees") + (holders_of_role(step.work, config.role) if config.role else [])
    asked = ask_people(step.work, key_of(step), list(dict.fromkeys(users)))
    if not asked:
        raise NobodyToAsk("There is nobody to ask: no one of them has an active account.")
    notify(step.work, asked, asks["title"], "You are asked in your inbox.", step.ref, label)
    return begun


def settled(step: StepRun, late: Mapping[str, Any]) -> Mapping[str, Any]:
    """The answer as outputs; `late` are those of a question that nobody answered in time."""

    def answered(wait: Wait) -> Mapping[str, Any]:
        said = wait.answer
        by, values = UUID(said["by"]), dict(said["values"])
        return {"answer": said["said"], "comment": said["comment"], "by": by, "timed_out": False, **values}

    return settle(step, answered, lambda _wait: {"comment": None, "by": None, "timed_out": True, **late})


BY: RuleType = ref("user")


def _label(step: StepRun, name: str) -> str:
    field = step.work.definition(step.ref.object).all_fields.get(name)
    return field.label if field else name


def _shown(step: StepRun, index: int) -> str:
    place = f"shows/{index}"
    return spoken(step.work, step.values[place], step.types[place])
