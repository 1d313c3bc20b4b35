from collections.abc import Iterator, Mapping
from typing import Any, Literal

from crm_app.automation.step_type import Need, Place, StepConfig, StepRun, StepType
from crm_app.fields.rule_type import DECIMAL, INT, RuleType
from crm_app.rules.aggregates import CONCLUSIONS
from crm_app.services.automation_records import all_records
from crm_app.services.lists import count_records, require_field
from crm_app.services.record_query import RecordQuery

_SUMMED = ("int", "decimal", "money", "duration")
_ORDERED = (*_SUMMED, "date", "datetime", "time")


class AggregateConfig(StepConfig):
    """`where` as in a find step. All but `count` name a `field`."""

    object: str
    function: Literal["count", "sum", "min", "max", "avg"]
    field: str = ""
    where: str = ""


def _check(config: AggregateConfig, place: Place) -> Mapping[str, RuleType]:
    definition = place.records("object", config.object)
    if definition is None:
        return {}
    if config.where.strip():
        place.query("where", config.object, config.where)
    if config.function == "count":
        return {"value": INT.required()}
    info = (place.scope.fields(config.object) or {}).get(config.field)
    fitting = _SUMMED if config.function in ("sum", "avg") else _ORDERED
    if info is None or info.type.kind not in fitting:
        place.refuse("field", f"'{config.field}' is no field of {definition.label} that has a {config.function}.")
        return {}
    found = DECIMAL if config.function == "avg" and info.type.kind == "int" else info.type
    return {"value": RuleType(found.kind, currency=found.currency)}


def _needs(config: AggregateConfig, _place: Place) -> Iterator[Need]:
    yield Need("read", config.object)


def _run(step: StepRun) -> Mapping[str, Any]:
    config: AggregateConfig = step.config
    query = RecordQuery(config.object, within=step.query("where"), fields=(config.field or "created_at",))
    if config.function == "count":
        return {"value": count_records(step.work, query, cap=None).value}
    require_field(step.work, config.object, config.field)
    values = [record.values.get(config.field) for record in all_records(step.work, query)]
    return {"value": CONCLUSIONS[config.function](values)}


STEP_TYPE = StepType(
    name="aggregate",
    label="Count or add up records",
    description=("Gives the `value` of a count, sum, minimum, maximum or average over the records that a rule finds."),
    config=AggregateConfig,
    check=_check,
    needs=_needs,
    run=_run,
    queries=("where",),
    examples=(
        {"id": "open", "type": "aggregate", "object": "task", "function": "count", "where": "deal = vars.record"},
        {"id": "total", "type": "aggregate", "object": "deal", "function": "sum", "field": "amount"},
    ),
)
