"""What an administrator does to the pipelines of an object. A stage is an option of the pipeline's field: both are
added and put in order together; an option outlives its stage, because records may be in it.
"""

from collections.abc import Iterable
from typing import Any, cast

from crm_app.definitions.edits import Body, fields_of, moved, named
from crm_app.kernel.errors import Invalid, NotFound, Problem


def pipelines_of(body: Body) -> list[Body]:
    return list(cast("list[Body]", body.get("pipelines", [])))


def pipeline_at(body: Body, index: int) -> Body:
    pipelines = pipelines_of(body)
    if not 0 <= index < len(pipelines):
        raise NotFound("There is no such pipeline.")
    return pipelines[index]


def change_pipeline(body: Body, index: int, pipeline: Body) -> Body:
    pipelines = pipelines_of(body)
    return {**body, "pipelines": [*pipelines[:index], pipeline, *pipelines[index + 1 :]]}


def remove_pipeline(body: Body, index: int) -> Body:
    pipelines = pipelines_of(body)
    return {**body, "pipelines": [*pipelines[:index], *pipelines[index + 1 :]]}


def move_pipeline(body: Body, index: int, by: int) -> Body:
    return {**body, "pipelines": moved(pipelines_of(body), index, index + by)}


def add_pipeline(body: Body, field: str) -> Body:
    """Over a select field, with a stage for each of its options."""
    fields = fields_of(body)
    found = fields[named(fields, field, "field")]
    taken = {pipeline["name"] for pipeline in pipelines_of(body)}
    name = next(n for n in (field, *(f"{field[:46]}_{number}" for number in range(2, 100))) if n not in taken)
    stages = [{"name": option["name"]} for option in found["config"]["options"]]
    pipeline = {"name": name, "label": found["label"], "field": field, "stages": stages}
    return {**body, "pipelines": [*pipelines_of(body), pipeline]}


def add_stage(body: Body, index: int, name: str, label: str) -> Body:
    """A new option with its stage, or a stage for an option that has none; before the closed stages at the end."""
    pipeline = pipeline_at(body, index)
    stages: list[Body] = pipeline["stages"]
    if any(stage["name"] == name for stage in stages):
        raise Invalid("The stage was not added.", [Problem("name", f"There is a stage '{name}' already.")])
    options = options_of(body, pipeline)
    if all(option["name"] != name for option in options):
        options = [*options, {"name": name, "label": label}]
    at = len(stages)
    while at and stages[at - 1].get("kind", "open") != "open":
        at -= 1
    stages = [*stages[:at], {"name": name}, *stages[at:]]
    return _with_options(change_pipeline(body, index, {**pipeline, "stages": stages}), pipeline, options, stages)


def move_stage(body: Body, index: int, name: str, to: int) -> Body:
    pipeline = pipeline_at(body, index)
    stages = moved(pipeline["stages"], named(pipeline["stages"], name, "stage"), to)
    after = change_pipeline(body, index, {**pipeline, "stages": stages})
    return _with_options(after, pipeline, options_of(body, pipeline), stages)


def change_stage(body: Body, index: int, name: str, stage: Body, look: Body) -> Body:
    """`look` is the label and color, which are the option's."""
    pipeline = pipeline_at(body, index)
    stages: list[Body] = list(pipeline["stages"])
    stages[named(stages, name, "stage")] = {**stage, "name": name}
    options = [{**option, **look} if option["name"] == name else option for option in options_of(body, pipeline)]
    return _with_options(change_pipeline(body, index, {**pipeline, "stages": stages}), pipeline, options, stages)


def remove_stage(body: Body, index: int, name: str) -> Body:
    pipeline = pipeline_at(body, index)
    return change_pipeline(
        body, index, {**pipeline, "stages": [stage for stage in pipeline["stages"] if stage["name"] != name]}
    )


def options_of(body: Body, pipeline: Body) -> list[Body]:
    """Of the field that the pipeline drives; none while it drives nothing."""
    field = next((each for each in fields_of(body) if each["name"] == pipeline["field"]), None)
    return list(field.get("config", {}).get("options", [])) if field else []


def _with_options(body: Body, pipeline: Body, options: Iterable[Body], stages: list[Body]) -> Body:
    """In the order of the stages, then those that have none."""
    order = {stage["name"]: at for at, stage in enumerate(stages)}
    ordered = sorted(options, key=lambda option: order.get(option["name"], len(order)))
    fields: list[Any] = fields_of(body)
    at = named(fields, pipeline["field"], "field")
    fields[at] = {**fields[at], "config": {**fields[at].get("config", {}), "options": ordered}}
    return {**body, "fields": fields}
