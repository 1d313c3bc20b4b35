"""The way to another sign-in service and back."""

import logging

import reflex as rx
from starlette.requests import Request
from starlette.responses import RedirectResponse, Response
from starlette.routing import Route

from crm_app.kernel.errors import TrellisError, Unauthenticated
from crm_app.services.oidc import FLOW_SECONDS, Departure, arrive, depart, farewell
from crm_app.services.oidc_connection import BelongsToAnother, require_connectable
from crm_app.ui.address import ACCOUNT, LOGIN, safe_path
from crm_app.ui.door import COOKIE, DOOR
from crm_app.ui.sign_in_http import (
    MAX_AGE_SECONDS,
    OIDC_CONNECT_ROUTE,
    OIDC_ROUTE,
    PROVIDER_COOKIE,
    drop_cookie,
    entered,
    is_safe,
    keep_cookie,
    leaving,
    onward,
    own_form,
    visitor_of,
)
from crm_app.web.route_access import RouteAccess, reached_by

_BACK = f"{OIDC_ROUTE}/callback"
_FLOW_COOKIE = "trellis_sign_in"
_SEE_OTHER = 303
_MAX_CODE = 100
_MAX_HELD = 3_800  # browsers drop larger cookies; without it, logging out ends here only
_LOG = logging.getLogger("trellis.sign_in")


def _callback(request: Request) -> str:
    """The address that the service sends back to; it only takes one that it was told of."""
    return _origin(request) + _BACK


def _origin(request: Request) -> str:
    return f"{'https' if is_safe(request) else 'http'}://{request.headers.get('host', '')}"


def provider_farewell(request: Request, held: str) -> str:
    """Where to log out at the service, and from there back to the log-in."""
    return farewell(DOOR.workspace(), held, _origin(request) + LOGIN)


async def _depart(request: Request) -> Response:
    wanted, callback = safe_path(request.query_params.get("next", "")), _callback(request)
    try:
        gone = await rx.run_in_thread(lambda: depart(DOOR.workspace(), callback, wanted))
    except TrellisError as refusal:
        return _refused(refusal, wanted)
    response = RedirectResponse(gone.url, _SEE_OTHER)
    keep_cookie(request, response, _FLOW_COOKIE, gone.flow, FLOW_SECONDS)
    return response


async def _connect(request: Request, form: dict[str, str]) -> Response:
    """From the page of the account, by who says again who they are."""
    secret, callback = request.cookies.get(COOKIE, ""), _callback(request)
    password, code = form.get("password", ""), form.get("code", "")[:_MAX_CODE]

    def departure() -> Departure:
        session = require_connectable(DOOR.workspace(), secret, password, code)
        return depart(DOOR.workspace(), callback, f"{ACCOUNT}?done=connected", session)

    try:
        gone = await rx.run_in_thread(departure)
    except Unauthenticated:
        return onward(LOGIN, next=ACCOUNT)
    except TrellisError as refusal:
        found = next((problem.path for problem in refusal.problems), refusal.code)
        return onward(ACCOUNT, connecting=found)
    response = leaving(gone.url)
    keep_cookie(request, response, _FLOW_COOKIE, gone.flow, FLOW_SECONDS)
    return response


async def _arrive(request: Request) -> Response:
    flow, query, visitor = request.cookies.get(_FLOW_COOKIE, ""), dict(request.query_params), visitor_of(request)
    callback, secret = _callback(request), request.cookies.get(COOKIE, "")
    try:
        arrival = await rx.run_in_thread(lambda: arrive(DOOR.workspace(), callback, flow, query, visitor, secret))
    except TrellisError as refusal:
        is_connecting = isinstance(refusal, BelongsToAnother)
        response = onward(ACCOUNT, connecting=refusal.code) if is_connecting else _refused(refusal, "")
    else:
        wanted, entry = safe_path(arrival.wanted), arrival.entry
        response = entered(request, entry, wanted) if entry else onward(wanted)
        if entry and len(arrival.held) < _MAX_HELD:
            keep_cookie(request, response, PROVIDER_COOKIE, arrival.held, MAX_AGE_SECONDS)
    drop_cookie(response, _FLOW_COOKIE)
    return response


def _refused(refusal: TrellisError, wanted: str) -> Response:
    _LOG.warning("A sign-in by another service was refused: %s", refusal.message)
    return onward(LOGIN, refused=refusal.code, next=wanted)


def oidc_routes() -> list[Route]:
    return [
        Route(OIDC_ROUTE, reached_by(RouteAccess.PUBLIC, _depart), methods=["GET"]),
        Route(_BACK, reached_by(RouteAccess.PUBLIC, _arrive), methods=["GET"]),
        Route(OIDC_CONNECT_ROUTE, own_form(_connect), methods=["POST"]),
    ]
