"""Logging in and out by plain HTTP, because only an HTTP answer can set a cookie that scripts can't read."""

from urllib.parse import parse_qsl, urlencode, urlsplit

import reflex as rx
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import PlainTextResponse, RedirectResponse, Response
from starlette.routing import Route

from crm_app.kernel.errors import TrellisError
from crm_app.services import accounts
from crm_app.ui.address import HOME, LOGIN, safe_path
from crm_app.ui.door import COOKIE, DOOR
from crm_app.ui.origins import is_same_origin

LOGIN_ROUTE = "/auth/login"
LOGOUT_ROUTE = "/auth/logout"
_SEE_OTHER = 303
_MAX_FORM_FIELDS = 5
_MAX_AGE_SECONDS = accounts.SESSION_HOURS * 3600


def _foreign() -> Response:
    return PlainTextResponse("This form was sent from another site.", status_code=403)


def _asked_for(request: Request) -> str:
    """The `next` of the login page's own address, for whoever is faster than the page's script."""
    query = dict(parse_qsl(urlsplit(request.headers.get("referer", "")).query))
    return safe_path(query.get("next", HOME))


async def _log_in(request: Request) -> Response:
    if not is_same_origin(request.headers):
        return _foreign()
    async with request.form(max_fields=_MAX_FORM_FIELDS, max_files=0) as form:
        email, password, wanted = (str(form.get(name, "")) for name in ("email", "password", "next"))
    wanted = safe_path(wanted) if safe_path(wanted) != HOME else _asked_for(request)
    address = request.client.host if request.client else ""
    try:
        secret = await rx.run_in_thread(lambda: accounts.log_in(DOOR.workspace(), email, password, address))
    except TrellisError as refusal:
        query = {"refused": refusal.code, "next": wanted}
        return RedirectResponse(f"{LOGIN}?{urlencode(query)}", _SEE_OTHER)
    response = RedirectResponse(wanted, _SEE_OTHER)
    is_secure = request.url.scheme == "https" or request.headers.get("x-forwarded-proto") == "https"
    response.set_cookie(
        COOKIE, secret, max_age=_MAX_AGE_SECONDS, path="/", httponly=True, samesite="lax", secure=is_secure
    )
    return response


async def _log_out(request: Request) -> Response:
    if not is_same_origin(request.headers):
        return _foreign()
    secret = request.cookies.get(COOKIE, "")
    if secret:
        await rx.run_in_thread(lambda: accounts.log_out(DOOR.workspace(), secret))
    response = RedirectResponse(LOGIN, _SEE_OTHER)
    response.delete_cookie(COOKIE, path="/", httponly=True, samesite="lax")
    return response


def login_routes() -> Starlette:
    return Starlette(
        routes=[
            Route(LOGIN_ROUTE, _log_in, methods=["POST"]),
            Route(LOGOUT_ROUTE, _log_out, methods=["POST"]),
        ]
    )
