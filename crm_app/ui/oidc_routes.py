"""The way to another sign-in service and back."""

import logging

import reflex as rx
from starlette.requests import Request
from starlette.responses import RedirectResponse, Response
from starlette.routing import Route

from crm_app.kernel.errors import TrellisError
from crm_app.services.oidc import FLOW_SECONDS, arrive, depart
from crm_app.ui.address import LOGIN, safe_path
from crm_app.ui.door import DOOR
from crm_app.ui.sign_in_http import OIDC_ROUTE, drop_cookie, is_safe, keep_cookie, let_in, onward, visitor_of
from crm_app.web.route_access import RouteAccess, reached_by

_BACK = f"{OIDC_ROUTE}/callback"
_FLOW_COOKIE = "trellis_sign_in"
_SEE_OTHER = 303
_LOG = logging.getLogger("trellis.sign_in")


def _callback(request: Request) -> str:
    """The address that the service sends back to; it only takes one that it was told of."""
    return f"{'https' if is_safe(request) else 'http'}://{request.headers.get('host', '')}{_BACK}"


async def _depart(request: Request) -> Response:
    wanted, callback = safe_path(request.query_params.get("next", "")), _callback(request)
    try:
        gone = await rx.run_in_thread(lambda: depart(DOOR.workspace(), callback, wanted))
    except TrellisError as refusal:
        return _refused(refusal, wanted)
    response = RedirectResponse(gone.url, _SEE_OTHER)
    keep_cookie(request, response, _FLOW_COOKIE, gone.flow, FLOW_SECONDS)
    return response


async def _arrive(request: Request) -> Response:
    flow, query, visitor = request.cookies.get(_FLOW_COOKIE, ""), dict(request.query_params), visitor_of(request)
    callback = _callback(request)
    try:
        entry, wanted = await rx.run_in_thread(lambda: arrive(DOOR.workspace(), callback, flow, query, visitor))
    except TrellisError as refusal:
        response = _refused(refusal, "")
    else:
        response = let_in(request, onward(safe_path(wanted)), entry)
    drop_cookie(response, _FLOW_COOKIE)
    return response


def _refused(refusal: TrellisError, wanted: str) -> Response:
    _LOG.warning("A sign-in by another service was refused: %s", refusal.message)
    return onward(LOGIN, refused=refusal.code, next=wanted)


def oidc_routes() -> list[Route]:
    return [
        Route(path, reached_by(RouteAccess.PUBLIC, endpoint), methods=["GET"])
        for path, endpoint in ((OIDC_ROUTE, _depart), (_BACK, _arrive))
    ]
