"""The documentation page: three files of our own, nothing from elsewhere. It shows what the reader's key may see."""

from pathlib import Path

from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from crm_app.web.route_access import RouteAccess, reached_by

_PAGES = Path(__file__).with_name("pages")
_TYPES = {".html": "text/html", ".css": "text/css", ".js": "text/javascript"}
_HEADERS = {
    "content-security-policy": "default-src 'none'; style-src 'self'; script-src 'self'; connect-src 'self'; "
    "base-uri 'none'; form-action 'none'; frame-ancestors 'none'",
    "cache-control": "no-cache",
    "referrer-policy": "no-referrer",
    "x-content-type-options": "nosniff",
}


def docs_routes() -> list[Route]:
    return [_route("/docs", "docs.html"), _route("/docs.css", "docs.css"), _route("/docs.js", "docs.js")]


def _route(path: str, name: str) -> Route:
    file = _PAGES / name
    content = file.read_bytes()

    async def serve(_request: Request) -> Response:
        return Response(content, headers=_HEADERS, media_type=_TYPES[file.suffix])

    return Route(path, reached_by(RouteAccess.PUBLIC, serve), methods=["GET"])
