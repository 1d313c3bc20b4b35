"""What is wrong with a decision table beyond its single rules, and what its author should know of it."""

from collections.abc import Iterator

from crm_app.definitions.decision import DecisionDefinition
from crm_app.definitions.package import Package
from crm_app.kernel.errors import Problem
from crm_app.rules.check import check
from crm_app.rules.decision_analysis import Analysis, Example, analysed
from crm_app.rules.errors import RuleError
from crm_app.rules.reading import reading
from crm_app.rules.value_words import Words
from crm_app.services.rulebook import Rulebook

SHOWN = 5


def decision_problems(package: Package, rules: Rulebook) -> Iterator[Problem]:
    """Every rule of the tables is known to be sound on its own."""
    for table in package.decisions:
        path = f"decisions/{table.name}"
        try:
            rules.of(table.object, f"decision('{table.name}')", None)
        except RuleError as error:
            yield Problem(path, _why(table, rules) or error.message)
            continue
        if table.hit == "unique":
            yield from _overlaps(table, rules)


def decision_notes(table: DecisionDefinition, rules: Rulebook) -> list[str]:
    """What can't be wrong by itself, but may not be meant: of a table that is sound."""
    found = analysed(table, rules)
    unsure = [f"{each.first + 1} and {each.second + 1}" for each in found.overlaps if each.example is None]
    notes = [f"Row {row + 1} is never reached: the rows before it take all of it." for row in found.unreached]
    if table.hit != "first" and unsure:
        more = f" and {len(unsure) - SHOWN} more" if len(unsure) > SHOWN else ""
        notes.append(f"Whether a record can be in rows {'; '.join(unsure[:SHOWN])}{more} can't be decided.")
    return [*(notes if table.hit != "collect" else []), *_gap(table, rules, found)]


def _gap(table: DecisionDefinition, rules: Rulebook, found: Analysis) -> list[str]:
    if table.otherwise.strip() or table.hit == "collect":
        return []
    if found.gap is not None:
        return [f"No row is for a record with {_said(table, found.gap, rules)}, and nothing is said for that."]
    return [] if found.is_gap_known else ["Whether some row is for every record can't be decided."]


def _overlaps(table: DecisionDefinition, rules: Rulebook) -> Iterator[Problem]:
    for each in analysed(table, rules).overlaps:
        if each.example is not None:
            said = f"A record with {_said(table, each.example, rules)} would be in row {each.first + 1}, too."
            yield Problem(f"decisions/{table.name}/rows/{each.second}/when", said)


def _said(table: DecisionDefinition, example: Example, rules: Rulebook) -> str:
    words = Words(rules)
    parts: list[str] = []
    for text, value in example:
        rule = check(text, table.object, rules, expect=None)
        shown = "empty" if value is None else words.value(value, rule.type)
        parts.append(f"{reading(rule.tree, words)} {shown}")
    return ", ".join(parts)


def _why(table: DecisionDefinition, rules: Rulebook) -> str:
    """What the outcomes, each sound on its own, have against each other."""
    found: dict[str, str] = {}
    for index, row in enumerate(table.rows):
        kind = str(check(row.then, table.object, rules, expect=None).type)
        found.setdefault(kind, f"row {index + 1} gives {kind}")
    return f"All rows give one type of value, but {', '.join(found.values())}." if len(found) > 1 else ""
