from collections.abc import Iterator, Mapping
from typing import Any

from pydantic import Field

from crm_app.automation.step_type import Need, Place, StepConfig, StepRun, StepType
from crm_app.fields.rule_type import RuleType, ref
from crm_app.services.duplicates import always
from crm_app.services.records import apply_changes


class UpdateConfig(StepConfig):
    """`record` is an expression that gives a record: the one that started the run, one it points at, or the
    output of an earlier step.
    """

    record: str = "id"
    values: dict[str, str] = Field(min_length=1, max_length=100)


def _check(config: UpdateConfig, place: Place) -> Mapping[str, RuleType]:
    name = place.record("record", config.record)
    if not name:
        return {}
    place.values("values", name, config.values)
    return {"id": ref(name).required()}


def _needs(config: UpdateConfig, place: Place) -> Iterator[Need]:
    if rule := place.rules.get("record"):
        yield Need("edit", rule.type.object)
        if "owner" in config.values:
            yield Need("transfer", rule.type.object)


def _run(step: StepRun) -> Mapping[str, Any]:
    target = step.record()
    apply_changes(step.work, target, step.under("values"), always)
    return {"id": target.id}


STEP_TYPE = StepType(
    name="update",
    label="Update a record",
    description="Changes fields of the record that started the run, or of one that it points at.",
    config=UpdateConfig,
    check=_check,
    needs=_needs,
    run=_run,
    examples=(
        {"id": "raise", "type": "update", "values": {"priority": "'high'"}},
        {
            "id": "tell_company",
            "type": "update",
            "record": "company",
            "values": {"last_win": "today"},
        },
    ),
)
