"""The parts of the OpenAPI document about keys, which everybody has, and the audit, which administrators read."""

from crm_app.api.openapi_parts import Document, general, query

_MOMENT: Document = {"type": "string", "description": "A day, or a moment in ISO 8601."}
_ID: Document = {"type": "string", "format": "uuid"}
_SEARCH = (
    query("who", "A person's id, or part of a name or an address."),
    query("action", "One kind of entry, such as `record.updated`."),
    query("object", "Entries about records of this object."),
    query("record", "Entries about this record.", _ID),
    query("correlation", "Entries of one run, one import or one bulk change.", _ID),
    query("since", "Entries from then on.", _MOMENT),
    query("until", "Entries before then; a day means to its end.", _MOMENT),
    query("q", "Words in names, reasons and values; at most 100,000 entries are looked through for a page."),
)
_HOURS: Document = {"hours": {"type": "integer", "minimum": 0, "maximum": 168, "default": 24}}
_FILE = {"description": "The whole search as a file."}
KEY_PATHS: Document = {
    "/v1/keys": {"get": general("The API keys of this key's person, without their secrets", {"type": "object"})},
    "/v1/keys/{prefix}": {
        "parameters": [{"name": "prefix", "in": "path", "required": True, "schema": {"type": "string"}}],
        "delete": general("Revoke a key", {"type": "object"}),
    },
    "/v1/keys/{prefix}/renew": {
        "parameters": [{"name": "prefix", "in": "path", "required": True, "schema": {"type": "string"}}],
        "post": {
            **general("Give this very key a new secret; the old one stays good for `hours`", {"type": "object"}),
            "requestBody": {"content": {"application/json": {"schema": {"type": "object", "properties": _HOURS}}}},
        },
    },
}
AUDIT_PATHS: Document = {
    "/v1/audit": {
        "get": general(
            "What happened, newest first; `after` is the `next` of the page before",
            {"type": "object"},
            *_SEARCH,
            query("after", "Where the next page starts.", _ID),
            query("limit", "Entries in a page.", {"type": "integer", "minimum": 1, "maximum": 1000, "default": 50}),
        )
    },
    "/v1/audit.csv": {"get": {**general("The audit as CSV", {}, *_SEARCH), "responses": {"200": _FILE}}},
    "/v1/audit.ndjson": {"get": {**general("The audit, one entry a line", {}, *_SEARCH), "responses": {"200": _FILE}}},
}
