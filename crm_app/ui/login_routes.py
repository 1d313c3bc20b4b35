"""Logging in and out by plain HTTP."""

from urllib.parse import parse_qsl, urlsplit

import reflex as rx
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from crm_app.kernel.errors import TrellisError
from crm_app.services.log_in import log_in, log_out
from crm_app.ui.address import HOME, LOGIN, safe_path
from crm_app.ui.door import COOKIE, DOOR
from crm_app.ui.sign_in_http import drop_cookie, let_in, onward, own_form, visitor_of

LOGIN_ROUTE = "/auth/login"
LOGOUT_ROUTE = "/auth/logout"


def _asked_for(request: Request) -> str:
    """The `next` of the login page's own address, for whoever is faster than the page's script."""
    query = dict(parse_qsl(urlsplit(request.headers.get("referer", "")).query))
    return safe_path(query.get("next", HOME))


async def _log_in(request: Request, form: dict[str, str]) -> Response:
    wanted = safe_path(form.get("next", ""))
    wanted = wanted if wanted != HOME else _asked_for(request)
    email, password, visitor = form.get("email", ""), form.get("password", ""), visitor_of(request)
    try:
        entry = await rx.run_in_thread(lambda: log_in(DOOR.workspace(), email, password, visitor))
    except TrellisError as refusal:
        return onward(LOGIN, refused=refusal.code, wait=str(refusal.details.get("seconds", "")), next=wanted)
    return let_in(request, onward(wanted), entry)


async def _log_out(request: Request, _form: dict[str, str]) -> Response:
    secret = request.cookies.get(COOKIE, "")
    if secret:
        await rx.run_in_thread(lambda: log_out(DOOR.workspace(), secret))
    response = onward(LOGIN)
    drop_cookie(response, COOKIE)
    return response


def login_routes() -> Starlette:
    return Starlette(
        routes=[
            Route(LOGIN_ROUTE, own_form(_log_in), methods=["POST"]),
            Route(LOGOUT_ROUTE, own_form(_log_out), methods=["POST"]),
        ]
    )
