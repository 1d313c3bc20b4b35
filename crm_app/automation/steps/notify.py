from collections.abc import Mapping
from typing import Any, cast
from uuid import UUID

from pydantic import Field

from crm_app.automation.step_type import Place, StepConfig, StepRun, StepType
from crm_app.automation.texts import check_text, filled
from crm_app.fields.own_objects import TEAM_OBJECT, USER_OBJECT
from crm_app.fields.rule_type import INT, RuleType
from crm_app.kernel.actor import AutomationActor
from crm_app.services.notifications import notify
from crm_app.services.people import holders_of_role, members_of_team


class NotifyConfig(StepConfig):
    """`to` gives a person, several, or a team; `role` adds everybody who holds it. `title` and `body` are texts with
    tags, such as `{{name}}`; without a title it is the automation's label. `about` is the record that it leads to.
    """

    to: str = ""
    role: str = ""
    title: str = Field(default="", max_length=500)
    body: str = Field(default="", max_length=4000)
    about: str = "id"


def _check(config: NotifyConfig, place: Place) -> Mapping[str, RuleType]:
    if config.to.strip():
        check_people(place, "to", config.to)
    elif not config.role:
        place.refuse("to", "Say who is to be told: people, a team, or a role.")
    if config.role and config.role not in {role.name for role in place.catalog.roles}:
        place.refuse("role", f"There is no role '{config.role}'.")
    check_text(place, "title", config.title)
    check_text(place, "body", config.body)
    if config.about.strip():
        place.record("about", config.about)
    return {"count": INT.required()}


def check_people(place: Place, at: str, text: str) -> None:
    found = place.rule(at, text, None)
    if found is None:
        return
    kind = found.type.item or found.type
    if kind.kind != "ref" or kind.object not in (USER_OBJECT, TEAM_OBJECT):
        place.refuse(at, f"Expected people, but `{found.text}` is {found.type}.")


def people_of(step: StepRun, at: str = "to") -> list[UUID]:
    """Members in the place of their team."""
    value = step.values.get(at)
    if value is None:
        return []
    kind = step.types[at].item or step.types[at]
    found = cast("list[UUID]", value) if isinstance(value, list) else [value]
    if kind.object == TEAM_OBJECT:
        return [user for team in found for user in members_of_team(step.work, team)]
    return [user for user in found if user is not None]


def _run(step: StepRun) -> Mapping[str, Any]:
    config: NotifyConfig = step.config
    users = people_of(step) + (holders_of_role(step.work, config.role) if config.role else [])
    about = step.record("about") if step.values.get("about") is not None else None
    label = label_of(step)
    title = filled(step, "title", config.title).strip() or label
    told = notify(step.work, users, title, filled(step, "body", config.body).strip(), about, label)
    return {"count": len(told)}


def label_of(step: StepRun) -> str:
    actor = step.work.actor
    name = actor.automation if isinstance(actor, AutomationActor) else ""
    return next((each.label for each in step.work.catalog.automations if each.name == name), name) or "Workflow"


STEP_TYPE = StepType(
    name="notify",
    label="Notify people",
    description="Tells people inside the product, at the bell; gives the `count` of those who were told.",
    config=NotifyConfig,
    check=_check,
    run=_run,
    examples=(
        {"id": "nudge", "type": "notify", "to": "owner"},
        {
            "id": "cheer",
            "type": "notify",
            "to": "owner.manager",
            "title": "{{name}} was won",
            "body": "{{owner}} closed it at {{amount}}.",
        },
    ),
)
