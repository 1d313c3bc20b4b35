"""The audit, for keys of administrators; and every key's own person's keys."""

from dataclasses import replace
from typing import Any

from starlette.requests import Request
from starlette.responses import Response

from crm_app.api.call import Answer, BadBody, Call
from crm_app.api.parameters import read_parameters
from crm_app.kernel.actor import KeyActor
from crm_app.services.api_keys import KeySummary, list_keys, revoke_key
from crm_app.services.audit_exports import Shape, audit_stream, entry_json
from crm_app.services.audit_log import PAGE, read_audit
from crm_app.services.audit_queries import PARAMETERS, read_query
from crm_app.services.key_renewal import OVERLAP_HOURS, renew_key
from crm_app.services.unit_of_work import UnitOfWork
from crm_app.services.workspace import Workspace
from crm_app.web.downloads import streamed

_SEARCH = frozenset(PARAMETERS)
_NONE: frozenset[str] = frozenset()


def read_entries(work: UnitOfWork, call: Call) -> Answer:
    parameters = read_parameters(call.query, _SEARCH | {"limit"})
    query = read_query(parameters.single, work.who.time_zone)
    page = read_audit(work, replace(query, limit=parameters.number("limit", PAGE)))
    return Answer({"entries": [entry_json(e) for e in page.entries], "next": str(page.next) if page.next else None})


async def read_csv(workspace: Workspace, actor: KeyActor, request: Request) -> Response:
    return await _file(workspace, actor, request, "csv", "text/csv; charset=utf-8")


async def read_lines(workspace: Workspace, actor: KeyActor, request: Request) -> Response:
    return await _file(workspace, actor, request, "ndjson", "application/x-ndjson")


async def _file(workspace: Workspace, actor: KeyActor, request: Request, shape: Shape, media_type: str) -> Response:
    query = read_query(read_parameters(request.scope["query_string"], _SEARCH).single)
    return await streamed(request, audit_stream(workspace, actor, query, shape), f"audit.{shape}", media_type)


def read_keys(work: UnitOfWork, call: Call) -> Answer:
    """Of the key's own person; never the keys themselves."""
    read_parameters(call.query, _NONE)
    return Answer({"keys": [_key(each) for each in list_keys(work, own=True)]})


def end_key(work: UnitOfWork, call: Call) -> Answer:
    read_parameters(call.query, _NONE)
    call.require_nothing()
    return Answer(_key(revoke_key(work, call.path["prefix"])))


def renew(work: UnitOfWork, call: Call) -> Answer:
    """The answer holds the new key, this once. `hours`: how long the old one stays good."""
    read_parameters(call.query, _NONE)
    body = call.json_object()
    hours = body.get("hours", OVERLAP_HOURS)
    if set(body) - {"hours"} or type(hours) is not int:
        raise BadBody("The body has only the key `hours`, a whole number.")
    made = renew_key(work, call.path["prefix"], hours)
    until = made.expires_at.isoformat() if made.expires_at else None
    return Answer({"key": made.key, "prefix": made.prefix, "expires_at": until}, status=201)


def _key(key: KeySummary) -> dict[str, Any]:
    moments = {name: getattr(key, name) for name in ("created_at", "expires_at", "revoked_at", "last_used_at")}
    return {
        "prefix": key.prefix,
        "label": key.label,
        "state": key.state,
        "roles": key.roles,
        "scopes": key.scopes,
        **{name: at.isoformat() if at else None for name, at in moments.items()},
    }
