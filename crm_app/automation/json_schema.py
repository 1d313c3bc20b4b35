"""The JSON Schema of automations with every type of trigger and step in it, however deep a step stands: for editors to
complete and check with. The loader reads with the plain one, for what a type asks is checked when it is published.
"""

import json
from collections.abc import Iterable, Mapping
from typing import Any, cast

from crm_app.automation.catalog import STEP_TYPES, TRIGGER_TYPES
from crm_app.automation.step_type import StepType
from crm_app.automation.trigger_type import TriggerType
from crm_app.definitions.automation import AutomationDefinition
from crm_app.definitions.load import schema_of
from crm_app.definitions.published_schemas import published, text_of

_REF = "#/$defs/"
_OPEN = ("Step", "Trigger")


def schema_texts() -> dict[str, str]:
    """All that is published, by the file's name."""
    plain = {name: text_of(model) for name, model in published().items()}
    return {**plain, "automation": json.dumps(automation_schema(), indent=2, ensure_ascii=False) + "\n"}


def automation_schema() -> dict[str, Any]:
    plain = schema_of(AutomationDefinition)
    definitions: dict[str, Any] = {**plain["$defs"]}
    definitions |= _typed("Step", definitions["Step"], STEP_TYPES)
    definitions |= _typed("Trigger", definitions["Trigger"], TRIGGER_TYPES)
    return {**plain, "$defs": definitions}


def _typed(name: str, shared: Mapping[str, Any], kinds: Iterable[StepType] | Iterable[TriggerType]) -> dict[str, Any]:
    """The open definition, closed by what its type says; a definition for each type, and for what is within it."""
    own = cast("dict[str, Any]", shared["properties"])
    found: dict[str, Any] = {}
    cases: list[dict[str, Any]] = []
    for kind in sorted(kinds, key=lambda each: each.name):
        key = f"{name}_{kind.name.replace('.', '_')}"
        config = kind.config.model_json_schema(mode="validation", ref_template=f"{_REF}{key}_{{model}}")
        inner = cast("dict[str, Any]", _with_steps(config.pop("$defs", {}), key))
        found |= {f"{key}_{part}": body for part, body in inner.items() if part not in _OPEN}
        properties = {**own, "type": {"const": kind.name, "title": kind.label}, **config.get("properties", {})}
        found[key] = {
            "title": kind.label,
            "description": kind.description,
            "type": "object",
            "properties": _with_steps(properties, key),
            "required": [*shared["required"], *config.get("required", ())],
            "additionalProperties": False,
        }
        is_it = {"properties": {"type": {"const": kind.name}}, "required": ["type"]}
        cases.append({"if": is_it, "then": {"$ref": f"{_REF}{key}"}})
    names = sorted(kind.name for kind in kinds)
    typed = {**shared, "properties": {**own, "type": {"enum": names, "title": "Type"}}, "allOf": cases}
    return {**found, name: typed}


def _with_steps(part: Any, key: str) -> Any:
    """Steps within are steps of any type."""
    if isinstance(part, dict):
        known = cast("dict[str, Any]", part)
        return {
            name: f"{_REF}Step" if name == "$ref" and inner == f"{_REF}{key}_Step" else _with_steps(inner, key)
            for name, inner in known.items()
        }
    if isinstance(part, list):
        return [_with_steps(each, key) for each in cast("list[Any]", part)]
    return part
