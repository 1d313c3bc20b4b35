"""Definitions as the key's actor sees them: what is hidden from them is not there."""

from typing import Any

from crm_app.api.call import Answer, Call
from crm_app.api.parameters import read_parameters
from crm_app.definitions.field import FieldDefinition
from crm_app.definitions.object import ObjectDefinition
from crm_app.definitions.pipeline import Pipeline, Stage
from crm_app.services.objects import editable_fields, may, readable_fields, visible_objects
from crm_app.services.unit_of_work import UnitOfWork

_NONE: frozenset[str] = frozenset()
_ACTIONS = ("read", "create", "edit", "delete", "transfer", "bulk", "export", "import")


def read_all(work: UnitOfWork, call: Call) -> Answer:
    read_parameters(call.query, _NONE)
    return Answer({"objects": [_summary(work, definition) for definition in visible_objects(work)]})


def read_one(work: UnitOfWork, call: Call) -> Answer:
    read_parameters(call.query, _NONE)
    definition = work.definition(call.object)
    fields = readable_fields(work, definition.name)
    visible = {field.name for field in fields}
    return Answer(
        {
            **_summary(work, definition),
            "name_field": definition.name_field if definition.name_field in visible else None,
            "fields": [_field(work, definition, field) for field in fields],
            "list_fields": [name for name in definition.shown_in_lists if name in visible],
            "pipelines": [_pipeline(p, visible) for p in definition.pipelines if p.field in visible],
        }
    )


def _summary(work: UnitOfWork, definition: ObjectDefinition) -> dict[str, Any]:
    return {
        "name": definition.name,
        "label": definition.label,
        "plural": definition.plural,
        "description": definition.description,
        "icon": definition.icon,
        "color": definition.color,
        "actions": [action for action in _ACTIONS if may(work, action, definition.name)],
    }


def _field(work: UnitOfWork, definition: ObjectDefinition, field: FieldDefinition) -> dict[str, Any]:
    is_masked = field.name in work.access(definition.name).masked
    return {
        "name": field.name,
        "label": field.label,
        "type": field.type,
        "config": field.config,
        "help": field.help,
        "required": field.required,
        "unique": field.unique,
        "default": field.default,
        "target": field.target or None,
        "targets": list(field.targets),
        "is_masked": is_masked,
        "is_editable": field.name in editable_fields(work, definition.name),
        "is_sortable": field.field_type.is_sortable and not is_masked,
        "operators": [] if is_masked else list(field.field_type.operators),
    }


def _pipeline(pipeline: Pipeline, visible: set[str]) -> dict[str, Any]:
    return {
        "name": pipeline.name,
        "label": pipeline.label,
        "field": pipeline.field,
        "amount": pipeline.amount if pipeline.amount in visible else None,
        "stages": [_stage(stage) for stage in pipeline.stages],
    }


def _stage(stage: Stage) -> dict[str, Any]:
    return {
        "name": stage.name,
        "kind": stage.kind,
        "probability": stage.chance,
        "rotting_days": stage.rotting_days,
    }
