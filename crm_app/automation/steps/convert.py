"""One record becomes several: made or found, linked with each other, and given what belonged to the first."""

from collections.abc import Iterator, Mapping
from typing import Any

from pydantic import Field

from crm_app.automation.conversions import Converted, Made, Move, check_made, check_moves, converted, without_doubles
from crm_app.automation.step_type import Need, Place, StepConfig, StepRun, StepType
from crm_app.fields.rule_type import BOOL, RuleType, ref


class ConvertConfig(StepConfig):
    """`makes` are the records that it becomes, in their order. `moves` says which records that point at it point at one
    of those from then on. With `delete`, the record itself goes to the trash at the end. All of it happens, or none.
    """

    record: str = "id"
    makes: tuple[Made, ...] = Field(min_length=1, max_length=10)
    moves: tuple[Move, ...] = Field(default=(), max_length=30)
    delete: bool = False


def _check(config: ConvertConfig, place: Place) -> Mapping[str, RuleType]:
    source = place.record("record", config.record)
    known: dict[str, str] = {}
    outputs: dict[str, RuleType] = {}
    without_doubles(place, config.makes)
    for index, made in enumerate(config.makes):
        if check_made(place, f"makes/{index}", made, known, source):
            known[made.name] = made.object
            one = ref(made.object)
            outputs[made.name] = one if made.when.strip() else one.required()
            outputs[f"{made.name}_created"] = BOOL.required()
    if source:
        check_moves(place, config.moves, known, source)
    return outputs


def _needs(config: ConvertConfig, place: Place) -> Iterator[Need]:
    for made in config.makes:
        yield Need("create", made.object)
        yield from (Need(action, made.object) for action in ("read", "edit") if made.match or made.files)
    rule = place.rules.get("record")
    if rule is None:
        return
    if any(made.files for made in config.makes):
        yield Need("edit", rule.type.object)
    if config.delete:
        yield Need("delete", rule.type.object)
    lists = {related.name: related for related in place.catalog.related.get(rule.type.object, ())}
    yield from (Need("edit", lists[move.list].object.name) for move in config.moves if move.list in lists)


def _run(step: StepRun) -> Mapping[str, Any]:
    found = converted(step, step.config.makes, step.config.moves, deletes=step.config.delete)
    return {**found.outputs, Converted.KEPT: found.kept}


STEP_TYPE = StepType(
    name="convert",
    label="Convert a record",
    description=(
        "Makes other records of one, as a lead becomes a company, a contact and a deal; what pointed at it and its "
        "files can go with them. Gives each by its name, and whether it was made, as `NAME_created`. All or nothing; "
        "`unconvert` takes it back."
    ),
    config=ConvertConfig,
    check=_check,
    needs=_needs,
    run=_run,
    examples=(
        {
            "id": "convert",
            "type": "convert",
            "makes": [
                {"name": "company", "object": "company", "match": {"name": "company_name"}},
                {
                    "name": "contact",
                    "object": "contact",
                    "values": {"name": "name", "email": "email"},
                    "links": {"company": "company"},
                    "files": {"documents": "documents"},
                },
                {
                    "name": "deal",
                    "object": "deal",
                    "when": "budget is not empty",
                    "values": {"name": "company_name & ': ' & interest", "amount": "budget"},
                    "links": {"company": "company"},
                },
            ],
            "moves": [{"list": "task_lead", "to": "contact", "field": "contact"}],
            "compensate": [{"id": "back", "type": "unconvert", "step": "convert"}],
        },
    ),
)
