"""A file on its way in: the bare body of a request, or the one file of a form. Never more of it than fits is read."""

from collections.abc import AsyncGenerator, AsyncIterator
from contextlib import asynccontextmanager

from starlette.concurrency import run_in_threadpool
from starlette.datastructures import UploadFile
from starlette.formparsers import MultiPartException, MultiPartParser
from starlette.requests import Request

from crm_app.fields.file import MAX_BYTES
from crm_app.kernel.actor import Actor
from crm_app.services.file_checks import BadUpload, too_large
from crm_app.services.files import FileInfo, Upload, require_room
from crm_app.services.workspace import Workspace

_PIECE = 256_000
_FORM_BYTES = 10_000
_FORM = "multipart/form-data"


async def receive(request: Request, workspace: Workspace, actor: Actor) -> FileInfo:
    """With `?name=` for a bare body; a form's file part has a name of its own."""
    await run_in_threadpool(require_room, workspace, actor)
    declared = request.headers.get("content-length", "")
    if declared.isascii() and declared.isdigit() and int(declared[:15]) > MAX_BYTES + _FORM_BYTES:
        raise too_large()
    if request.headers.get("content-type", "").lower().startswith(_FORM):
        async with _file_of_form(request) as file:
            return await _kept(workspace, actor, file.filename or "", _pieces_of(file))
    return await _kept(workspace, actor, request.query_params.get("name", ""), request.stream())


async def _kept(workspace: Workspace, actor: Actor, name: str, stream: AsyncIterator[bytes]) -> FileInfo:
    upload = await run_in_threadpool(Upload, workspace, actor, name)
    try:
        waiting = bytearray()
        async for chunk in stream:
            waiting += chunk
            if len(waiting) >= _PIECE:
                await run_in_threadpool(upload.write, bytes(waiting))
                waiting.clear()
        await run_in_threadpool(upload.write, bytes(waiting))
        return await run_in_threadpool(upload.keep)
    finally:
        upload.discard()


async def _capped(stream: AsyncIterator[bytes]) -> AsyncGenerator[bytes]:
    size = 0
    async for chunk in stream:
        size += len(chunk)
        if size > MAX_BYTES + _FORM_BYTES:
            raise too_large()
        yield chunk


async def _pieces_of(file: UploadFile) -> AsyncIterator[bytes]:
    while piece := await file.read(_PIECE):
        yield piece


@asynccontextmanager
async def _file_of_form(request: Request) -> AsyncGenerator[UploadFile]:
    parser = MultiPartParser(request.headers, _capped(request.stream()), max_files=1, max_fields=5)
    try:
        form = await parser.parse()
    except (MultiPartException, KeyError, UnicodeDecodeError):
        raise BadUpload("The form can't be read. Send one file in a part called 'file'.") from None
    try:
        file = form.get("file")
        if not isinstance(file, UploadFile):
            raise BadUpload("Send one file in a part called 'file'.")
        yield file
    finally:
        await form.close()
