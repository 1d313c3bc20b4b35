from collections.abc import Iterator, Mapping
from typing import Any

from pydantic import Field

from crm_app.automation.step_type import Need, Place, StepConfig, StepRun, StepType
from crm_app.fields.rule_type import BOOL, RuleType, ref
from crm_app.kernel.errors import Conflict
from crm_app.services.automation_records import alone_with, key_of, matching
from crm_app.services.duplicates import always
from crm_app.services.records import create_record, update_record


class SeveralMatch(Conflict):
    """More than one record has the values that were to find one."""

    code = "several_match"


class UpsertConfig(StepConfig):
    """`match` finds the record: every field has to hold its value. `values` are set on it, or on the new one."""

    object: str
    match: dict[str, str] = Field(min_length=1, max_length=5)
    values: dict[str, str] = Field(default_factory=dict[str, str], max_length=100)


def _check(config: UpsertConfig, place: Place) -> Mapping[str, RuleType]:
    definition = place.records("object", config.object)
    if definition is None:
        return {}
    place.values("match", config.object, config.match)
    place.values("values", config.object, config.values)
    for name in config.match:
        field = definition.all_fields.get(name)
        if field is not None and "eq" not in field.field_type.operators:
            place.refuse(f"match/{name}", f"A record can't be found by {field.label}.")
    for field in definition.fields:
        if field.required and field.default is None and not {field.name} & {*config.match, *config.values}:
            place.refuse("values", f"{field.label} is required and has no value, if the record has to be made.")
    return {"id": ref(config.object).required(), "created": BOOL.required()}


def _needs(config: UpsertConfig, _place: Place) -> Iterator[Need]:
    yield from (Need(action, config.object) for action in ("read", "create", "edit"))


def _run(step: StepRun) -> Mapping[str, Any]:
    name, match, values = step.config.object, step.under("match"), step.under("values")
    alone_with(step.work, "upsert", name, key_of(match))
    found = matching(step.work, name, match, limit=2)
    if len(found) > 1:
        noun = step.work.definition(name).plural.lower()
        raise SeveralMatch(f"Several {noun} match, so the step doesn't know which one to change.")
    if found:
        update_record(step.work, found[0], values, passes=always)
        return {"id": found[0].id, "created": False}
    record = create_record(step.work, name, {**match, **values}, always)
    return {"id": record.ref.id, "created": True}


STEP_TYPE = StepType(
    name="upsert",
    label="Create or update a record",
    description=("Changes the record that holds the values of `match`, or makes it; two runs at once make one."),
    config=UpsertConfig,
    check=_check,
    needs=_needs,
    run=_run,
    examples=(
        {
            "id": "account",
            "type": "upsert",
            "object": "company",
            "match": {"name": "company_name"},
            "values": {"website": "website"},
        },
    ),
)
