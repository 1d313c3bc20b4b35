"""JSON Schema of what travels. A field's shape follows from its rule type, so a new field type needs nothing here."""

from collections.abc import Sequence
from typing import Any

from crm_app.definitions.computed_field import ComputedField
from crm_app.definitions.field import FieldDefinition
from crm_app.fields.rule_type import RuleType

Schema = dict[str, Any]

_PLAIN: dict[str, Schema] = {
    "bool": {"type": "boolean"},
    "int": {"type": ["integer", "string"], "description": "Text beyond ±2⁵³, which JSON readers round."},
    "decimal": {"type": "string", "description": "An exact decimal.", "examples": ["12.50"]},
    "money": {
        "type": "object",
        "properties": {"amount": {"type": "string"}, "currency": {"type": "string"}},
        "required": ["amount", "currency"],
        "examples": [{"amount": "1200.00", "currency": "EUR"}],
    },
    "text": {"type": "string"},
    "date": {"type": "string", "format": "date"},
    "datetime": {"type": "string", "format": "date-time"},
    "time": {"type": "string"},
    "duration": {"type": "string"},
    "ref": {"type": "string", "format": "uuid"},
    "json": {},
    "null": {"type": "null"},
}
_ANY_RECORD: Schema = {
    "type": "object",
    "properties": {"object": {"type": "string"}, "id": {"type": "string", "format": "uuid"}},
    "required": ["object", "id"],
}
_WRITTEN: dict[str, Schema] = {
    "int": {"type": ["integer", "string"]},
    "decimal": {"type": ["number", "string"]},
    "money": {"anyOf": [{"type": ["number", "string"]}, _PLAIN["money"]]},
}


def read_shape(field: FieldDefinition, targets: Sequence[str] = ()) -> Schema:
    """`targets` are the objects to name, of those that it points at."""
    found = _described(field, _nullable(_own_shape(field) or _shape(field.rule_type, _PLAIN)), targets)
    if isinstance(field, ComputedField):
        found["x-result"] = {"type": field.result_type, "label": field.result_words}
    return {**found, "readOnly": True} if field.is_read_only else found


def written_shape(field: FieldDefinition, targets: Sequence[str] = ()) -> Schema:
    """Money may be a bare amount, numbers and ids may be text, what is an object may be its text, and links may be what
    to add and to remove.
    """
    own = _own_shape(field)
    shape = {"anyOf": [own, {"type": "string"}]} if own else _shape(field.rule_type, {**_PLAIN, **_WRITTEN})
    if field.field_type.is_linked:
        shape = {"anyOf": [shape, {"type": "object", "properties": {"add": shape, "remove": shape}}]}
    return _described(field, _nullable(shape), targets)


def _own_shape(field: FieldDefinition) -> Schema | None:
    """Of types whose JSON says more than their rule type does."""
    if parts := field.field_type.parts:
        properties = {part.name: {"type": ["string", "null"], "title": part.label} for part in parts}
        return {"type": "object", "properties": properties, "additionalProperties": False}
    return dict(field.field_type.schema) if field.field_type.schema else None


def _shape(rule_type: RuleType, plain: dict[str, Schema]) -> Schema:
    if rule_type.kind == "enum":
        return {"type": "string", "enum": list(rule_type.options)} if rule_type.options else {"type": "string"}
    if rule_type.kind == "list":
        return {"type": "array", "items": _shape(rule_type.item, plain) if rule_type.item else {}}
    if rule_type.kind == "ref" and not rule_type.object:
        return _ANY_RECORD
    return plain[rule_type.kind]


def _nullable(schema: Schema) -> Schema:
    if "enum" in schema:
        return {**schema, "type": ["string", "null"], "enum": [*schema["enum"], None]}
    kind = schema.get("type")
    if kind is None:
        return {"anyOf": [*schema["anyOf"], {"type": "null"}]} if "anyOf" in schema else schema
    return {**schema, "type": [*(kind if isinstance(kind, list) else [kind]), "null"]}  # pyright: ignore[reportUnknownVariableType]


def _described(field: FieldDefinition, schema: Schema, targets: Sequence[str]) -> Schema:
    words = [field.help, schema.get("description", "")]
    named: Schema = {"x-objects": list(targets)} if field.is_to_any else {"x-object": next(iter(targets), None)}
    target = named if targets else {}
    text = " ".join(word for word in words if word)
    return {"title": field.label, **schema, **({"description": text} if text else {}), **target}
