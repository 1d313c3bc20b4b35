"""From HTTP to a unit of work: who calls, what they sent, and one thread for the synchronous rest."""

import asyncio
import re
from collections.abc import Callable, Coroutine, Mapping
from concurrent.futures import ThreadPoolExecutor
from functools import cached_property
from typing import Any

import orjson
from starlette.requests import Request
from starlette.responses import Response

from crm_app.api.call import Answer, Call, Endpoint
from crm_app.api.encoding import JSON_OPTIONS
from crm_app.api.refusals import NotJson, TooLarge, as_refusal, refused
from crm_app.kernel.actor import KeyActor
from crm_app.kernel.causation import depth_in
from crm_app.kernel.errors import Unauthenticated
from crm_app.kernel.ids import secret_hash
from crm_app.kernel.strict_json import MAX_BYTES
from crm_app.services.workspace import Workspace
from crm_app.web.route_access import RouteAccess, reached_by

_KEY = re.compile(r"Bearer (trl_[0-9a-f]{8}_[A-Za-z0-9_-]{43})", re.ASCII | re.IGNORECASE)
_HEADERS = {
    "content-type": "application/json",
    "cache-control": "private, no-cache",
    "vary": "authorization",
    "x-content-type-options": "nosniff",
}
_READS = {"GET", "HEAD"}
# Writes wait for the disk: on two cores 8 threads do 7 % more creates and 24 % more updates than 4, reads alike.
_THREADS = 8

Serve = Callable[[Request], Coroutine[Any, Any, Response]]
Flow = Callable[[Workspace, KeyActor, Request], Coroutine[Any, Any, Response]]


class Front:
    """The workspace is asked for in each request and the threads are made at the first: whoever mounts the API has no
    database yet.
    """

    def __init__(self, workspace: Callable[[], Workspace]) -> None:
        self._open = workspace

    @cached_property
    def _threads(self) -> ThreadPoolExecutor:
        return ThreadPoolExecutor(_THREADS, thread_name_prefix="api")

    def serving(self, endpoints: Mapping[str, Endpoint]) -> Serve:
        async def serve(request: Request) -> Response:
            try:
                actor = _actor(request)
                is_read = request.method in _READS
                body = await _body(request) if not is_read and _has_body(request) else b""
                endpoint = endpoints["GET" if is_read else request.method]
                base = str(request.scope.get("root_path", ""))
                call = Call(request.path_params, request.scope["query_string"], request.headers, body, base)
                loop = asyncio.get_running_loop()
                return await loop.run_in_executor(self._threads, self._answer, actor, endpoint, call, is_read)
            except Exception as error:  # noqa: BLE001 - every failure has the API's one shape; a bug is logged there
                return refused(as_refusal(error))

        return reached_by(RouteAccess.KEY, serve)

    def flowing(self, flow: Flow) -> Serve:
        """For bodies that are no JSON: the flow reads the request and makes the response itself, piece by piece."""

        async def serve(request: Request) -> Response:
            try:
                return await flow(self._open(), _actor(request), request)
            except Unauthenticated as refusal:
                return refused(refusal if request.headers.get("authorization") is None else _not_valid())
            except Exception as error:  # noqa: BLE001 - as above
                return refused(as_refusal(error))

        return reached_by(RouteAccess.KEY, serve)

    def _answer(self, actor: KeyActor, endpoint: Endpoint, call: Call, is_read: bool) -> Response:
        workspace = self._open()
        try:
            with workspace.reading(actor) if is_read else workspace.work(actor) as work:
                answer = endpoint(work, call)
        except Unauthenticated:
            raise _not_valid() from None
        return _response(answer)


def _not_valid() -> Unauthenticated:
    return Unauthenticated("This API key is not valid: it is unknown, expired or revoked.")


def _actor(request: Request) -> KeyActor:
    """The only identity that the API knows: cookies are not looked at, so no other site can act through a browser."""
    header = request.headers.get("authorization")
    if header is None:
        raise Unauthenticated("Send an API key: 'Authorization: Bearer trl_…'. ./trellis key makes one.")
    found = _KEY.fullmatch(header.strip())
    if found is None:
        raise _not_valid()
    return KeyActor(secret_hash(found.group(1)), depth_in(request.headers))


def _has_body(request: Request) -> bool:
    """Starting a workflow needs none, deleting one record neither; deleting many says which."""
    return request.headers.get("content-length", "0") != "0" or "transfer-encoding" in request.headers


async def _body(request: Request) -> bytes:
    """The whole body, given up as soon as it is too long."""
    content_type = request.headers.get("content-type", "").partition(";")[0].strip().lower()
    if content_type != "application/json":
        raise NotJson("The body must be JSON: send Content-Type: application/json.")
    chunks: list[bytes] = []
    size = 0
    async for chunk in request.stream():
        size += len(chunk)
        if size > MAX_BYTES:
            raise TooLarge(f"A body has at most {MAX_BYTES:,} bytes.")
        chunks.append(chunk)
    return b"".join(chunks)


def _response(answer: Answer) -> Response:
    if answer.payload is None:
        return Response(status_code=answer.status, headers={**_HEADERS, **answer.headers})
    body = orjson.dumps(answer.payload, option=JSON_OPTIONS)
    return Response(body, answer.status, {**_HEADERS, **answer.headers})
