"""The OpenAPI document of the live definitions, as the key's actor sees them at this moment."""

from typing import Any

from crm_app.api.call import Answer, Call
from crm_app.api.openapi_access import access_paths
from crm_app.api.openapi_audit import AUDIT_PATHS, KEY_PATHS
from crm_app.api.openapi_automation import AUTOMATION_PATHS, CONNECTION_PATHS, QUESTIONS_ABOUT
from crm_app.api.openapi_design import DESIGN_PATHS
from crm_app.api.openapi_parts import COMMON_SCHEMAS, ERROR_RESPONSES, GENERAL_PATHS, PARAMETERS, ref_to
from crm_app.api.openapi_roles import ROLE_PATHS
from crm_app.api.openapi_runs import RUN_PATHS
from crm_app.api.openapi_users import USER_PATHS
from crm_app.api.parameters import read_parameters
from crm_app.api.shapes import read_shape, written_shape
from crm_app.definitions.object import ObjectDefinition
from crm_app.services.in_person import is_administrator
from crm_app.services.objects import editable_fields, may, readable_fields, readable_targets, visible_objects
from crm_app.services.pipelines import visible_processes
from crm_app.services.unit_of_work import UnitOfWork

Document = dict[str, Any]


def read_document(work: UnitOfWork, call: Call) -> Answer:
    read_parameters(call.query, frozenset())
    objects = visible_objects(work)
    own: Document = RUN_PATHS | DESIGN_PATHS | ROLE_PATHS | USER_PATHS | CONNECTION_PATHS | AUDIT_PATHS
    paths: Document = GENERAL_PATHS | AUTOMATION_PATHS | KEY_PATHS | (own if is_administrator(work) else {})
    schemas: Document = dict(COMMON_SCHEMAS)
    for definition in objects:
        paths |= _paths(work, definition) | _pipeline_paths(work, definition)
        paths |= access_paths(definition, may_share=may(work, "share", definition.name))
        schemas |= _schemas(work, definition)
    return Answer(
        {
            "openapi": "3.1.0",
            "info": {"title": "Trellis", "version": f"1.{work.schema.version}", "description": _ABOUT},
            "servers": [{"url": call.base or "/"}],
            "security": [{"key": []}],
            "tags": [{"name": d.name, "description": d.description or d.plural} for d in objects],
            "paths": paths,
            "components": {
                "schemas": schemas,
                "parameters": PARAMETERS,
                "responses": ERROR_RESPONSES,
                "securitySchemes": {"key": {"type": "http", "scheme": "bearer", "description": _KEY}},
            },
        }
    )


_ABOUT = "Records over HTTP, through the same checks as the pages. What your key may not see is not in this document."
_KEY = "An API key, made with `./trellis key --user EMAIL`. It can do what its person can do, and no more."


def _schemas(work: UnitOfWork, definition: ObjectDefinition) -> Document:
    name = definition.name
    readable = readable_fields(work, name)
    editable = editable_fields(work, name)
    targets = {field.name: readable_targets(work, field) for field in readable}
    read = {"type": "object", "properties": {f.name: read_shape(f, targets[f.name]) for f in readable}}
    settable = [field for field in readable if field.name in editable]
    required = [field.name for field in settable if field.required and field.default is None]
    written: Document = {
        "type": "object",
        "additionalProperties": False,
        "properties": {field.name: written_shape(field, targets[field.name]) for field in settable},
    }
    record = {
        "type": "object",
        "required": ["id", "object", "version", "name", "values", "expanded"],
        "properties": {
            "id": {"type": "string", "format": "uuid"},
            "object": {"const": name},
            "version": {"type": "integer", "minimum": 1},
            "name": {"type": "string"},
            "values": ref_to(f"{name}.values"),
            "expanded": {"type": "object", "additionalProperties": ref_to("target")},
        },
    }
    return {
        name: record,
        f"{name}.values": read,
        f"{name}.changes": written,
        f"{name}.new": {**written, "required": required} if required else written,
    }


def _paths(work: UnitOfWork, definition: ObjectDefinition) -> Document:
    """Only the operations that the actor's role allows on this object at all."""
    name, one, many = definition.name, definition.label.lower(), definition.plural.lower()
    root = f"/v1/objects/{name}/records"
    listed: Document = {"get": _operation(name, f"List {many}", "list", _page_of(name))}
    single: Document = {"get": _operation(name, f"Read one {one}", "read", ref_to(name))}
    paths: Document = {root: listed, f"{root}/{{id}}": {"parameters": [_parameter("id")], **single}}
    paths[f"{root}/count"] = {"get": _operation(name, f"Count {many}", "count", ref_to("count"))}
    paths[f"{root}/aggregate"] = {"get": _operation(name, f"Group {many} and add up", "aggregate", ref_to("groups"))}
    paths[f"{root}/{{id}}/timeline"] = {
        "parameters": [_parameter("id")],
        "get": _operation(name, f"What happened to one {one}", "timeline", ref_to("timeline")),
    }
    paths[f"{root}/{{id}}/questions"] = {
        "parameters": [_parameter("id")],
        "get": _operation(name, f"What automations ask people about one {one}", "questions", QUESTIONS_ABOUT),
    }
    if may(work, "export", name):
        paths[f"{root}.csv"] = {"get": _operation(name, f"All {many} of a list, as CSV", "export", None)}
        paths[f"{root}.csv"]["get"]["responses"]["200"]["content"] = {"text/csv": {"schema": {"type": "string"}}}
    if may(work, "create", name):
        new = _object(values=ref_to(f"{name}.new"))
        listed["post"] = _operation(name, f"Create one {one}", "create", ref_to(name), body=new, status="201")
        bulk = _object(records={"type": "array", "items": new, "minItems": 1, "maxItems": 1000})
        answer = _object(records={"type": "array", "items": ref_to(name)})
        paths[f"{root}/bulk"] = {
            "post": _operation(name, f"Create up to 1,000 {many}", "bulk", answer, body=bulk, status="201")
        }
    if changing := _many_at_once(work, definition):
        paths[f"{root}/bulk"] = {**paths.get(f"{root}/bulk", {}), **changing}
    if may(work, "edit", name):
        changes = _object(values=ref_to(f"{name}.changes"))
        paths[f"{root}/{{id}}"]["patch"] = _operation(name, f"Change one {one}", "update", ref_to(name), body=changes)
    if may(work, "delete", name):
        paths[f"{root}/{{id}}"]["delete"] = _operation(name, f"Delete one {one}", "delete", None, status="204")
        content = {"application/json": {"schema": ref_to("consequences")}}
        dry = {"description": "With `dry`: what would happen", "content": content}
        paths[f"{root}/{{id}}"]["delete"]["responses"]["200"] = dry
        paths[f"{root}/{{id}}/restore"] = {
            "parameters": [_parameter("id")],
            "post": _operation(name, f"Restore one deleted {one}", "restore", ref_to(name), body={"type": "object"}),
        }
        deleted = _operation(name, f"The {many} deleted last", "deleted", ref_to("deleted"))
        paths[f"{root}/deleted"] = {"get": deleted}
    return paths


def _many_at_once(work: UnitOfWork, definition: ObjectDefinition) -> Document:
    name, many = definition.name, definition.plural.lower()
    if not may(work, "bulk", name):
        return {}
    ids = {"type": "array", "items": ref_to("bulk.chosen"), "minItems": 1, "maxItems": 1000}
    which: Document = {
        "oneOf": [
            {"required": ["ids"], "properties": {"ids": ids}},
            {"required": ["filter"], "properties": {"filter": ref_to("bulk.filter"), "after": {"type": "string"}}},
        ]
    }
    found: Document = {}
    report = ref_to("bulk.report")
    if may(work, "edit", name):
        body = {**_object(values=ref_to(f"{name}.changes")), **which}
        found["patch"] = _operation(name, f"Change up to 1,000 {many}", "bulk_update", report, body=body)
    if may(work, "delete", name):
        body = {"type": "object", **which}
        found["delete"] = _operation(name, f"Delete up to 1,000 {many}", "bulk_delete", report, body=body)
    return found


def _pipeline_paths(work: UnitOfWork, definition: ObjectDefinition) -> Document:
    name, processes = definition.name, visible_processes(work, definition.name)
    paths: Document = {}
    for pipeline in (process.pipeline for process in processes):
        operation = _operation(name, f"How {pipeline.label} stands", "standing", ref_to("standing"))
        operation["operationId"] = f"standing_{name}_{pipeline.name}"
        paths[f"/v1/objects/{name}/pipelines/{pipeline.name}"] = {"get": operation}
    if processes:
        summary = f"The moves of one {definition.label.lower()} between stages"
        paths[f"/v1/objects/{name}/records/{{id}}/moves"] = {
            "parameters": [_parameter("id")],
            "get": _operation(name, summary, "moves", ref_to("moves")),
        }
    return paths


_TAKES: dict[str, tuple[str, ...]] = {
    "list": ("filter", "where", "search", "sort", "limit", "cursor", "expand", "fields", "count"),
    "read": ("expand", "fields", "if_none_match"),
    "export": ("filter", "where", "search", "sort", "fields", "bom"),
    "count": ("filter", "where", "search", "exact"),
    "aggregate": ("group_by", "sum", "filter", "where", "search"),
    "timeline": ("timeline_limit",),
    "standing": ("filter", "where", "search"),
    "create": ("allow_duplicates",),
    "bulk": ("allow_duplicates",),
    "bulk_update": ("allow_duplicates",),
    "update": ("if_match", "allow_duplicates"),
    "delete": ("if_match", "dry"),
    "deleted": ("limit", "offset"),
}


def _operation(
    tag: str, summary: str, kind: str, answer: Document | None, *, body: Document | None = None, status: str = "200"
) -> Document:
    found: Document = {"description": summary}
    if answer is not None:
        found["content"] = {"application/json": {"schema": answer}}
    operation: Document = {
        "tags": [tag],
        "summary": summary,
        "operationId": f"{kind}_{tag}",
        "parameters": [_parameter(name) for name in _TAKES.get(kind, ())],
        "responses": {status: found, "default": {"$ref": "#/components/responses/refusal"}},
    }
    if body is not None:
        operation["requestBody"] = {"required": True, "content": {"application/json": {"schema": body}}}
    return operation


def _parameter(name: str) -> Document:
    return {"$ref": f"#/components/parameters/{name}"}


def _page_of(name: str) -> Document:
    page = _object(records={"type": "array", "items": ref_to(name)}, next_cursor={"type": ["string", "null"]})
    return {**page, "properties": {**page["properties"], "count": ref_to("count")}}


def _object(**properties: Document) -> Document:
    return {"type": "object", "required": list(properties), "properties": properties}
