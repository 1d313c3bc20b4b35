from collections.abc import Iterator, Mapping
from typing import Any

from crm_app.automation.step_type import Need, Place, StepConfig, StepRun, StepType
from crm_app.fields.rule_type import RuleType
from crm_app.services.records import delete_record


class DeleteConfig(StepConfig):
    """`record` is an expression that gives a record."""

    record: str = "id"


def _check(config: DeleteConfig, place: Place) -> Mapping[str, RuleType]:
    place.record("record", config.record)
    return {}


def _needs(_config: DeleteConfig, place: Place) -> Iterator[Need]:
    if rule := place.rules.get("record"):
        yield Need("delete", rule.type.object)


def _run(step: StepRun) -> Mapping[str, Any]:
    delete_record(step.work, step.record())
    return {}


STEP_TYPE = StepType(
    name="delete",
    label="Delete a record",
    description="Deletes the record that started the run, or one that it points at. It can be restored from the trash.",
    config=DeleteConfig,
    check=_check,
    needs=_needs,
    run=_run,
    examples=(
        {"id": "clear", "type": "delete"},
        {"id": "clear_task", "type": "delete", "record": "steps.follow_up.id"},
    ),
)
