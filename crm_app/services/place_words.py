"""What a place in the definitions is called: `objects/deal/validation_rules/0/when` is a check of Deals."""

from collections.abc import Sequence

from crm_app.definitions.automation import steps_within
from crm_app.definitions.object import ObjectDefinition
from crm_app.definitions.package import Package

_CONDITIONS = {"visible_when": "Shown when", "required_when": "Required when", "read_only_when": "Locked when"}
_OF_AN_OBJECT = {
    "name_field": "What a record is called",
    "list_fields": "Columns of lists",
    "card_fields": "Cards",
    "unique_together": "Unique together",
    "activity": "Activity",
}
_NAMED = {"layouts": "Layout", "duplicate_rules": "Duplicate rule"}
_OF_A_PIPELINE = {
    "when": "its records",
    "field": "its stages",
    "amount": "the amount",
    "lost_reason": "the reason for a loss",
    "won_date": "the date of a win",
    "lost_date": "the date of a loss",
}
_PARTS = {"filter": "filter", "sort": "order", "fields": "columns", "object": "its object"}


def place_words(package: Package, path: str) -> str:
    """The path itself where nothing better is known."""
    try:
        return _words(package, path.split("/")) or path
    except (LookupError, ValueError, StopIteration):
        return path  # of what is not there, or not any more


def _words(package: Package, places: Sequence[str]) -> str:
    match places:
        case ["objects", name, *rest] if name in package.by_name:
            definition = package.by_name[name]
            part = f": {_in_object(definition, rest) or '/'.join(rest)}" if rest else ""
            return f"{definition.plural}{part}"
        case ["views", name, *rest]:
            part = f": {_PARTS.get(rest[0], rest[0])}" if rest else ""
            return f"View {_label(package.views, name)}{part}"
        case ["roles", name, *_]:
            return f"Role {_label(package.roles, name)}"
        case ["decisions", name, *rest]:
            row = f": row {int(rest[1]) + 1}" if rest and rest[0] == "rows" else ""
            return f"Decision {_label(package.decisions, name)}{row}"
        case ["automations", name, *rest]:
            parts = {"trigger": ": its trigger", "steps": _step(package, name, "/".join(rest))}
            return f"Workflow {_label(package.automations, name)}{parts.get(rest[0], '') if rest else ''}"
        case _:
            return ""


def _in_object(definition: ObjectDefinition, rest: Sequence[str]) -> str:
    match rest:
        case ["fields", name, *part] if name in definition.all_fields:
            return _in_field(definition.all_fields[name].label, definition.all_fields[name].field_type.label, part)
        case ["validation_rules", index, *_]:
            return f"Check “{definition.validation_rules[int(index)].message}”"
        case ["layouts" | "duplicate_rules" as kind, name, *_]:
            return f"{_NAMED[kind]} {_label(getattr(definition, kind), name)}"
        case ["pipelines", name, *part]:
            return f"Pipeline {_label(definition.pipelines, name)}, {_in_pipeline(definition, name, part)}"
        case [first, *_]:
            return _OF_AN_OBJECT.get(first, "")
        case _:
            return ""


def _in_field(label: str, kind: str, part: Sequence[str]) -> str:
    match part:
        case [condition, *_] if condition in _CONDITIONS:
            return f"{label}, {_CONDITIONS[condition].lower()}"
        case ["default", *_]:
            return f"{label}, its default"
        case _:
            return f"{label} ({kind})"


def _in_pipeline(definition: ObjectDefinition, name: str, part: Sequence[str]) -> str:
    match part:
        case ["stages", stage, way, *_]:
            pipeline = next(each for each in definition.pipelines if each.name == name)
            called = pipeline.stages[int(stage)].name if stage.isdigit() else stage
            text = definition.all_fields[pipeline.field].text(called)
            return f"the way {'into' if way == 'gate' else 'out of'} {text}"
        case [first, *_]:
            return _OF_A_PIPELINE.get(first, first)
        case _:
            return ""


def _label(definitions: Sequence[object], name: str) -> str:
    found = next((each for each in definitions if getattr(each, "name", "") == name), None)
    return str(getattr(found, "label", name))


def _step(package: Package, name: str, place: str) -> str:
    """The innermost step that the place is in."""
    automation = next((each for each in package.automations if each.name == name), None)
    steps = steps_within(automation.canonical()) if automation else ()
    around = [step["id"] for at, step in steps if f"{place}/".startswith(f"{at}/")]
    return f": step {around[-1]}" if around else ""
