"""The parts of the OpenAPI document that are the same for every object."""

from typing import Any

Document = dict[str, Any]

_TEXT: Document = {"type": "string"}
_FLAG: Document = {"type": "boolean"}
_COUNT: Document = {"type": "integer", "minimum": 0}
_NUMBERS: Document = {"type": "object", "additionalProperties": _COUNT}


def ref_to(schema: str) -> Document:
    return {"$ref": f"#/components/schemas/{schema}"}


def _object(**properties: Document) -> Document:
    return {"type": "object", "required": list(properties), "properties": properties}


def _list(items: Document) -> Document:
    return {"type": "array", "items": items}


def query(name: str, description: str, schema: Document = _TEXT) -> Document:
    return {"name": name, "in": "query", "description": description, "schema": schema}


def _header(name: str, description: str) -> Document:
    return {"name": name, "in": "header", "description": description, "schema": _TEXT}


_CLAUSES = {
    **_list(
        _object(
            rule=_TEXT,
            outcome={"enum": ["true", "false", "unknown"]},
            needed={"type": "boolean", "description": "The outcome that would have been enough."},
            message=_TEXT,
            values={"type": "object", "description": "What it was decided on, by path; null for what is empty."},
            records=_list(_TEXT),
            record_count=_COUNT,
        )
    ),
    "description": "Where a rule refused: the fewest of its parts that made it so, if you may see all that it names.",
}
_PROBLEMS = _list({**_object(path=_TEXT, message=_TEXT, clauses=_CLAUSES), "required": ["path", "message"]})
COMMON_SCHEMAS: Document = {
    "error": _object(error=_object(code=_TEXT, message=_TEXT, problems=_PROBLEMS, details={"type": "object"})),
    "target": {
        "oneOf": [{"type": "null"}, _object(id=_TEXT, object=_TEXT, name=_TEXT, values={"type": "object"})],
        "description": "The record that a relation points at; null where there is none, or none that you may see.",
    },
    "count": _object(value=_COUNT, capped={"type": "boolean", "description": "There are more than `value`."}),
    "groups": _object(
        group_by=_TEXT,
        groups=_list(_object(key={}, count=_COUNT, sums={"type": "object"})),
        is_truncated={"type": "boolean"},
    ),
    "rates": _object(currency=_TEXT, rates=_list(ref_to("rate"))),
    "rate": _object(currency=_TEXT, valid_from={"type": "string", "format": "date"}, worth=_TEXT),
    "file": _object(id=_TEXT, name=_TEXT, size=_COUNT, type=_TEXT, sha256=_TEXT),
    "bulk.report": {
        **_object(
            done=_list(_TEXT),
            refused=_list(_object(id=_TEXT, name=_TEXT, code=_TEXT, message=_TEXT, problems=_PROBLEMS)),
            next={"type": ["string", "null"]},
        ),
        "description": "Records that are as asked now, and those that stayed as they were, each with its reason.",
    },
    "bulk.chosen": {
        "oneOf": [
            {"type": "string", "format": "uuid"},
            _object(id={"type": "string", "format": "uuid"}, version={"type": "integer", "minimum": 1}),
        ],
        "description": "A record; with a version it is refused when somebody saved it since.",
    },
    "bulk.filter": {
        "type": "object",
        "properties": {"where": _TEXT, "search": _TEXT},
        "minProperties": 1,
        "additionalProperties": False,
        "description": "What a list with the same `where` and `search` shows.",
    },
    "uses": {
        **_object(
            uses=_list(
                _object(
                    path=_TEXT,
                    label=_TEXT,
                    rule={"type": ["string", "null"]},
                    through={**_list(_TEXT), "description": "The computed fields by which it depends, nearest first."},
                )
            )
        ),
        "description": "Only for who administers the workspace.",
    },
    "moves": _object(moves=_list({"type": "object"})),
    "standing": _object(pipeline=_TEXT, label=_TEXT, stages=_list({"type": "object"})),
    "deleted": _object(
        records=_list(
            _object(
                id=_TEXT,
                object=_TEXT,
                name=_TEXT,
                deleted_at=_TEXT,
                deleted_by=_TEXT,
                with_another=_FLAG,
                brings={**_NUMBERS, "description": "How many records of which objects come back with it."},
            )
        )
    ),
    "consequences": _object(sentence=_TEXT, deleted=_NUMBERS, cleared=_NUMBERS),
    "timeline": _object(entries=_list({"type": "object"})),
    "results": _object(results=_list(_object(object=_TEXT, id=_TEXT, name=_TEXT))),
}
COMMON_SCHEMAS["error"]["properties"]["error"]["required"] = ["code", "message", "problems"]

ERROR_RESPONSES: Document = {
    "refusal": {
        "description": "Refused; `problems` names each place.",
        "content": {"application/json": {"schema": ref_to("error")}},
    }
}

PARAMETERS: Document = {
    "id": {"name": "id", "in": "path", "required": True, "schema": {"type": "string", "format": "uuid"}},
    "object": {"name": "object", "in": "path", "required": True, "schema": _TEXT},
    "filter": {
        "name": "filter",
        "in": "query",
        "style": "deepObject",
        "explode": True,
        "description": "`filter[field]=value` or `filter[field][operator]=value`; all of them must hold.",
        "schema": {"type": "object", "additionalProperties": True},
    },
    "where": query("where", "A rule, such as `amount >= 50000 USD and stage != 'lost'`."),
    "search": query("search", "Words in the record's name."),
    "sort": query("sort", "Up to three fields, `-` for descending: `-amount,name`."),
    "limit": query("limit", "Records in a page.", {"type": "integer", "minimum": 1, "maximum": 200, "default": 50}),
    "timeline_limit": query("limit", "Entries.", {"type": "integer", "minimum": 1, "maximum": 200, "default": 50}),
    "offset": query("offset", "How many to leave out first.", {"type": "integer", "minimum": 0, "default": 0}),
    "cursor": query("cursor", "Where the next page starts: `next_cursor` of the page before."),
    "expand": query("expand", "Relations whose record comes along: `company,owner`."),
    "fields": query("fields", "The fields to answer with; all of them when left out."),
    "count": query("count", "Count all that match.", {"enum": ["none", "capped", "exact"], "default": "none"}),
    "bom": query("bom", "A byte order mark, for spreadsheets.", {"enum": ["false", "true"], "default": "false"}),
    "exact": query("exact", "Count beyond 10,000.", {"enum": ["false", "true"], "default": "false"}),
    "group_by": {**query("group_by", "The field whose values make the groups."), "required": True},
    "sum": query("sum", "Number and money fields to add up in each group."),
    "dry": query("dry", "Only say what would happen.", {"enum": ["false", "true"], "default": "false"}),
    "allow_duplicates": query(
        "allow_duplicates",
        "Save it although duplicate rules warn (`duplicates`, 409); what they block (`duplicates_blocked`) stays out.",
        {"enum": ["false", "true"], "default": "false"},
    ),
    "if_match": _header("If-Match", "The ETag that the change was made from; another version is refused with 412."),
    "if_none_match": _header("If-None-Match", "An ETag you hold; 304 when it is still the record's."),
}


def general(summary: str, answer: Document, *parameters: Document) -> Document:
    refusal = {"$ref": "#/components/responses/refusal"}
    found = {"description": summary, "content": {"application/json": {"schema": answer}}}
    return {"summary": summary, "parameters": list(parameters), "responses": {"200": found, "default": refusal}}


GENERAL_PATHS: Document = {
    "/v1/objects": {"get": general("The objects that you may read", {"type": "object"})},
    "/v1/objects/{object}": {
        "get": general(
            "One object with its fields, pipelines, layouts and rules",
            {"type": "object"},
            {"$ref": "#/components/parameters/object"},
        )
    },
    "/v1/objects/{object}/impact": {
        "get": general("What depends on the object", ref_to("uses"), {"$ref": "#/components/parameters/object"})
    },
    "/v1/objects/{object}/fields/{field}/impact": {
        "get": general(
            "What depends on the field: rules, also across relations, and everything else that names it",
            ref_to("uses"),
            {"$ref": "#/components/parameters/object"},
            {"name": "field", "in": "path", "required": True, "schema": _TEXT},
        )
    },
    "/v1/files": {
        "post": {
            "summary": "Send a file, before a record names it",
            "description": "The bare content with `?name=`, or a form with one part `file`; at most 25 MB.",
            "parameters": [query("name", "The file's name, for a bare content.")],
            "requestBody": {
                "required": True,
                "content": {
                    "application/octet-stream": {"schema": {}},
                    "multipart/form-data": {"schema": _object(file={})},
                },
            },
            "responses": {
                "201": {"description": "Sent", "content": {"application/json": {"schema": ref_to("file")}}},
                "default": {"$ref": "#/components/responses/refusal"},
            },
        }
    },
    "/v1/files/{id}": {
        "parameters": [{"$ref": "#/components/parameters/id"}],
        "get": {
            "summary": "The content of a file, to whoever may read its record and field",
            "responses": {
                "200": {"description": "The content", "content": {"*/*": {"schema": {}}}},
                "default": {"$ref": "#/components/responses/refusal"},
            },
        },
    },
    "/v1/exchange-rates": {"get": general("What currencies are worth in the workspace's own", ref_to("rates"))},
    "/v1/exchange-rates/{currency}/{valid_from}": {
        "parameters": [
            {"name": "currency", "in": "path", "required": True, "schema": _TEXT},
            {"name": "valid_from", "in": "path", "required": True, "schema": {"type": "string", "format": "date"}},
        ],
        "put": {
            **general("Save what a currency is worth from a day on; for administrators", ref_to("rate")),
            "requestBody": {
                "required": True,
                "content": {"application/json": {"schema": _object(worth={"type": ["string", "integer"]})}},
            },
        },
        "delete": {
            "summary": "Remove a rate; for administrators",
            "responses": {
                "204": {"description": "Removed"},
                "default": {"$ref": "#/components/responses/refusal"},
            },
        },
    },
    "/v1/search": {
        "get": general(
            "Records of any object by their name",
            ref_to("results"),
            {**query("q", "The words."), "required": True},
            query("limit", "Results for each object.", {"type": "integer", "minimum": 1, "maximum": 50}),
        )
    },
}
