"""The rules that divide a field's records among its pipelines, checked against each other before they are published."""

from collections.abc import Iterator, Mapping
from itertools import combinations, islice, product
from typing import Any

from crm_app.definitions.object import ObjectDefinition
from crm_app.definitions.package import Package
from crm_app.definitions.pipeline import Pipeline
from crm_app.fields.choices import ChoiceConfig
from crm_app.kernel.errors import Problem
from crm_app.rules.inputs import Inputs
from crm_app.rules.tree import Member, Quantifier, walk
from crm_app.services.rulebook import CompiledRule, Rulebook

MAX_COMBINATIONS = 10_000


def pipeline_problems(package: Package, rules: Rulebook) -> Iterator[Problem]:
    """Every rule is known to be sound on its own."""
    for definition in package.objects:
        for pipelines in definition.driven.values():
            dividing = {p.name: rules.of(definition.name, p.when) for p in pipelines if p.when.strip()}
            unsteady = [p for p in pipelines if p.name in dividing and not _is_steady(p, dividing[p.name])]
            for pipeline in unsteady:
                path = f"objects/{definition.name}/pipelines/{pipeline.name}/when"
                message = f"It may name only the record's own fields, without '{pipeline.field}', time and reader."
                yield Problem(path, message)
            if not unsteady:
                yield from _overlaps(definition, dividing)


def _is_steady(pipeline: Pipeline, compiled: CompiledRule) -> bool:
    """Only a change of the record itself turns it: else records would change their pipeline unseen."""
    reaches_out = any(isinstance(node, (Member, Quantifier)) for node in walk(compiled.rule.tree))
    needs_context = bool(compiled.rule.dependencies.context)
    return not reaches_out and not needs_context and pipeline.field not in compiled.own_fields()


def _overlaps(definition: ObjectDefinition, dividing: Mapping[str, CompiledRule]) -> Iterator[Problem]:
    """Only where every field in question has a few known values; elsewhere the first pipeline that fits wins."""
    for (first, one), (second, other) in combinations(dividing.items(), 2):
        example = _both(definition, one, other)
        if example is not None:
            found = ", ".join(f"{name} = {value}" for name, value in example.items() if value is not None)
            message = f"A record with {found or 'empty fields'} would be in '{first}', too."
            yield Problem(f"objects/{definition.name}/pipelines/{second}/when", message)


def _both(definition: ObjectDefinition, one: CompiledRule, other: CompiledRule) -> dict[str, Any] | None:
    """Values for which both rules hold."""
    names = sorted(one.own_fields() | other.own_fields())
    choices = [_values(definition, name) for name in names]
    for combination in islice(product(*choices), MAX_COMBINATIONS) if all(choices) else ():
        values = dict(zip(names, combination, strict=True))
        inputs = Inputs(record=values)
        if one.holds(inputs) and other.holds(inputs):
            return values
    return None


def _values(definition: ObjectDefinition, name: str) -> list[Any]:
    """All that a field can hold; nothing where that can't be listed."""
    field = definition.all_fields[name]
    if field.type == "select" and isinstance(field.settings, ChoiceConfig):
        return [None, *(option.name for option in field.settings.options)]
    return [None, False, True] if field.type == "boolean" else []
