from collections.abc import Iterator

from crm_app.definitions.object import ObjectDefinition
from crm_app.definitions.package import Package
from crm_app.definitions.pipeline import Pipeline
from crm_app.fields.choices import ChoiceConfig
from crm_app.kernel.errors import Problem


def _of_pipeline(definition: ObjectDefinition, pipeline: Pipeline) -> Iterator[Problem]:
    path = f"objects/{definition.name}/pipelines/{pipeline.name}"
    field = definition.all_fields.get(pipeline.field)
    if field is None or not isinstance(field.settings, ChoiceConfig):
        yield Problem(f"{path}/field", f"'{pipeline.field}' is not a select field of {definition.label}.")
        return
    options = {option.name for option in field.settings.options}
    for index, stage in enumerate(pipeline.stages):
        if stage.name not in options:
            yield Problem(f"{path}/stages/{index}/name", f"'{stage.name}' is not an option of {field.label}.")
    amount = definition.all_fields.get(pipeline.amount) if pipeline.amount else None
    if pipeline.amount and (amount is None or amount.type != "currency"):
        yield Problem(f"{path}/amount", f"'{pipeline.amount}' is not a currency field of {definition.label}.")


def check(package: Package) -> Iterator[Problem]:
    """Every stage of a pipeline is an option of the field it drives, and what it adds up is money."""
    for definition in package.objects:
        for pipeline in definition.pipelines:
            yield from _of_pipeline(definition, pipeline)
