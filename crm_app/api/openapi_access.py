"""The part of the OpenAPI document about who may do what with one record."""

from crm_app.api.openapi_parts import Document, general, query
from crm_app.definitions.object import ObjectDefinition
from crm_app.definitions.role import ACTIONS

_TEXT: Document = {"type": "string"}
_ID: Document = {"$ref": "#/components/parameters/id"}
_ASKS = (
    query("action", "What is asked about.", {"enum": list(ACTIONS), "default": "read"}),
    query("field", "A field of the record; without it, the record."),
)
_AFTER = query("after", "`next` of the answer before: a thousand accounts are asked about at once.")
_PERSON: Document = {
    "type": "object",
    "required": ["id", "name", "level", "reasons"],
    "properties": {"id": _TEXT, "name": _TEXT, "level": _TEXT, "reasons": {"type": "array", "items": _TEXT}},
}
_WHY: Document = {
    "type": "object",
    "required": ["allowed", "reasons", "clauses"],
    "properties": {
        "allowed": {"type": "boolean"},
        "reasons": {"type": "array", "items": _TEXT},
        "clauses": {"type": "array", "items": {"type": "object"}},
        "remedy": {
            "type": "object",
            "properties": {
                "kind": {"enum": ["share", "transfer", "role", "record"]},
                "sentence": _TEXT,
                "by": {"type": "array", "items": _TEXT},
                "by_count": {"type": "integer"},
            },
            "description": "The smallest change that would be enough, and some of those who can make it.",
        },
    },
}
_SHARE: Document = {
    "type": "object",
    "required": ["kind", "grantee"],
    "properties": {
        "kind": {"enum": ["user", "team", "role"]},
        "grantee": {**_TEXT, "description": "The id of a person or team, or the name of a role."},
        "level": {"enum": ["read", "edit"], "default": "read"},
        "until": {"type": ["string", "null"], "format": "date-time"},
    },
    "additionalProperties": False,
}
_SHARE_ID: Document = {"name": "share", "in": "path", "required": True, "schema": _TEXT}


def access_paths(definition: ObjectDefinition, *, may_share: bool) -> Document:
    name, one = definition.name, definition.label.lower()
    root = f"/v1/objects/{name}/records/{{id}}"

    def of(operation: str, found: Document) -> Document:
        return {**found, "tags": [name], "operationId": f"{operation}_{name}"}

    found: Document = {"people": {"type": "array", "items": _PERSON}, "next": {"type": ["string", "null"]}}
    people: Document = {"type": "object", "required": ["people", "next"], "properties": found}
    who = general(f"Who can see one {one}", people, *_ASKS, _AFTER)
    paths: Document = {
        f"{root}/access": {"parameters": [_ID], "get": of("access", who)},
        f"{root}/why": {"parameters": [_ID], "get": of("why", general("Why one may do it or not", _WHY, *_ASKS))},
    }
    if may_share:
        body = {"required": True, "content": {"application/json": {"schema": _SHARE}}}
        listed = general(f"With whom one {one} is shared", {"type": "object"})
        made = {**general(f"Share one {one}", {"type": "object"}), "requestBody": body}
        made["responses"] = {"201": {"description": "Shared"}, "default": {"$ref": "#/components/responses/refusal"}}
        gone = {"summary": "Take a share back", "responses": {"204": {"description": "Done"}}}
        paths[f"{root}/shares"] = {"parameters": [_ID], "get": of("shares", listed), "post": of("share", made)}
        paths[f"{root}/shares/{{share}}"] = {"parameters": [_ID, _SHARE_ID], "delete": of("unshare", gone)}
    return paths
