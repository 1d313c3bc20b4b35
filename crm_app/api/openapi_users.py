"""The part of the OpenAPI document about people, which administrators see."""

from crm_app.api.openapi_parts import Document, general

_TEXT: Document = {"type": "string"}
_ID: Document = {"type": "string", "format": "uuid"}
_USER_ID: Document = {"name": "user", "in": "path", "required": True, "schema": _ID}
_NAMES: Document = {"type": "array", "items": _TEXT}
_IDS: Document = {"type": "array", "items": _ID}
_MANAGER: Document = {"anyOf": [_ID, {"type": "null"}]}
_USER: Document = {
    "type": "object",
    "properties": {
        "id": _ID,
        "name": _TEXT,
        "email": _TEXT,
        "state": {"enum": ["active", "invited", "locked_out", "deactivated"]},
        "roles": _NAMES,
        "teams": {"type": "array", "items": {"type": "object"}},
        "manager": _MANAGER,
        "has_second_factor": {"type": "boolean"},
        "last_seen": {"anyOf": [{"type": "string", "format": "date-time"}, {"type": "null"}]},
    },
}
_LINK: Document = {
    "type": "object",
    "properties": {"link": {**_TEXT, "description": "A path of this site, given only this once."}},
}
_COUNTS: Document = {"type": "object", "additionalProperties": {"type": "integer"}}
_HOLDINGS: Document = {"type": "object", "properties": {"records": _COUNTS, "duties": _COUNTS}}
_GIVEN: Document = {
    "type": "object",
    "properties": {
        "given": {"type": "integer"},
        "kept": {"type": "integer"},
        "reasons": _NAMES,
        "left": {"type": "boolean"},
    },
}
_TEAM_FACTS: Document = {"name": _TEXT, "manager": _MANAGER, "parent": _MANAGER, "members": _IDS}
_TEAM: Document = {
    "type": "object",
    "properties": {**_TEAM_FACTS, "id": _ID, "members": {"type": "array", "items": {"type": "object"}}},
}
_FACTS: Document = {"name": _TEXT, "roles": _NAMES, "teams": _IDS, "manager": _MANAGER}


_TERRITORY_FACTS: Document = {"name": _TEXT, "parent": _MANAGER, "members": _IDS}
_TERRITORY: Document = {"type": "object", "properties": {**_TERRITORY_FACTS, "id": _ID}}


def _gone(summary: str) -> Document:
    refusal = {"$ref": "#/components/responses/refusal"}
    return {"summary": summary, "responses": {"204": {"description": "It is gone."}, "default": refusal}}


def _taking(operation: Document, properties: Document, *required: str) -> Document:
    body: Document = {"type": "object", "properties": properties, "additionalProperties": False}
    schema = {**body, "required": list(required)} if required else body
    return {**operation, "requestBody": {"required": True, "content": {"application/json": {"schema": schema}}}}


def _made(summary: str, answer: Document) -> Document:
    found = {"description": summary, "content": {"application/json": {"schema": answer}}}
    return {"summary": summary, "responses": {"201": found, "default": {"$ref": "#/components/responses/refusal"}}}


_SEARCH: Document = {"name": "search", "in": "query", "required": False, "schema": _TEXT}
USER_PATHS: Document = {
    "/v1/users": {
        "get": general("Everybody; `search` looks in names and addresses", {"type": "object"}, _SEARCH),
        "post": _taking(_made("Invite somebody", _LINK), {**_FACTS, "email": _TEXT}, "name", "email"),
    },
    "/v1/users/{user}": {
        "parameters": [_USER_ID],
        "get": general("One person", _USER),
        "patch": _taking(general("Change name, manager, roles or teams; what is left out stays", _USER), _FACTS),
    },
    "/v1/users/{user}/link": {
        "parameters": [_USER_ID],
        "post": _made("A new invitation, or a way to a new password", _LINK),
    },
    "/v1/users/{user}/deactivate": {
        "parameters": [_USER_ID],
        "post": general("End sessions, keys and links at once; records stay", _USER),
    },
    "/v1/users/{user}/activate": {"parameters": [_USER_ID], "post": general("Let somebody in again", _USER)},
    "/v1/users/{user}/holdings": {
        "parameters": [_USER_ID],
        "get": general("What somebody owns by object, and what else they are there for", _HOLDINGS),
    },
    "/v1/users/{user}/hand-over": {
        "parameters": [_USER_ID],
        "post": _taking(
            general("Give all of it to somebody else, a thousand records at a time; again while `left`", _GIVEN),
            {"to": _ID},
            "to",
        ),
    },
    "/v1/teams": {
        "get": general("All teams with their members", {"type": "object"}),
        "post": _taking(_made("Make a team", _TEAM), _TEAM_FACTS, "name"),
    },
    "/v1/teams/{team}": {
        "parameters": [{**_USER_ID, "name": "team"}],
        "get": general("One team", _TEAM),
        "patch": _taking(general("Change it; what is left out stays", _TEAM), _TEAM_FACTS),
        "delete": _gone("Remove it, when nobody and nothing is in it"),
    },
    "/v1/territories": {
        "get": general("All territories, and who looks after them", {"type": "object"}),
        "post": _taking(_made("Make a territory", _TERRITORY), _TERRITORY_FACTS, "name"),
    },
    "/v1/territories/{territory}": {
        "parameters": [{**_USER_ID, "name": "territory"}],
        "get": general("One territory", _TERRITORY),
        "patch": _taking(general("Change it; what is left out stays", _TERRITORY), _TERRITORY_FACTS),
        "delete": _gone("Remove it, when no other territory and no record lies in it"),
    },
    "/v1/users/{user}/sessions": {
        "parameters": [_USER_ID],
        "get": general("Where somebody is logged in", {"type": "object"}),
        "delete": general("End all their sessions", {"type": "object"}),
    },
}
