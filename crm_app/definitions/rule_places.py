"""Where definitions of objects, views, decision tables and roles hold rules: each with its path, the object it is about
and what it must give, which for a formula is anything. Automations have their own; see `automation/compiled.py`.
"""

from collections.abc import Iterator
from dataclasses import dataclass

from crm_app.definitions.decision import DecisionDefinition, cell_rule
from crm_app.definitions.object import ObjectDefinition
from crm_app.definitions.package import Package
from crm_app.definitions.role import RULE, RoleDefinition
from crm_app.definitions.rollups import rollups
from crm_app.fields.formula import FormulaConfig
from crm_app.fields.rule_type import BOOL, RuleType


@dataclass(frozen=True)
class RulePlace:
    """`expect` is `None` where any value may be. `cell` is what is written in a cell of a decision table, of which
    `text` is the whole rule; `prefix` is what stands before the rule.
    """

    path: str
    object: str
    text: str
    expect: RuleType | None = BOOL
    cell: str = ""
    prefix: str = ""


def rule_places(package: Package) -> Iterator[RulePlace]:
    """Every rule that there is; places left empty are none."""
    for definition in package.objects:
        yield from rules_of_object(definition)
    for each in rollups(package):
        if each.settings.where.strip() and each.related:
            yield RulePlace(f"{each.path}/config/where", each.related, each.settings.where)
    others = (
        *(RulePlace(f"views/{view.name}/filter", view.object, view.filter) for view in package.views),
        *(place for table in package.decisions for place in _of_table(table)),
        *(place for role in package.roles for place in _of_role(role)),
    )
    yield from (place for place in others if place.text.strip())


def rules_of_object(definition: ObjectDefinition) -> Iterator[RulePlace]:
    return (place for place in _of_object(definition) if place.text.strip())


def _of_object(definition: ObjectDefinition) -> Iterator[RulePlace]:
    path, name = f"objects/{definition.name}", definition.name
    for field in definition.fields:
        for condition, text in field.conditions.items():
            yield RulePlace(f"{path}/fields/{field.name}/{condition}", name, text)
        if isinstance(formula := field.own_settings, FormulaConfig):
            yield RulePlace(f"{path}/fields/{field.name}/config/formula", name, formula.formula, None)
        yield RulePlace(f"{path}/fields/{field.name}/default/rule", name, field.default_rule, field.rule_type)
    for index, rule in enumerate(definition.validation_rules):
        yield RulePlace(f"{path}/validation_rules/{index}/when", name, rule.when)
    for rule in definition.duplicate_rules:
        yield RulePlace(f"{path}/duplicate_rules/{rule.name}/when", name, rule.when)
    yield from _of_pipelines(definition)
    for layout in definition.layouts:
        yield RulePlace(f"{path}/layouts/{layout.name}/when", name, layout.when)
        for at, section in layout.sections():
            yield RulePlace(f"{path}/layouts/{layout.name}/{at}/visible_when", name, section.visible_when)


def _of_pipelines(definition: ObjectDefinition) -> Iterator[RulePlace]:
    for pipeline in definition.pipelines:
        path = f"objects/{definition.name}/pipelines/{pipeline.name}"
        yield RulePlace(f"{path}/when", definition.name, pipeline.when)
        for index, stage in enumerate(pipeline.stages):
            for place, gate in (("gate", stage.gate), ("exit", stage.exit)):
                yield RulePlace(f"{path}/stages/{index}/{place}/rule", definition.name, gate.rule if gate else "")


def _of_role(role: RoleDefinition) -> Iterator[RulePlace]:
    for index, grant in enumerate(role.grants):
        yield RulePlace(f"roles/{role.name}/grants/{index}/scope", grant.objects[0], grant.rule, prefix=RULE)


def _of_table(table: DecisionDefinition) -> Iterator[RulePlace]:
    path, name = f"decisions/{table.name}", table.object
    for index, column in enumerate(table.inputs):
        yield RulePlace(f"{path}/inputs/{index}/rule", name, column.rule, None)
    for index, row in enumerate(table.rows):
        for at, (column, cell) in enumerate(zip(table.inputs, row.when, strict=False)):
            yield RulePlace(f"{path}/rows/{index}/when/{at}", name, cell_rule(column.rule, cell), cell=cell)
        yield RulePlace(f"{path}/rows/{index}/then", name, row.then, None)
    yield RulePlace(f"{path}/otherwise", name, table.otherwise, None)
