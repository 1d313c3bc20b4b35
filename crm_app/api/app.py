"""The REST API as an ASGI application, to be mounted (`/api`). Importing it needs no database."""

from collections.abc import Callable

from starlette.applications import Starlette
from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from crm_app.api import (
    access,
    audit,
    automations,
    bulk,
    by_hand,
    connections,
    exchange_rates,
    exports,
    files,
    hooks,
    impact,
    inbox,
    lists,
    notifications,
    objects,
    openapi,
    pipelines,
    records,
    roles,
    run_moves,
    runs,
    teams,
    territories,
    users,
)
from crm_app.api.call import Endpoint
from crm_app.api.docs import docs_routes
from crm_app.api.front import Flow, Front
from crm_app.api.refusals import as_refusal, refused
from crm_app.kernel.errors import NotFound, TrellisError
from crm_app.services.workspace import Workspace
from crm_app.web.route_access import require_classified

_OBJECT = "/v1/objects/{object}"
_RECORDS = f"{_OBJECT}/records"
_RECORD = f"{_RECORDS}/{{id}}"
_RUN = "/v1/runs/{id}"
_ROLE = "/v1/roles/{role}"
_TERRITORY = "/v1/territories/{territory}"
_USER = "/v1/users/{user}"
_ENDPOINTS: tuple[tuple[str, dict[str, Endpoint]], ...] = (
    (_RECORDS, {"GET": lists.read_page, "POST": records.create}),
    (f"{_RECORDS}/bulk", {"POST": records.create_many, "PATCH": bulk.update, "DELETE": bulk.delete}),
    (f"{_RECORDS}/deleted", {"GET": records.read_deleted}),
    (f"{_RECORDS}/count", {"GET": lists.read_count}),
    (f"{_RECORDS}/aggregate", {"GET": lists.read_groups}),
    (_RECORD, {"GET": records.read, "PATCH": records.update, "DELETE": records.delete}),
    (f"{_RECORD}/restore", {"POST": records.restore}),
    (f"{_RECORD}/timeline", {"GET": records.read_timeline}),
    (f"{_RECORD}/questions", {"GET": inbox.read_about}),
    (f"{_RECORD}/moves", {"GET": pipelines.read_moves}),
    (f"{_RECORD}/access", {"GET": access.read_people}),
    (f"{_RECORD}/why", {"GET": access.read_why}),
    (f"{_RECORD}/shares", {"GET": access.read_shares, "POST": access.share}),
    (f"{_RECORD}/shares/{{share}}", {"DELETE": access.unshare}),
    (f"{_OBJECT}/pipelines/{{pipeline}}", {"GET": pipelines.read_standing}),
    ("/v1/objects", {"GET": objects.read_all}),
    (_OBJECT, {"GET": objects.read_one}),
    (f"{_OBJECT}/impact", {"GET": impact.read_object}),
    (f"{_OBJECT}/fields/{{field}}/impact", {"GET": impact.read_field}),
    ("/v1/users", {"GET": users.read_all, "POST": users.invite}),
    (_USER, {"GET": users.read_one, "PATCH": users.change}),
    (f"{_USER}/link", {"POST": users.make_link}),
    (f"{_USER}/deactivate", {"POST": users.deactivate}),
    (f"{_USER}/activate", {"POST": users.activate}),
    (f"{_USER}/holdings", {"GET": users.read_holdings}),
    (f"{_USER}/hand-over", {"POST": users.give_over}),
    ("/v1/teams", {"GET": teams.read_all, "POST": teams.make}),
    ("/v1/teams/{team}", {"GET": teams.read_one, "PATCH": teams.change, "DELETE": teams.remove}),
    ("/v1/territories", {"GET": territories.read_all, "POST": territories.make}),
    (_TERRITORY, {"GET": territories.read_one, "PATCH": territories.change, "DELETE": territories.remove}),
    (f"{_USER}/sessions", {"GET": users.read_sessions, "DELETE": users.drop_sessions}),
    ("/v1/exchange-rates", {"GET": exchange_rates.read_all}),
    ("/v1/exchange-rates/{currency}/{valid_from}", {"PUT": exchange_rates.save, "DELETE": exchange_rates.remove}),
    ("/v1/runs", {"GET": runs.read_all}),
    (_RUN, {"GET": runs.read_one}),
    (f"{_RUN}/retry", {"POST": runs.retry}),
    (f"{_RUN}/cancel", {"POST": runs.cancel}),
    (f"{_RUN}/reassign", {"POST": runs.reassign}),
    (f"{_RUN}/rerun", {"POST": runs.run_again}),
    ("/v1/automations/{automation}/report", {"GET": automations.read_report}),
    ("/v1/automations/{automation}/versions", {"GET": automations.read_versions}),
    ("/v1/automations/{automation}/difference", {"GET": automations.read_difference}),
    ("/v1/automations/{automation}/publisher", {"GET": automations.read_publisher, "POST": automations.take_publisher}),
    ("/v1/automations/paused", {"GET": runs.read_pauses}),
    ("/v1/automations/{automation}/pause", {"POST": runs.pause_one}),
    ("/v1/automations/{automation}/resume", {"POST": runs.resume_one}),
    ("/v1/automations/{automation}/dry-run", {"POST": runs.try_out}),
    ("/v1/automations/{automation}/moves", {"GET": run_moves.read_movable, "POST": run_moves.move_some}),
    ("/v1/roles", {"GET": roles.read_all}),
    (_ROLE, {"GET": roles.read_one, "PUT": roles.save}),
    (f"{_ROLE}/difference", {"POST": roles.compare}),
    (f"{_ROLE}/people", {"GET": roles.read_people}),
    (f"{_ROLE}/people/{{person}}", {"PUT": roles.give, "DELETE": roles.take}),
    (f"{_OBJECT}/automations", {"GET": by_hand.read_startable}),
    (f"{_OBJECT}/automations/{{automation}}", {"POST": by_hand.start_many}),
    (f"{_RECORD}/automations/{{automation}}", {"POST": by_hand.start}),
    (f"{_RECORD}/signals/{{signal}}", {"POST": by_hand.signal}),
    ("/v1/automations/{automation}/webhook", {"POST": hooks.make, "DELETE": hooks.remove}),
    ("/v1/connections", {"GET": connections.read_all}),
    ("/v1/connections/{name}", {"PUT": connections.save, "DELETE": connections.remove}),
    ("/v1/mail/suppressed", {"GET": connections.read_suppressed}),
    ("/v1/mail/suppressed/{address}", {"DELETE": connections.allow_again}),
    ("/v1/inbox", {"GET": inbox.read_all}),
    ("/v1/inbox/answer", {"POST": inbox.say}),
    ("/v1/inbox/delegate", {"POST": inbox.hand_on}),
    ("/v1/notifications", {"GET": notifications.read_all}),
    ("/v1/notifications/read", {"POST": notifications.mark}),
    ("/v1/audit", {"GET": audit.read_entries}),
    ("/v1/keys", {"GET": audit.read_keys}),
    ("/v1/keys/{prefix}/renew", {"POST": audit.renew}),
    ("/v1/keys/{prefix}", {"DELETE": audit.end_key}),
    ("/v1/search", {"GET": lists.search}),
    ("/openapi.json", {"GET": openapi.read_document}),
)
_FLOWS: tuple[tuple[str, str, Flow], ...] = (
    (f"{_RECORDS}.csv", "GET", exports.read_csv),
    ("/v1/audit.csv", "GET", audit.read_csv),
    ("/v1/audit.ndjson", "GET", audit.read_lines),
    ("/v1/files", "POST", files.send),
    ("/v1/files/{id}", "GET", files.read),
)


class MethodNotAllowed(TrellisError):
    """The address exists, but not for this method."""

    code, status = "method_not_allowed", 405


def create_api(workspace: Workspace | Callable[[], Workspace]) -> Starlette:
    """A callable is asked for the workspace in every request, and returns the same one."""
    front = Front(workspace if callable(workspace) else lambda: workspace)
    routes = [Route(path, front.serving(endpoints), methods=list(endpoints)) for path, endpoints in _ENDPOINTS]
    flows = [Route(path, front.flowing(flow), methods=[method]) for path, method, flow in _FLOWS]
    hook = hooks.hook_route(workspace if callable(workspace) else lambda: workspace)
    every = [*routes, *flows, *docs_routes(), hook]
    require_classified(every)
    return Starlette(
        routes=every,
        exception_handlers={HTTPException: _http_refusal, Exception: _unexpected},
    )


async def _http_refusal(_request: Request, error: Exception) -> Response:
    """What the router refuses by itself: an unknown address or method."""
    status = error.status_code if isinstance(error, HTTPException) else NotFound.status
    if status == MethodNotAllowed.status and isinstance(error, HTTPException):
        response = refused(MethodNotAllowed("This address does not take that method."))
        response.headers.update(error.headers or {})
        return response
    return refused(NotFound("There is nothing at this address. What there is: /api/docs."))


async def _unexpected(_request: Request, error: Exception) -> Response:
    return refused(as_refusal(error))
