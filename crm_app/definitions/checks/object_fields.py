from collections.abc import Iterator

from crm_app.definitions.object import ObjectDefinition
from crm_app.definitions.package import Package
from crm_app.kernel.errors import Problem


def _named(definition: ObjectDefinition) -> Iterator[tuple[str, str]]:
    yield "name_field", definition.name_field
    for place in ("list_fields", "card_fields"):
        for name in getattr(definition, place):
            yield place, name
    yield from _in_checks(definition)
    if definition.activity:
        yield "activity/when", definition.activity.when
        if definition.activity.done:
            yield "activity/done", definition.activity.done


def _in_checks(definition: ObjectDefinition) -> Iterator[tuple[str, str]]:
    for index, names in enumerate(definition.unique_together):
        for name in names:
            yield f"unique_together/{index}", name
    for index, rule in enumerate(definition.validation_rules):
        if rule.field:
            yield f"validation_rules/{index}/field", rule.field


def check(package: Package) -> Iterator[Problem]:
    """Every field that an object's list, cards or checks name is one of its fields."""
    for definition in package.objects:
        for place, name in _named(definition):
            if name not in definition.all_fields:
                yield Problem(f"objects/{definition.name}/{place}", f"'{name}' is not a field of {definition.label}.")
