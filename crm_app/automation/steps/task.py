from collections.abc import Iterator, Mapping
from typing import Any

from pydantic import Field

from crm_app.automation.step_type import Need, Place, StepConfig, StepRun, StepType
from crm_app.automation.texts import check_text, filled
from crm_app.definitions.object import ObjectDefinition
from crm_app.definitions.package import Package
from crm_app.fields.own_objects import USER_OBJECT
from crm_app.fields.rule_type import RuleType, ref
from crm_app.services.duplicates import always
from crm_app.services.records import create_record


class TaskConfig(StepConfig):
    """`object` is one whose records are activities; left out, it is the workspace's only one. `subject` is a text with
    tags; `due` and `assignee` are expressions, `about` gives the record that the task belongs to, and `values` are
    further fields.
    """

    object: str = ""
    subject: str = Field(min_length=1, max_length=500)
    due: str = ""
    assignee: str = "owner"
    about: str = "id"
    values: dict[str, str] = Field(default_factory=dict[str, str], max_length=100)


def _check(config: TaskConfig, place: Place) -> Mapping[str, RuleType]:
    definition = _kind(config, place.catalog)
    if definition is None or definition.activity is None:
        place.refuse("object", "Say of which object the task is: one whose records are activities.")
        return {}
    check_text(place, "subject", config.subject)
    if config.due.strip():
        infos = place.scope.fields(definition.name) or {}
        place.rule("due", config.due, infos[definition.activity.when].type)
    if config.assignee.strip():
        place.rule("assignee", config.assignee, ref(USER_OBJECT))
    if config.about.strip() and (about := place.record("about", config.about)) and not _relation(definition, about):
        place.refuse("about", f"{definition.label} has no relation to {place.catalog.by_name[about].label}.")
    place.values("values", definition.name, config.values)
    return {"id": ref(definition.name).required()}


def _kind(config: TaskConfig, catalog: Package) -> ObjectDefinition | None:
    if config.object:
        return catalog.by_name.get(config.object)
    found = [each for each in catalog.objects if each.activity is not None and not each.archived]
    return found[0] if len(found) == 1 else None


def _relation(definition: ObjectDefinition, name: str) -> str:
    return next((field.name for field in definition.pointing_fields if name in field.targets), "")


def _needs(config: TaskConfig, place: Place) -> Iterator[Need]:
    if definition := _kind(config, place.catalog):
        yield Need("create", definition.name)


def _run(step: StepRun) -> Mapping[str, Any]:
    config: TaskConfig = step.config
    definition = _kind(config, step.work.catalog)
    if definition is None or definition.activity is None:
        return {}
    values = {**step.under("values"), definition.name_field: filled(step, "subject", config.subject)}
    if config.due.strip():
        values[definition.activity.when] = step.values["due"]
    if config.about.strip() and step.values["about"] is not None:
        about = step.record("about")
        field = definition.all_fields[_relation(definition, about.object)]
        single = f"{about.object}:{about.id}" if field.is_to_any else about.id
        values[field.name] = [about.id] if field.field_type.is_linked else single
    assignee = step.values.get("assignee")
    if assignee is not None and assignee != step.work.who.user_id:
        values["owner"] = assignee
    record = create_record(step.work, definition.name, values, always)
    return {"id": record.ref.id}


STEP_TYPE = StepType(
    name="task",
    label="Create a task",
    description="Makes a task about a record, for a person, with a day when it is due.",
    config=TaskConfig,
    check=_check,
    needs=_needs,
    run=_run,
    examples=(
        {"id": "call", "type": "task", "subject": "Call {{name}}", "due": "today + P3D"},
        {"id": "check", "type": "task", "object": "task", "subject": "Check the terms", "assignee": "owner.manager"},
    ),
)
