"""What the plain HTTP routes of signing in share. Only an HTTP answer can set a cookie that scripts can't read."""

from collections.abc import Awaitable, Callable
from html import escape
from urllib.parse import urlencode

from starlette.requests import Request
from starlette.responses import HTMLResponse, PlainTextResponse, RedirectResponse, Response

from crm_app.services.log_in import Entry
from crm_app.services.second_step import CODE
from crm_app.services.session_holds import ENROL
from crm_app.services.session_uses import SESSION_HOURS
from crm_app.services.sessions import Visitor
from crm_app.ui.address import LOGIN_CODE, LOGIN_SET_UP
from crm_app.ui.door import COOKIE
from crm_app.ui.origins import is_same_origin
from crm_app.web.route_access import RouteAccess, reached_by

LOGIN_ROUTE = "/auth/login"
LOGOUT_ROUTE = "/auth/logout"
PASSWORD_ROUTE = "/auth/password"  # noqa: S105 - an address
WELCOME_ROUTE = "/auth/welcome"
FIRST_ROUTE = "/auth/first"
CODE_ROUTE = "/auth/code"
SET_UP_ROUTE = "/auth/set-up"
OIDC_ROUTE = "/auth/oidc"
OIDC_CONNECT_ROUTE = "/auth/oidc/connect"
NEXT_STEPS = {CODE: LOGIN_CODE, ENROL: LOGIN_SET_UP}  # by what a session still needs
PROVIDER_COOKIE = "trellis_provider"
DEVICE_COOKIE = "trellis_device"
_SEE_OTHER = 303
_MAX_FORM_FIELDS = 6
MAX_AGE_SECONDS = SESSION_HOURS * 3600
_DEVICE_SECONDS = 365 * 86_400
Action = Callable[[Request, dict[str, str]], Awaitable[Response]]


def own_form(action: Action) -> Callable[[Request], Awaitable[Response]]:
    """An endpoint for a form of our own pages: one that another site sends is refused unread."""

    async def endpoint(request: Request) -> Response:
        if not is_same_origin(request.headers):
            return PlainTextResponse("This form was sent from another site.", status_code=403)
        async with request.form(max_fields=_MAX_FORM_FIELDS, max_files=0) as form:
            texts = {name: value for name, value in form.items() if isinstance(value, str)}
        return await action(request, texts)

    return reached_by(RouteAccess.PUBLIC, endpoint)


def visitor_of(request: Request) -> Visitor:
    return Visitor(
        address=request.client.host if request.client else "",
        agent=request.headers.get("user-agent", ""),
        known_device=request.cookies.get(DEVICE_COOKIE, ""),
    )


def onward(path: str, **query: str) -> Response:
    """To a page of ours, with what it should say."""
    said = {name: value for name, value in query.items() if value}
    return RedirectResponse(f"{path}?{urlencode(said)}" if said else path, _SEE_OTHER)


def let_in(request: Request, response: Response, entry: Entry) -> Response:
    """Hands the browser its new session, and what it is known by at the next log-in."""
    keep_cookie(request, response, COOKIE, entry.secret, MAX_AGE_SECONDS)
    if entry.device:
        keep_cookie(request, response, DEVICE_COOKIE, entry.device, _DEVICE_SECONDS)
    return response


def entered(request: Request, entry: Entry, wanted: str) -> Response:
    """To where the person wanted, or first to the second factor."""
    step = NEXT_STEPS.get(entry.need)
    return let_in(request, onward(step, next=wanted) if step else onward(wanted), entry)


def leaving(address: str) -> Response:
    """A page that goes on by itself: a form of ours may not lead to another site, not even by a redirect."""
    shown = escape(address, quote=True)
    return HTMLResponse(
        f'<!doctype html><html lang="en"><meta charset="utf-8"><title>One moment</title>'
        f'<link rel="icon" href="/favicon.svg" type="image/svg+xml">'
        f'<meta http-equiv="refresh" content="0; url={shown}"><a href="{shown}">Go on</a></html>'
    )


def keep_cookie(request: Request, response: Response, name: str, value: str, seconds: int) -> None:
    response.set_cookie(name, value, max_age=seconds, path="/", httponly=True, samesite="lax", secure=is_safe(request))


def is_safe(request: Request) -> bool:
    return request.url.scheme == "https" or request.headers.get("x-forwarded-proto") == "https"


def drop_cookie(response: Response, name: str) -> None:
    response.delete_cookie(name, path="/", httponly=True, samesite="lax")
