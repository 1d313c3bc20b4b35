"""Files for the browser, and from it: plain HTTP with the session cookie, because events are no place for bytes."""

import logging
from collections.abc import Awaitable, Callable
from urllib.parse import parse_qsl

from starlette.applications import Starlette
from starlette.concurrency import run_in_threadpool
from starlette.requests import Request
from starlette.responses import JSONResponse, PlainTextResponse, Response
from starlette.routing import Route

from crm_app.kernel.actor import SessionActor
from crm_app.kernel.errors import Forbidden, TrellisError, Unauthenticated
from crm_app.kernel.ids import parse_id
from crm_app.services.audit_exports import Shape, audit_stream
from crm_app.services.audit_queries import read_query
from crm_app.services.exports import csv_stream
from crm_app.services.files import open_file
from crm_app.services.sessions import session_actor
from crm_app.ui.door import COOKIE, DOOR
from crm_app.ui.origins import is_same_origin
from crm_app.ui.records.list_address import parse_address
from crm_app.ui.records.list_export import exported_ids, list_export
from crm_app.ui.refusals import sentence
from crm_app.web.downloads import csv_response, file_response, streamed
from crm_app.web.route_access import RouteAccess, reached_by
from crm_app.web.uploads import receive

_LOG = logging.getLogger("trellis.ui")
Answer = Callable[[Request, SessionActor], Awaitable[Response]]


def _actor(request: Request) -> SessionActor:
    secret = request.cookies.get(COOKIE, "")
    if not secret:
        raise Unauthenticated("Please log in.")
    return session_actor(secret)


def _answering(answer: Answer) -> Callable[[Request], Awaitable[Response]]:
    """A refusal is a sentence, with its status; what is not expected is logged and not shown."""

    async def answered(request: Request) -> Response:
        try:
            return await answer(request, _actor(request))
        except TrellisError as refusal:
            return PlainTextResponse(sentence(refusal), refusal.status)
        except Exception:  # noqa: BLE001 - every failure of these addresses is answered in one way
            _LOG.exception("A file request failed.")
            return PlainTextResponse("Something went wrong here. It was logged; please try again.", 500)

    return reached_by(RouteAccess.SESSION, answered)


async def _export(request: Request, actor: SessionActor) -> Response:
    name = str(request.path_params["object"])
    address, ids = parse_address(request.url.query), exported_ids(request.url.query)
    pieces = csv_stream(DOOR.workspace(), actor, lambda work: list_export(work, name, address, ids))
    return await csv_response(request, pieces, f"{name}.csv")


def _audit(shape: Shape, media_type: str) -> Answer:
    async def answer(request: Request, actor: SessionActor) -> Response:
        query = read_query(dict(parse_qsl(request.url.query, max_num_fields=20)))
        pieces = audit_stream(DOOR.workspace(), actor, query, shape)
        return await streamed(request, pieces, f"audit.{shape}", media_type)

    return answer


async def _send(request: Request, actor: SessionActor) -> Response:
    """Only from a page of this very site: a cookie travels with whatever another one makes a browser send."""
    if not is_same_origin(request.headers):
        raise Forbidden("This file was sent from another site.")
    file = await receive(request, DOOR.workspace(), actor)
    return JSONResponse({"id": str(file.id), "name": file.name, "size": file.size}, 201)


async def _read(request: Request, actor: SessionActor) -> Response:
    identifier = parse_id(str(request.path_params["id"]))
    file, path = await run_in_threadpool(open_file, DOOR.workspace(), actor, identifier)
    return file_response(request, file, path, inline="inline" in request.query_params)


def file_routes() -> Starlette:
    return Starlette(
        routes=[
            Route("/exports/{object}.csv", _answering(_export), methods=["GET"]),
            Route("/audit/entries.csv", _answering(_audit("csv", "text/csv; charset=utf-8")), methods=["GET"]),
            Route("/audit/entries.ndjson", _answering(_audit("ndjson", "application/x-ndjson")), methods=["GET"]),
            Route("/files", _answering(_send), methods=["POST"]),
            Route("/files/{id}", _answering(_read), methods=["GET"]),
        ]
    )
