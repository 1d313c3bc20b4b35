from collections import Counter
from collections.abc import Iterator

from crm_app.definitions.object import ObjectDefinition
from crm_app.definitions.package import Package
from crm_app.definitions.pipeline import Pipeline, since_name
from crm_app.definitions.role import ADMIN
from crm_app.kernel.errors import Problem


def _sharing(definition: ObjectDefinition) -> Iterator[Problem]:
    """Of the pipelines over one field, only the last can do without a rule: nothing gets past one without."""
    path = f"objects/{definition.name}/pipelines"
    last = {pipeline.field: pipeline.name for pipeline in definition.pipelines}
    for pipeline in definition.pipelines:
        if not pipeline.when.strip() and last[pipeline.field] != pipeline.name:
            message = f"It is for every record, so what follows over '{pipeline.field}' is for none. Give it a 'when'."
            yield Problem(f"{path}/{pipeline.name}/when", message)


def _roles(definition: ObjectDefinition, pipeline: Pipeline, known: set[str]) -> Iterator[Problem]:
    path = f"objects/{definition.name}/pipelines/{pipeline.name}"
    places = [("roles", pipeline.roles), *((f"stages/{i}/roles", s.roles) for i, s in enumerate(pipeline.stages))]
    for place, roles in places:
        for role in roles:
            if role not in known:
                yield Problem(f"{path}/{place}", f"There is no role '{role}'.")


def check(package: Package) -> Iterator[Problem]:
    """An object's pipelines have names of their own, leave records to each other, and name roles that exist."""
    known = {role.name for role in package.roles} | {ADMIN}
    for definition in package.objects:
        for name, count in Counter(pipeline.name for pipeline in definition.pipelines).items():
            if count > 1:
                yield Problem(f"objects/{definition.name}/pipelines", f"{count} pipelines are called '{name}'.")
        own = {field.name for field in definition.fields}
        for taken in sorted({since_name(p.field) for p in definition.pipelines} & own):
            message = f"'{taken}' is the name of the time since which a record is in its stage."
            yield Problem(f"objects/{definition.name}/fields/{taken}", message)
        yield from _sharing(definition)
        for pipeline in definition.pipelines:
            yield from _roles(definition, pipeline, known)
