"""Logging in and out by plain HTTP."""

from collections.abc import Callable
from urllib.parse import parse_qsl, urlsplit

import reflex as rx
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from crm_app.kernel.errors import TrellisError, Unauthenticated
from crm_app.services.account_links import LinkIsOver, take_link
from crm_app.services.first_run import make_first
from crm_app.services.log_in import Entry, log_in, log_out
from crm_app.services.own_password import change_password
from crm_app.services.second_step import finish_set_up, show_code
from crm_app.services.sessions import Visitor
from crm_app.services.workspace import Workspace
from crm_app.ui.address import ACCOUNT, FIRST, HOME, LOGIN, LOGIN_CODE, LOGIN_SET_UP, WELCOME, safe_path
from crm_app.ui.door import COOKIE, DOOR
from crm_app.ui.oidc_routes import oidc_routes, provider_farewell
from crm_app.ui.sign_in_http import (
    CODE_ROUTE,
    FIRST_ROUTE,
    LOGIN_ROUTE,
    LOGOUT_ROUTE,
    PASSWORD_ROUTE,
    PROVIDER_COOKIE,
    SET_UP_ROUTE,
    WELCOME_ROUTE,
    drop_cookie,
    entered,
    leaving,
    let_in,
    onward,
    own_form,
    visitor_of,
)

_MAX_CODE = 100


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
    response = entered(request, entry, wanted)
    drop_cookie(response, PROVIDER_COOKIE)
    return response


async def _second_step(
    request: Request, form: dict[str, str], step: Callable[[Workspace, str, str, Visitor], Entry], page: str
) -> Response:
    wanted, code = safe_path(form.get("next", "")), form.get("code", "")[:_MAX_CODE]
    secret, visitor = request.cookies.get(COOKIE, ""), visitor_of(request)
    try:
        entry = await rx.run_in_thread(lambda: step(DOOR.workspace(), secret, code, visitor))
    except Unauthenticated:
        return onward(LOGIN, next=wanted)
    except TrellisError as refusal:
        return onward(page, refused=refusal.code, wait=str(refusal.details.get("seconds", "")), next=wanted)
    return let_in(request, onward(wanted), entry)


async def _show_code(request: Request, form: dict[str, str]) -> Response:
    return await _second_step(request, form, show_code, LOGIN_CODE)


async def _set_up(request: Request, form: dict[str, str]) -> Response:
    """Afterwards the account's page asks to keep recovery codes."""
    return await _second_step(request, {**form, "next": f"{ACCOUNT}?done=factor"}, finish_set_up, LOGIN_SET_UP)


async def _log_out(request: Request, _form: dict[str, str]) -> Response:
    secret = request.cookies.get(COOKIE, "")
    if secret:
        await rx.run_in_thread(lambda: log_out(DOOR.workspace(), secret))
    held = request.cookies.get(PROVIDER_COOKIE, "")
    farewell = await rx.run_in_thread(lambda: provider_farewell(request, held)) if held else ""
    response = leaving(farewell) if farewell else onward(LOGIN)
    drop_cookie(response, COOKIE)
    drop_cookie(response, PROVIDER_COOKIE)
    return response


async def _take_link(request: Request, form: dict[str, str]) -> Response:
    token, password, visitor = form.get("token", "")[:100], form.get("password", ""), visitor_of(request)
    try:
        entry = await rx.run_in_thread(lambda: take_link(DOOR.workspace(), token, password, visitor))
    except TrellisError as refusal:
        return onward(WELCOME, token=token, refused=str(refusal.details.get("weakness", refusal.code)))
    return entered(request, entry, HOME)


async def _make_first(request: Request, form: dict[str, str]) -> Response:
    """What was typed comes back with the refusal, but for the password."""
    token, visitor = form.get("token", "").strip()[:100], visitor_of(request)
    name, email, password = form.get("name", "")[:200], form.get("email", "")[:300], form.get("password", "")
    try:
        entry = await rx.run_in_thread(lambda: make_first(DOOR.workspace(), token, name, email, password, visitor))
    except TrellisError as refusal:
        code = str(refusal.details.get("weakness", next((p.path for p in refusal.problems), refusal.code)))
        wait = str(refusal.details.get("seconds", ""))
        return onward(
            FIRST, token="" if code == LinkIsOver.code else token, name=name, email=email, refused=code, wait=wait
        )
    return entered(request, entry, HOME)


async def _change_password(request: Request, form: dict[str, str]) -> Response:
    secret, visitor = request.cookies.get(COOKIE, ""), visitor_of(request)
    current, new = form.get("current", ""), form.get("new", "")
    try:
        entry = await rx.run_in_thread(lambda: change_password(DOOR.workspace(), secret, current, new, visitor))
    except Unauthenticated:
        return onward(LOGIN, next=ACCOUNT)
    except TrellisError as refusal:
        return onward(ACCOUNT, refused=str(refusal.details.get("weakness", refusal.code)))
    return let_in(request, onward(ACCOUNT, done="password"), entry)


def login_routes() -> Starlette:
    return Starlette(
        routes=[
            Route(LOGIN_ROUTE, own_form(_log_in), methods=["POST"]),
            Route(LOGOUT_ROUTE, own_form(_log_out), methods=["POST"]),
            Route(WELCOME_ROUTE, own_form(_take_link), methods=["POST"]),
            Route(FIRST_ROUTE, own_form(_make_first), methods=["POST"]),
            Route(CODE_ROUTE, own_form(_show_code), methods=["POST"]),
            Route(SET_UP_ROUTE, own_form(_set_up), methods=["POST"]),
            *oidc_routes(),
            Route(PASSWORD_ROUTE, own_form(_change_password), methods=["POST"]),
        ]
    )
