"""What stands before every request: the websocket's origin, pages for people who are not logged in, and headers."""

from collections.abc import MutableMapping
from typing import Any
from urllib.parse import quote

from starlette.datastructures import Headers, MutableHeaders
from starlette.responses import PlainTextResponse, RedirectResponse
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from crm_app.ui.address import LOGIN, OPEN_PAGES
from crm_app.ui.door import session_secret
from crm_app.ui.origins import is_same_origin

_EVENTS = "/_event"
_HASHED = "/assets/"
_UPLOAD = "/_upload"
_FOREIGN_ORIGIN = 4403
_FOREVER = "public, max-age=31536000, immutable"
_SECURITY = {
    "x-content-type-options": "nosniff",
    "referrer-policy": "same-origin",
    "x-frame-options": "DENY",
    "content-security-policy": (
        "default-src 'self'; script-src 'self' 'unsafe-inline'; style-src 'self' 'unsafe-inline'; "
        "img-src 'self' data:; connect-src 'self' ws: wss:; object-src 'none'; base-uri 'self'; "
        "form-action 'self'; frame-ancestors 'none'"
    ),
}


def _is_page(scope: Scope, headers: Headers) -> bool:
    return scope["type"] == "http" and scope["method"] == "GET" and "text/html" in headers.get("accept", "")


def _is_below(path: str, *roots: str) -> bool:
    """`/api` and what is in it, but not `/apix`, which would be a page like any other."""
    return any(path == root or path.startswith(f"{root}/") for root in roots)


def _needs_login(scope: Scope, headers: Headers) -> bool:
    path = scope["path"]
    is_open = path.rstrip("/") in OPEN_PAGES or _is_below(path, "/api", "/auth", "/forms") or path.startswith(_HASHED)
    return _is_page(scope, headers) and not is_open and not session_secret(headers.get("cookie", ""))


def _with_headers(scope: Scope, send: Send) -> Send:
    """Hashed files never change; everything else is asked for again. Security headers on all."""

    async def sender(message: Message) -> None:
        if message["type"] == "http.response.start":
            headers = MutableHeaders(raw=message["headers"])
            is_hashed = scope["path"].startswith(_HASHED) and message["status"] == 200  # noqa: PLR2004
            if not _is_below(scope["path"], "/api"):
                for name, value in _SECURITY.items():
                    headers.setdefault(name, value)
            headers.setdefault("cache-control", "public, max-age=31536000, immutable" if is_hashed else "no-cache")
            message["headers"] = headers.raw
        await send(message)

    return sender


async def _refuse_socket(receive: Receive, send: Send) -> None:
    await receive()
    await send({"type": "websocket.close", "code": _FOREIGN_ORIGIN})


def guarded(app: ASGIApp) -> ASGIApp:
    """Wraps the whole server. Reflex's own upload route takes anything from anyone, so it does not exist here."""

    async def server(scope: MutableMapping[str, Any], receive: Receive, send: Send) -> None:
        if scope["type"] not in {"http", "websocket"}:
            await app(scope, receive, send)
            return
        headers = Headers(scope=scope)
        is_foreign = bool(headers.get("origin")) and not is_same_origin(headers)
        if scope["type"] == "websocket":
            await (_refuse_socket(receive, send) if is_foreign else app(scope, receive, send))
            return
        send = _with_headers(scope, send)
        path = scope["path"]
        if path.startswith(_UPLOAD) or (path.startswith(_EVENTS) and is_foreign):
            await PlainTextResponse("Not found.", status_code=404)(scope, receive, send)
        elif _needs_login(scope, headers):
            asked = quote(path + (f"?{scope['query_string'].decode()}" if scope["query_string"] else ""))
            await RedirectResponse(f"{LOGIN}?next={asked}", status_code=303)(scope, receive, send)
        else:
            await app(scope, receive, send)

    return server
