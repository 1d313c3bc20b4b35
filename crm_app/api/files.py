"""Files: sent first, then named by their ids in a record's values."""

from starlette.concurrency import run_in_threadpool
from starlette.requests import Request
from starlette.responses import JSONResponse, Response

from crm_app.api.parameters import read_parameters
from crm_app.kernel.actor import KeyActor
from crm_app.kernel.ids import parse_id
from crm_app.services.files import open_file
from crm_app.services.workspace import Workspace
from crm_app.web.downloads import file_response
from crm_app.web.uploads import receive

_HEADERS = {"cache-control": "no-store", "x-content-type-options": "nosniff"}


async def send(workspace: Workspace, actor: KeyActor, request: Request) -> Response:
    read_parameters(request.scope["query_string"], frozenset({"name"}))
    file = await receive(request, workspace, actor)
    body = {"id": str(file.id), "name": file.name, "size": file.size, "type": file.media_type, "sha256": file.sha256}
    location = f"{request.scope.get('root_path', '')}/v1/files/{file.id}"
    return JSONResponse(body, 201, {**_HEADERS, "location": location})


async def read(workspace: Workspace, actor: KeyActor, request: Request) -> Response:
    read_parameters(request.scope["query_string"], frozenset())
    identifier = parse_id(str(request.path_params["id"]))
    file, path = await run_in_threadpool(open_file, workspace, actor, identifier)
    return file_response(request, file, path, inline=False)
