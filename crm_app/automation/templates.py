"""Automations to begin with. A template knows fields by their types alone, never by an object's own names."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from crm_app.automation.catalog import STEP_TYPES, TRIGGER_TYPES
from crm_app.automation.slots import Body
from crm_app.definitions.field import FieldDefinition
from crm_app.definitions.object import ObjectDefinition


@dataclass(frozen=True)
class Template:
    """`make` gives the trigger and the steps for an object."""

    name: str
    label: str
    description: str
    types: frozenset[str]
    make: Callable[[ObjectDefinition], Body]

    @property
    def is_offered(self) -> bool:
        """Whether every type that it is made of is installed."""
        return all(name in STEP_TYPES or name in TRIGGER_TYPES for name in self.types)


def _first(definition: ObjectDefinition, *types: str) -> FieldDefinition | None:
    return next((each for each in definition.fields if each.type in types and not each.is_read_only), None)


def _trigger(kind: str, definition: ObjectDefinition, **more: Any) -> Body:
    return {"type": kind, "object": definition.name, **more}


def _stamp(definition: ObjectDefinition) -> Body:
    """Fills a date when a stage is entered."""
    pipeline = next(iter(definition.pipelines), None)
    date = _first(definition, "date")
    stage = next((each.name for each in pipeline.stages if each.kind == "won"), "") if pipeline else ""
    place = {"field": pipeline.field, "stage": stage} if pipeline else {}
    values = {date.name: "today"} if date else {}
    return {
        "trigger": _trigger("stage.entered", definition, **place),
        "steps": [{"id": "date", "type": "update", "values": values}],
    }


def _defaults(definition: ObjectDefinition) -> Body:
    """Fills what a person left empty."""
    text = _first(definition, "text", "long_text", "select")
    when = f"{text.name} is empty" if text else ""
    return {
        "trigger": _trigger("record.created", definition, when=when),
        "steps": [{"id": "fill", "type": "update", "values": {}}],
    }


def _split(definition: ObjectDefinition) -> Body:
    """One thing for large amounts and another for the rest."""
    amount = _first(definition, "currency", "number", "percent")
    when = f"{amount.name} is not empty" if amount else ""
    return {
        "trigger": _trigger("record.created", definition),
        "steps": [{"id": "which", "type": "branch", "cases": [{"when": when, "steps": []}], "else": []}],
    }


_ALL = (
    Template(
        "stamp", "Fill a date when a stage is entered",
        "Writes today's date into a field once a record reaches a stage.",
        frozenset({"stage.entered", "update"}), _stamp,
    ),
    Template(
        "defaults", "Fill what was left empty", "Completes new records in which a field has no value.",
        frozenset({"record.created", "update"}), _defaults,
    ),
    Template(
        "split", "Treat large ones differently", "Goes one way or another, by what a new record holds.",
        frozenset({"record.created", "branch"}), _split,
    ),
)  # fmt: skip
TEMPLATES: dict[str, Template] = {each.name: each for each in _ALL if each.is_offered}
