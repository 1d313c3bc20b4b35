"""The part of the OpenAPI document about runs of automations, which administrators see."""

from crm_app.api.openapi_parts import Document, general, query
from crm_app.automation.dry_run import MAX_EVENTS
from crm_app.services.run_lists import STATUSES
from crm_app.services.run_moves import MOST

_RUN: Document = {"type": "object", "description": "A run: its blocks, and what each of them did."}
_MOMENT: Document = {"type": "string", "format": "date-time"}
_ID: Document = {"type": "string", "format": "uuid"}
_ID_IN_PATH = {"$ref": "#/components/parameters/id"}
_NAME = {"name": "automation", "in": "path", "required": True, "schema": {"type": "string"}}


def _asked(summary: str, answer: Document, body: Document, status: str = "200") -> Document:
    operation = general(summary, answer)
    operation["responses"][status] = operation["responses"].pop("200")
    return {**operation, "requestBody": {"required": True, "content": {"application/json": {"schema": body}}}}


def _one_key(name: str, schema: Document) -> Document:
    return {"type": "object", "additionalProperties": False, "required": [name], "properties": {name: schema}}


_NOTHING: Document = {"type": "object", "additionalProperties": False}
_UNDO: Document = {**_NOTHING, "properties": {"undo": {"type": "boolean"}}}
RUN_PATHS: Document = {
    "/v1/runs": {
        "get": general(
            "Runs of automations, newest first; `after` is the `after` of the page before",
            {"type": "object"},
            query("automation", "The automation's name."),
            query("object", "The object of `record`."),
            query("record", "Runs that this record started.", _ID),
            query("status", "One status.", {"enum": [*STATUSES]}),
            query("since", "Runs made at this moment or later.", _MOMENT),
            query("until", "Runs made before this moment.", _MOMENT),
            query("after", "Where the next page starts.", _ID),
            query("limit", "Runs in a page.", {"type": "integer", "minimum": 1, "maximum": 200, "default": 50}),
        )
    },
    "/v1/runs/{id}": {"parameters": [_ID_IN_PATH], "get": general("One run with its steps", _RUN)},
    "/v1/runs/{id}/retry": {
        "parameters": [_ID_IN_PATH],
        "post": _asked("Let a run that failed or was cancelled go on; what is done is skipped", _RUN, _NOTHING),
    },
    "/v1/runs/{id}/cancel": {
        "parameters": [_ID_IN_PATH],
        "post": _asked("End a run; what is done stays done, or is undone with `undo`", _RUN, _UNDO),
    },
    "/v1/runs/{id}/reassign": {
        "parameters": [_ID_IN_PATH],
        "post": _asked("Let a run act as somebody else from its next step on", _RUN, _one_key("runner", _ID)),
    },
    "/v1/runs/{id}/rerun": {
        "parameters": [_ID_IN_PATH],
        "post": _asked("Start a new run of the same event, with the live version", _RUN, _NOTHING, "201"),
    },
    "/v1/automations/paused": {"get": general("Automations that pause", {"type": "object"})},
    "/v1/automations/{automation}/pause": {
        "parameters": [_NAME],
        "post": _asked(
            "Start no runs for now; events meanwhile wait (`keep`) or are passed over (`skip`)",
            {"type": "object"},
            _one_key("events", {"enum": ["keep", "skip"]}),
        ),
    },
    "/v1/automations/{automation}/resume": {
        "parameters": [_NAME],
        "post": _asked(
            "Go on; the runs that waited start, or are dropped",
            {"type": "object"},
            _one_key("waiting", {"enum": ["start", "drop"]}),
        ),
    },
    "/v1/automations/{automation}/moves": {
        "parameters": [_NAME],
        "get": general(
            "Runs of earlier versions, and of each whether it fits the live one, with the reasons where it doesn't",
            {"type": "object"},
        ),
        "post": _asked(
            "Move runs that wait to the live version, where it fits what they did; `all` are those under way",
            {"type": "object"},
            _one_key("runs", {"oneOf": [{"const": "all"}, {"type": "array", "items": _ID, "maxItems": MOST}]}),
        ),
    },
    "/v1/automations/{automation}/dry-run": {
        "parameters": [_NAME],
        "post": _asked(
            "What the automation, or the definition given, would do about its last events; nothing is done",
            {"type": "object"},
            {
                "type": "object",
                "additionalProperties": False,
                "properties": {
                    "events": {"type": "integer", "minimum": 1, "maximum": MAX_EVENTS, "default": 50},
                    "record": _ID,
                    "definition": {"type": "object"},
                },
            },
        ),
    },
}
