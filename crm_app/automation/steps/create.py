from collections.abc import Iterator, Mapping
from typing import Any

from pydantic import Field

from crm_app.automation.step_type import Need, Place, StepConfig, StepRun, StepType
from crm_app.fields.rule_type import RuleType, ref
from crm_app.services.duplicates import always
from crm_app.services.records import add_records


class CreateConfig(StepConfig):
    """Each of `values` is an expression over the record that started the run."""

    object: str
    values: dict[str, str] = Field(default_factory=dict[str, str], max_length=100)


def _check(config: CreateConfig, place: Place) -> Mapping[str, RuleType]:
    definition = place.records("object", config.object)
    if definition is None:
        return {}
    place.values("values", config.object, config.values)
    for field in definition.fields:
        if field.required and field.default is None and field.name not in config.values:
            place.refuse("values", f"{field.label} is required and has no value.")
    return {"id": ref(config.object).required()}


def _needs(config: CreateConfig, _place: Place) -> Iterator[Need]:
    yield Need("create", config.object)


def _run(step: StepRun) -> Mapping[str, Any]:
    values = step.under("values")
    if values.get("owner") == step.work.who.user_id:
        del values["owner"]  # The runner owns what it makes; saying so is no transfer.
    (record,) = add_records(step.work, step.work.definition(step.config.object), [values], always)
    return {"id": record.id}


STEP_TYPE = StepType(
    name="create",
    label="Create a record",
    description=(
        "Makes a record, also one that a duplicate rule warns of. It belongs to the run's owner unless `owner` says "
        "otherwise."
    ),
    config=CreateConfig,
    check=_check,
    needs=_needs,
    run=_run,
    examples=(
        {
            "id": "follow_up",
            "type": "create",
            "object": "task",
            "values": {"subject": "'Follow up: ' & name", "due_date": "today + P7D", "deal": "id"},
        },
    ),
)
