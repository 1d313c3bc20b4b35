from collections.abc import Mapping

from pydantic import Field

from crm_app.automation.messages import Output
from crm_app.automation.step_type import Place, StepConfig, StepRun, StepType
from crm_app.fields.own_objects import OWN_OBJECTS
from crm_app.fields.rule_type import RuleType, ref
from crm_app.kernel.errors import NotFound
from crm_app.kernel.events import RecordRef
from crm_app.services.duplicates import always
from crm_app.services.records import update_record


class UpdateConfig(StepConfig):
    """`record` is an expression that gives a record: the one that started the run, one it points at, or the
    output of an earlier step.
    """

    record: str = "id"
    values: dict[str, str] = Field(min_length=1, max_length=100)


def _check(config: UpdateConfig, place: Place) -> Mapping[str, RuleType]:
    found = place.rule("record", config.record, None)
    if found is None:
        return {}
    if found.type.kind != "ref" or found.type.object in OWN_OBJECTS:
        place.refuse("record", f"Expected a record that can be changed, but `{found.text}` is {found.type}.")
        return {}
    place.values("values", found.type.object, config.values)
    return {"id": ref(found.type.object).required()}


def _run(step: StepRun) -> Output:
    target = step.values["record"]
    if target is None:
        raise NotFound("The step has no record to change: what points at it is empty.")
    ref = RecordRef(step.types["record"].object, target)
    update_record(step.work, ref, step.under("values"), passes=always)
    return {"id": str(target)}


STEP_TYPE = StepType(
    name="update",
    label="Update a record",
    description="Changes fields of the record that started the run, or of one that it points at.",
    config=UpdateConfig,
    check=_check,
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
