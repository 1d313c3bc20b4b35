"""The part of the OpenAPI document about roles, which administrators see."""

from crm_app.api.openapi_parts import Document, general

_TEXT: Document = {"type": "string"}
_ROLE_NAME: Document = {"name": "role", "in": "path", "required": True, "schema": _TEXT}
_PERSON: Document = {"name": "person", "in": "path", "required": True, "schema": {"type": "string", "format": "uuid"}}
_DEFINITION: Document = {"type": "object", "description": "As in `schemas/definitions/role.schema.json`."}
_SAVED: Document = {
    "type": "object",
    "required": ["role", "lines", "version"],
    "properties": {
        "role": _DEFINITION,
        "lines": {"type": "array", "items": {"type": "array", "items": _TEXT}, "description": "Its Casbin lines."},
        "version": {"type": "integer", "description": "The version of the definitions that made it so: its ETag."},
        "changes": {"type": "array", "items": _TEXT},
    },
}
_DIFFERENCE: Document = {
    "type": "object",
    "required": ["sentence", "actions", "fields", "warnings"],
    "properties": {
        "sentence": {**_TEXT, "description": "`12 people gain 4,310 deals and 2 fields.`"},
        "actions": {"type": "array", "items": {"type": "object"}, "description": "By object and action, with people."},
        "fields": {"type": "array", "items": {"type": "object"}, "description": "By field, with people."},
        "warnings": {"type": "array", "items": _TEXT, "description": "Workflows that would fail for some owners."},
    },
}


def _taking(operation: Document, *, reason: bool) -> Document:
    properties = {"role": _DEFINITION, **({"reason": _TEXT} if reason else {})}
    body = {"type": "object", "required": ["role"], "properties": properties, "additionalProperties": False}
    return {**operation, "requestBody": {"required": True, "content": {"application/json": {"schema": body}}}}


def _done(summary: str) -> Document:
    return {
        "summary": summary,
        "responses": {"204": {"description": "Done"}, "default": {"$ref": "#/components/responses/refusal"}},
    }


ROLE_PATHS: Document = {
    "/v1/roles": {"get": general("All roles and permission sets; for administrators", {"type": "object"})},
    "/v1/roles/{role}": {
        "parameters": [_ROLE_NAME],
        "get": general("One role, and its policy lines", _SAVED),
        "put": _taking(
            general("Save a role as a whole", _SAVED, {"$ref": "#/components/parameters/if_match"}), reason=True
        ),
    },
    "/v1/roles/{role}/difference": {
        "parameters": [_ROLE_NAME],
        "post": _taking(general("Who would gain and lose what; nothing is saved", _DIFFERENCE), reason=False),
    },
    "/v1/roles/{role}/people": {
        "parameters": [_ROLE_NAME],
        "get": general("Who was given the role", {"type": "object"}),
    },
    "/v1/roles/{role}/people/{person}": {
        "parameters": [_ROLE_NAME, _PERSON],
        "put": _done("Give somebody the role"),
        "delete": _done("Take the role from somebody"),
    },
}
