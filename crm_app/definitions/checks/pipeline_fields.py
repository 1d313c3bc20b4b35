from collections.abc import Iterator

from crm_app.definitions.field import OWNER
from crm_app.definitions.object import ObjectDefinition
from crm_app.definitions.package import Package
from crm_app.definitions.pipeline import Gate, Pipeline
from crm_app.kernel.errors import Problem

_DATES = ("date", "datetime")
_BOOLEAN = "boolean"


def _typed(definition: ObjectDefinition, name: str, types: tuple[str, ...], noun: str) -> str:
    field = definition.all_fields.get(name)
    if not name or (field is not None and field.type in types):
        return ""
    return f"'{name}' is not a {noun} field of {definition.label}."


def _of_gate(at: str, definition: ObjectDefinition, pipeline: Pipeline, gate: Gate) -> Iterator[Problem]:
    own = {field.name for field in definition.fields} | {OWNER.name}
    for name in gate.required:
        if name not in own or name == pipeline.field:
            yield Problem(f"{at}/required", f"'{name}' is not another field of {definition.label}.")
        elif definition.all_fields[name].type == _BOOLEAN:
            yield Problem(f"{at}/required", f"'{name}' is yes or no. Write it as a rule: `{name}`.")
    if gate.rule.strip() and not gate.message.strip():
        yield Problem(f"{at}/message", "A rule needs a message that says what to do when it doesn't hold.")


def _named(path: str, definition: ObjectDefinition, pipeline: Pipeline) -> Iterator[Problem]:
    for place, name, types, noun in (
        ("amount", pipeline.amount, ("currency",), "currency"),
        ("lost_reason", pipeline.lost_reason, ("select",), "select"),
        ("won_date", pipeline.won_date, _DATES, "date"),
        ("lost_date", pipeline.lost_date, _DATES, "date"),
    ):
        message = _typed(definition, name, types, noun)
        if message:
            yield Problem(f"{path}/{place}", message)
    if pipeline.lost_reason and pipeline.lost_reason == pipeline.field:
        yield Problem(f"{path}/lost_reason", "The stage can't be its own reason.")


def _closing(path: str, pipeline: Pipeline) -> Iterator[Problem]:
    kinds = {stage.kind for stage in pipeline.stages}
    for place, name, kind in (
        ("lost_reason", pipeline.lost_reason, "lost"),
        ("lost_date", pipeline.lost_date, "lost"),
        ("won_date", pipeline.won_date, "won"),
    ):
        if name and kind not in kinds:
            yield Problem(f"{path}/{place}", f"{pipeline.label} has no stage of the kind '{kind}'.")


def _of_pipeline(definition: ObjectDefinition, pipeline: Pipeline) -> Iterator[Problem]:
    path = f"objects/{definition.name}/pipelines/{pipeline.name}"
    yield from _named(path, definition, pipeline)
    yield from _closing(path, pipeline)
    for index, stage in enumerate(pipeline.stages):
        for place, gate in (("gate", stage.gate), ("exit", stage.exit)):
            if gate is not None:
                yield from _of_gate(f"{path}/stages/{index}/{place}", definition, pipeline, gate)


def check(package: Package) -> Iterator[Problem]:
    """What a pipeline adds up, asks for and fills in are fields of the right type."""
    for definition in package.objects:
        for pipeline in definition.pipelines:
            yield from _of_pipeline(definition, pipeline)
