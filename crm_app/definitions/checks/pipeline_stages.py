from collections import Counter
from collections.abc import Iterator

from crm_app.definitions.object import ObjectDefinition
from crm_app.definitions.package import Package
from crm_app.definitions.pipeline import Pipeline, Stage
from crm_app.fields.choices import ChoiceConfig
from crm_app.kernel.errors import Problem


def _of_pipeline(definition: ObjectDefinition, pipeline: Pipeline) -> Iterator[Problem]:
    path = f"objects/{definition.name}/pipelines/{pipeline.name}"
    field = definition.all_fields.get(pipeline.field)
    if field is None or field.field_type.widget != "select" or not isinstance(field.settings, ChoiceConfig):
        yield Problem(f"{path}/field", f"'{pipeline.field}' is not a select field of {definition.label}.")
        return
    options = {option.name for option in field.settings.options}
    counts = Counter(stage.name for stage in pipeline.stages)
    for index, stage in enumerate(pipeline.stages):
        at = f"{path}/stages/{index}"
        if stage.name not in options:
            yield Problem(f"{at}/name", f"'{stage.name}' is not an option of {field.label}.")
        if counts[stage.name] > 1:
            yield Problem(f"{at}/name", f"'{stage.name}' is a stage {counts[stage.name]} times.")
        yield from _of_stage(at, pipeline, stage)


def _of_stage(at: str, pipeline: Pipeline, stage: Stage) -> Iterator[Problem]:
    for name in stage.to or ():
        if pipeline.stage(name) is None or name == stage.name:
            yield Problem(f"{at}/to", f"'{name}' is not another stage of {pipeline.label}.")
    if stage.kind != "open" and stage.rotting_days is not None:
        yield Problem(f"{at}/rotting_days", "Only a record in an open stage can wait too long.")


def check(package: Package) -> Iterator[Problem]:
    """Every stage of a pipeline is an option of the select field it drives, once, and what follows it is a stage."""
    for definition in package.objects:
        for pipeline in definition.pipelines:
            yield from _of_pipeline(definition, pipeline)
