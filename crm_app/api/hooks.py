"""Where other systems' messages arrive. The signature is the only identity: keys and cookies are not looked at."""

import asyncio
from collections.abc import Callable

import orjson
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from crm_app.api.call import Answer, Call
from crm_app.api.parameters import read_parameters
from crm_app.api.refusals import TooLarge, as_refusal, refused
from crm_app.automation.hooks import receive
from crm_app.services.unit_of_work import UnitOfWork
from crm_app.services.webhooks import PATH, make_webhook, remove_webhook
from crm_app.services.workspace import Workspace
from crm_app.web.route_access import RouteAccess, reached_by

MAX_BYTES = 256_000
_HEADERS = {"content-type": "application/json", "cache-control": "no-store", "x-content-type-options": "nosniff"}


def hook_route(workspace: Callable[[], Workspace]) -> Route:
    async def arrive(request: Request) -> Response:
        try:
            body = await _body(request)
            headers = {name.lower(): value for name, value in request.headers.items()}
            started = await asyncio.to_thread(receive, workspace(), request.path_params["token"], headers, body)
        except Exception as error:  # noqa: BLE001 - every failure has the API's one shape; a bug is logged there
            return refused(as_refusal(error))
        return Response(orjson.dumps({"started": started}), 202, _HEADERS)

    return Route(PATH, reached_by(RouteAccess.SIGNED, arrive), methods=["POST"])


async def _body(request: Request) -> bytes:
    chunks: list[bytes] = []
    size = 0
    async for chunk in request.stream():
        size += len(chunk)
        if size > MAX_BYTES:
            raise TooLarge(f"A message has at most {MAX_BYTES:,} bytes.")
        chunks.append(chunk)
    return b"".join(chunks)


def make(work: UnitOfWork, call: Call) -> Answer:
    """The address and the secret, this once."""
    read_parameters(call.query, frozenset())
    call.require_nothing()
    made = make_webhook(work, call.path["automation"])
    return Answer({"path": f"{call.base}{made.path}", "secret": made.secret}, 201)


def remove(work: UnitOfWork, call: Call) -> Answer:
    read_parameters(call.query, frozenset())
    call.require_nothing()
    remove_webhook(work, call.path["automation"])
    return Answer(status=204)
