"""The parts of the OpenAPI document about notifications and what else automations bring along."""

from typing import Any

Document = dict[str, Any]

_TEXT: Document = {"type": "string"}
_ID: Document = {"type": "string", "format": "uuid"}
_COUNT: Document = {"type": "integer", "minimum": 0}
_REFUSED: Document = {"default": {"$ref": "#/components/responses/refusal"}}
_REFUSAL: Document = {"$ref": "#/components/responses/refusal"}


def _body(schema: Document) -> Document:
    return {"required": True, "content": {"application/json": {"schema": schema}}}


def _answer(summary: str, schema: Document) -> Document:
    found = {"description": summary, "content": {"application/json": {"schema": schema}}}
    return {"summary": summary, "responses": {"200": found, "default": _REFUSAL}}


def _object(**properties: Document) -> Document:
    return {"type": "object", "required": list(properties), "properties": properties}


def _query(name: str, description: str, schema: Document) -> Document:
    return {"name": name, "in": "query", "description": description, "schema": schema}


_NOTIFICATION = _object(
    id=_ID,
    at={"type": "string", "format": "date-time"},
    title=_TEXT,
    body=_TEXT,
    about={"oneOf": [{"type": "null"}, _object(object=_TEXT, record=_ID)]},
    source=_TEXT,
    is_read={"type": "boolean"},
)
_STARTED = _object(started=_COUNT)


def _in_path(*names: str) -> list[Document]:
    return [{"name": name, "in": "path", "required": True, "schema": _TEXT} for name in names]


CONNECTION_PATHS: Document = {
    "/v1/automations/{automation}/webhook": {
        "parameters": _in_path("automation"),
        "post": {
            "summary": "Make the webhook of an automation: its address and secret, shown this once",
            "responses": {
                "201": {
                    "description": "Made; what was there before is no longer good",
                    "content": {"application/json": {"schema": _object(path=_TEXT, secret=_TEXT)}},
                },
                **_REFUSED,
            },
        },
        "delete": {"summary": "Remove the webhook", "responses": {"204": {"description": "Removed"}, **_REFUSED}},
    },
    "/v1/connections": {
        "get": _answer(
            "The connections to other systems, without their secrets",
            _object(
                connections={
                    "type": "array",
                    "items": _object(name=_TEXT, settings={"type": "object"}, has_secret={"type": "boolean"}),
                },
            ),
        )
    },
    "/v1/connections/{name}": {
        "parameters": _in_path("name"),
        "put": {
            **_answer("Save a connection; without `secret`, the one that is there stays", {"type": "object"}),
            "requestBody": _body(
                {"type": "object", "required": ["settings"], "properties": {"settings": {}, "secret": _TEXT}}
            ),
        },
        "delete": {"summary": "Remove a connection", "responses": {"204": {"description": "Removed"}, **_REFUSED}},
    },
    "/v1/mail/suppressed": {
        "get": _answer("The addresses that get no mail, because they refused it", {"type": "object"})
    },
    "/v1/mail/suppressed/{address}": {
        "parameters": _in_path("address"),
        "delete": {"summary": "Send mail there again", "responses": {"204": {"description": "Done"}, **_REFUSED}},
    },
}
_PROGRESS: Document = _object(
    need={"enum": ["any", "all", "percent", "first"]},
    percent=_COUNT,
    asked=_COUNT,
    approved=_COUNT,
    rejected=_COUNT,
    waiting={"type": "array", "items": _TEXT},
)
_ABOUT: Document = _object(
    run=_ID,
    path=_TEXT,
    kind={"enum": ["approval", "form"]},
    automation=_TEXT,
    at={"type": "string", "format": "date-time"},
    until={"type": ["string", "null"], "format": "date-time"},
    progress=_PROGRESS,
)
QUESTIONS_ABOUT: Document = _object(questions={"type": "array", "items": _ABOUT})
_QUESTION: Document = _object(
    run=_ID,
    path=_TEXT,
    kind={"enum": ["approval", "form"]},
    title=_TEXT,
    message=_TEXT,
    shows={"type": "array", "items": _object(label=_TEXT, text=_TEXT)},
    fields={"type": "array", "items": {"type": "object"}},
    object=_TEXT,
    record=_ID,
    automation=_TEXT,
    at={"type": "string", "format": "date-time"},
    until={"type": ["string", "null"], "format": "date-time"},
    progress=_PROGRESS,
)
AUTOMATION_PATHS: Document = {
    "/v1/objects/{object}/automations": {
        "parameters": _in_path("object"),
        "get": _answer(
            "The automations that you may start about a record",
            _object(
                automations={"type": "array", "items": _object(name=_TEXT, label=_TEXT, description=_TEXT)},
            ),
        ),
    },
    "/v1/objects/{object}/automations/{automation}": {
        "parameters": _in_path("object", "automation"),
        "post": {
            **_answer("Start an automation about many records; it acts with your rights", _STARTED),
            "requestBody": _body(_object(ids={"type": "array", "items": _ID})),
        },
    },
    "/v1/objects/{object}/records/{id}/automations/{automation}": {
        "parameters": _in_path("object", "id", "automation"),
        "post": _answer("Start an automation about a record; it acts with your rights", _STARTED),
    },
    "/v1/objects/{object}/records/{id}/signals/{signal}": {
        "parameters": _in_path("object", "id", "signal"),
        "post": _answer("Send a signal about a record; what waits for it starts with your rights", _STARTED),
    },
    "/v1/notifications": {
        "get": {
            **_answer(
                "Your own notifications, the newest first",
                _object(unread=_COUNT, notifications={"type": "array", "items": _NOTIFICATION}),
            ),
            "parameters": [
                _query("limit", "At most so many.", {"type": "integer", "minimum": 1, "maximum": 200, "default": 50}),
                _query("unread", "Only those not read yet.", {"enum": ["false", "true"], "default": "false"}),
                _query("before", "The id of the last one of the page before.", _ID),
            ],
        }
    },
    "/v1/inbox": {
        "get": _answer(
            "What automations ask you, the oldest first",
            _object(count=_COUNT, questions={"type": "array", "items": _QUESTION}),
        )
    },
    "/v1/inbox/answer": {
        "post": {
            **_answer("Answer a question, once", _object(settled={"type": "boolean"})),
            "requestBody": _body(
                {
                    "type": "object",
                    "required": ["run", "path", "answer"],
                    "properties": {
                        "run": _ID,
                        "path": _TEXT,
                        "answer": {"enum": ["approved", "rejected", "sent"]},
                        "comment": _TEXT,
                        "values": {"type": "object"},
                    },
                }
            ),
        }
    },
    "/v1/inbox/delegate": {
        "post": {
            **_answer("Let somebody answer in your place", _object(delegated={"type": "boolean"})),
            "requestBody": _body(_object(run=_ID, path=_TEXT, to=_ID)),
        }
    },
    "/v1/notifications/read": {
        "post": {
            **_answer("Mark your notifications as read: those of `ids`, or all", _object(marked=_COUNT)),
            "requestBody": _body({"type": "object", "properties": {"ids": {"type": "array", "items": _ID}}}),
        }
    },
}
