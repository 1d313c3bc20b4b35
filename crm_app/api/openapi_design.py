"""The part of the OpenAPI document about automations as administrators design them."""

from crm_app.api.openapi_parts import Document, general, query

_NAME: Document = {"name": "automation", "in": "path", "required": True, "schema": {"type": "string"}}
_LIST: Document = {"type": "array", "items": {"type": "object"}}
_REPORT: Document = {
    "type": "object",
    "properties": {"is_safe": {"type": "boolean"}, "problems": _LIST, "findings": _LIST},
}
_PUBLISHER: Document = {"type": "object", "properties": {"publisher": {"type": ["object", "null"]}}}
_SIDE: Document = {"type": "string", "default": "draft"}
DESIGN_PATHS: Document = {
    "/v1/automations/{automation}/report": {
        "parameters": [_NAME],
        "get": general("What is known of an automation, as your draft has it, before it is published", _REPORT),
    },
    "/v1/automations/{automation}/versions": {
        "parameters": [_NAME],
        "get": general("The versions that were published, newest first", {"type": "object"}),
    },
    "/v1/automations/{automation}/publisher": {
        "parameters": [_NAME],
        "get": general("Who stands behind the live version, and what they lack", _PUBLISHER),
        "post": general("Stand behind it yourself: its runs do what their runner and you both may", _PUBLISHER),
    },
    "/v1/automations/{automation}/difference": {
        "parameters": [_NAME],
        "get": general(
            "Two versions side by side, block by block",
            {"type": "object"},
            query("before", "A version's number, or `draft`.", _SIDE),
            query("after", "A version's number, or `draft`.", _SIDE),
        ),
    },
}
