from collections.abc import Iterator

from crm_app.definitions.field import FIELD_CONDITIONS, FieldDefinition
from crm_app.definitions.object import ObjectDefinition
from crm_app.definitions.package import Package
from crm_app.definitions.rollups import rollups
from crm_app.kernel.errors import Problem

_OF_STORED = ("required", "unique", "searchable", "indexed")
_OF_TYPED = (*FIELD_CONDITIONS[1:], "placeholder")


def _refused(field: FieldDefinition) -> Iterator[tuple[str, str]]:
    for wish in _OF_STORED:
        if getattr(field, wish):
            yield wish, f"{field.label} is worked out whenever it is read, so it can't be {wish}."
    for wish in _OF_TYPED:
        if getattr(field, wish):
            yield wish, f"Nobody types {field.label} in: it is worked out."
    if field.default is not None:
        yield "default", f"{field.label} is worked out, so it starts with nothing else."


def _of_object(definition: ObjectDefinition) -> Iterator[Problem]:
    path = f"objects/{definition.name}"
    computed = {field.name: field for field in definition.computed_fields}
    for field in computed.values():
        for wish, message in _refused(field):
            yield Problem(f"{path}/fields/{field.name}/{wish}", message)
    if definition.name_field in computed:
        message = f"{computed[definition.name_field].label} is worked out, and a record is called by what it holds."
        yield Problem(f"{path}/name_field", message)
    for index, names in enumerate(definition.unique_together):
        for name in computed.keys() & set(names):
            message = f"{computed[name].label} is worked out, so nothing can keep it unique."
            yield Problem(f"{path}/unique_together/{index}", message)
    yield from _of_gates(definition, computed)


def _of_gates(definition: ObjectDefinition, computed: dict[str, FieldDefinition]) -> Iterator[Problem]:
    for pipeline in definition.pipelines:
        for at, stage in enumerate(pipeline.stages):
            for place, gate in (("gate", stage.gate), ("exit", stage.exit)):
                for name in computed.keys() & set(gate.required if gate else ()):
                    path = f"objects/{definition.name}/pipelines/{pipeline.name}/stages/{at}/{place}/required"
                    yield Problem(path, f"{computed[name].label} is worked out. Write it as a rule: `{name} > 0`.")


def check(package: Package) -> Iterator[Problem]:
    """What is worked out can't be asked for, kept unique or indexed; a rollup sums up fields that there are."""
    for definition in package.objects:
        yield from _of_object(definition)
    for each in rollups(package):
        if not each.related:
            yield Problem(
                f"{each.path}/config/relation",
                f"Rules know no related records '{each.settings.relation}' of {package.by_name[each.object].label}. "
                f"They know {_known(package, each.object)}.",
            )
        elif each.settings.field and each.settings.field not in package.by_name[each.related].all_fields:
            label = package.by_name[each.related].label
            yield Problem(f"{each.path}/config/field", f"'{each.settings.field}' is not a field of {label}.")


def _known(package: Package, owner: str) -> str:
    names = [each.name for each in package.related.get(owner, ())]
    names += [field.name for field in package.by_name[owner].linked_fields]
    return ", ".join(f"'{name}'" for name in names) or "none"
