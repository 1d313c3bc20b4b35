"""Definitions as the key's actor sees them: what is hidden from them is not there."""

from typing import Any

from crm_app.api.call import Answer, Call
from crm_app.api.parameters import read_parameters
from crm_app.definitions.computed_field import ComputedField
from crm_app.definitions.field import FieldDefinition
from crm_app.definitions.layout import Layout
from crm_app.definitions.object import ObjectDefinition
from crm_app.definitions.pipeline import Gate, Pipeline, Stage
from crm_app.services.descriptions import Description
from crm_app.services.layouts import Arrangement, PlacedSection
from crm_app.services.objects import editable_fields, may, readable_fields, visible_objects
from crm_app.services.pipelines import visible_processes
from crm_app.services.unit_of_work import UnitOfWork

_NONE: frozenset[str] = frozenset()
_ACTIONS = ("read", "create", "edit", "delete", "transfer", "bulk", "export", "import")


def read_all(work: UnitOfWork, call: Call) -> Answer:
    read_parameters(call.query, _NONE)
    return Answer({"objects": [_summary(work, definition) for definition in visible_objects(work)]})


def read_one(work: UnitOfWork, call: Call) -> Answer:
    read_parameters(call.query, _NONE)
    definition = work.definition(call.object)
    known = Description(work, definition)
    fields = readable_fields(work, definition.name)
    visible = {field.name for field in fields}
    processes = {process.pipeline.name for process in visible_processes(work, definition.name)}
    return Answer(
        {
            **_summary(work, definition),
            "name_field": definition.name_field if definition.name_field in visible else None,
            "fields": [_field(work, known, field) for field in fields],
            "list_fields": [name for name in definition.shown_in_lists if name in visible],
            "pipelines": [_pipeline(known, each) for each in definition.pipelines if each.name in processes],
            "layouts": [_layout(known, visible, *each) for each in known.layouts()],
            "validation_rules": [rule.model_dump(exclude_defaults=True) for rule in known.validation_rules()],
            "duplicate_rules": [rule.model_dump(mode="json") for rule in known.duplicate_rules()],
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


def _field(work: UnitOfWork, known: Description, field: FieldDefinition) -> dict[str, Any]:
    name, targets = known.definition.name, known.targets(field)
    is_masked = field.name in work.access(name).masked
    return {
        "name": field.name,
        "label": field.label,
        "type": field.type,
        "config": known.config(field),
        "result": _result(field),
        "help": field.help,
        "required": field.required,
        "unique": field.unique,
        "default": known.default(field),
        "conditions": known.conditions(field),
        "target": field.target if field.target in targets else None,
        "targets": targets,
        "is_masked": is_masked,
        "is_read_only": field.is_read_only,
        "is_editable": field.name in editable_fields(work, name),
        "is_sortable": field.field_type.is_sortable and not is_masked,
        "operators": [] if is_masked else list(field.field_type.operators),
    }


def _result(field: FieldDefinition) -> dict[str, Any] | None:
    """The field type that the values of a formula or rollup are of."""
    if not isinstance(field, ComputedField):
        return None
    return {"type": field.result_type, "config": field.result_config, "label": field.result_words}


def _pipeline(known: Description, pipeline: Pipeline) -> dict[str, Any]:
    path = f"pipelines/{pipeline.name}"
    return {
        "name": pipeline.name,
        "label": pipeline.label,
        "field": pipeline.field,
        "when": known.rule(f"{path}/when", pipeline.when) or None,
        "amount": pipeline.amount if pipeline.amount in known.names else None,
        "stages": [_stage(known, f"{path}/stages/{index}", stage) for index, stage in enumerate(pipeline.stages)],
    }


def _stage(known: Description, path: str, stage: Stage) -> dict[str, Any]:
    return {
        "name": stage.name,
        "kind": stage.kind,
        "probability": stage.chance,
        "rotting_days": stage.rotting_days,
        "gate": _gate(known.gate(f"{path}/gate", stage.gate)),
        "exit": _gate(known.gate(f"{path}/exit", stage.exit)),
    }


def _gate(gate: Gate | None) -> dict[str, Any] | None:
    return None if gate is None else {"rule": gate.rule or None, "message": gate.message, "required": gate.required}


def _layout(known: Description, visible: set[str], layout: Layout, placed: Arrangement) -> dict[str, Any]:
    """With the places of `*` filled in."""
    related = known.related()
    return {
        "name": layout.name,
        "label": layout.label,
        "when": known.rule(f"layouts/{layout.name}/when", layout.when) or None,
        "timeline": layout.timeline,
        "tabs": [
            {
                "label": tab.label,
                "sections": [_section(known, visible, layout, section) for section in tab.sections],
                "related": [name for name in tab.related if name in related],
            }
            for tab in placed.tabs
        ],
    }


def _section(known: Description, visible: set[str], layout: Layout, placed: PlacedSection) -> dict[str, Any]:
    tab, _, index = placed.key.partition("-")
    path = f"layouts/{layout.name}/tabs/{tab}/sections/{index}/visible_when"
    return {
        "label": placed.section.label,
        "columns": placed.section.columns,
        "is_collapsed": placed.section.collapsed,
        "visible_when": known.rule(path, placed.section.visible_when) or None,
        "fields": [name for name in placed.fields if name in visible],
    }
