from collections.abc import Iterator, Mapping
from typing import Any

from pydantic import Field

from crm_app.automation.step_type import Need, Place, StepConfig, StepRun, StepType
from crm_app.fields.rule_type import INT, RuleType, list_of, ref
from crm_app.services.automation_records import found_records
from crm_app.services.record_query import RecordQuery, Sort

MAX_FOUND = 1_000


class Order(StepConfig):
    field: str
    descending: bool = False


class FindConfig(StepConfig):
    """`where` is a rule about the records that are looked for; in it, `vars.record` is the one that started the run.
    Without it, all are found. Only what the runner may see is.
    """

    object: str
    where: str = ""
    order: tuple[Order, ...] = Field(default=(), max_length=3)
    limit: int = Field(default=100, ge=1, le=MAX_FOUND)


def _check(config: FindConfig, place: Place) -> Mapping[str, RuleType]:
    definition = place.records("object", config.object)
    if definition is None:
        return {}
    if config.where.strip():
        place.query("where", config.object, config.where)
    for index, order in enumerate(config.order):
        field = definition.all_fields.get(order.field)
        if field is None or not field.field_type.is_sortable:
            place.refuse(f"order/{index}/field", f"{definition.plural} can't be sorted by '{order.field}'.")
    one = ref(config.object)
    return {"first": one, "records": list_of(one.required()).required(), "count": INT.required()}


def _needs(config: FindConfig, _place: Place) -> Iterator[Need]:
    yield Need("read", config.object)


def _run(step: StepRun) -> Mapping[str, Any]:
    config: FindConfig = step.config
    sorts = tuple(Sort(order.field, order.descending) for order in config.order)
    query = RecordQuery(config.object, within=step.query("where"), sort=sorts, fields=("created_at",))
    ids = [record.ref.id for record in found_records(step.work, query, config.limit)]
    return {"first": ids[0] if ids else None, "records": ids, "count": len(ids)}


STEP_TYPE = StepType(
    name="find",
    label="Find records",
    description="Looks for records by a rule; gives them as `records`, the `first` of them, and their `count`.",
    config=FindConfig,
    check=_check,
    needs=_needs,
    run=_run,
    queries=("where",),
    examples=(
        {
            "id": "open_tasks",
            "type": "find",
            "object": "task",
            "where": "deal = vars.record and not done",
            "order": [{"field": "due_date"}],
            "limit": 20,
        },
    ),
)
