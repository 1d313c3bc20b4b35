from collections.abc import Iterator

from crm_app.definitions.decision import DecisionDefinition
from crm_app.definitions.package import Package
from crm_app.kernel.errors import Problem


def check(package: Package) -> Iterator[Problem]:
    """Every decision table is about an object, has a cell for each input in each row, and says how to combine only what
    it collects.
    """
    for table in package.decisions:
        path = f"decisions/{table.name}"
        if table.object not in package.by_name:
            yield Problem(f"{path}/object", f"There is no object '{table.object}'.")
        if table.combine != "list" and table.hit != "collect":
            yield Problem(f"{path}/combine", "Only outcomes that are collected are combined.")
        if table.otherwise and table.hit == "collect":
            yield Problem(f"{path}/otherwise", "Where nothing is collected, that is the answer.")
        yield from _shape(path, table)


def _shape(path: str, table: DecisionDefinition) -> Iterator[Problem]:
    rules = [" ".join(each.rule.split()) for each in table.inputs]
    for index, rule in enumerate(rules):
        if rule in rules[:index]:
            yield Problem(f"{path}/inputs/{index}/rule", f"There is a column for '{rule[:60]}' already.")
    for index, row in enumerate(table.rows):
        if len(row.when) != len(table.inputs):
            said = f"A row has {len(table.inputs)} conditions, one for each input; this one has {len(row.when)}."
            yield Problem(f"{path}/rows/{index}/when", said)
