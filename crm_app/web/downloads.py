"""What leaves the product as a file of its own, for a program and for a person alike."""

from collections.abc import AsyncIterator, Generator
from pathlib import Path
from urllib.parse import quote

from starlette.concurrency import run_in_threadpool
from starlette.requests import Request
from starlette.responses import FileResponse, Response, StreamingResponse

from crm_app.fields.file_kinds import is_shown_inline
from crm_app.services.files import FileInfo

_SAFE = {
    "cache-control": "private, no-cache",
    "content-security-policy": "default-src 'none'; sandbox",
    "x-content-type-options": "nosniff",
}


def disposition(name: str, *, inline: bool = False) -> str:
    """The header by which a browser saves under a name, whatever characters that has."""
    plain = "".join(char if char.isascii() and char.isprintable() and char not in '"\\%' else "_" for char in name)
    return f"{'inline' if inline else 'attachment'}; filename=\"{plain}\"; filename*=UTF-8''{quote(name, safe='')}"


def file_response(request: Request, file: FileInfo, path: Path, *, inline: bool) -> Response:
    """With its exact type, and nothing that a browser would run: shown in a page only if it is a plain picture."""
    tag = f'"{file.sha256}"'
    headers = {
        **_SAFE,
        "content-type": file.media_type,
        "content-disposition": disposition(file.name, inline=inline and is_shown_inline(file.media_type)),
        "etag": tag,
    }
    if request.headers.get("if-none-match") == tag:
        return Response(status_code=304, headers=headers)
    return FileResponse(path, headers=headers)


async def csv_response(request: Request, pieces: Generator[bytes], name: str) -> Response:
    return await streamed(request, pieces, name, "text/csv; charset=utf-8")


async def streamed(request: Request, pieces: Generator[bytes], name: str, media_type: str) -> Response:
    """The first piece is made before anything is answered, so that a refusal is still a refusal."""
    first = await run_in_threadpool(next, pieces)
    headers = {**_SAFE, "content-type": media_type, "content-disposition": disposition(name)}
    if request.method == "HEAD":
        pieces.close()
        return Response(headers=headers)
    return StreamingResponse(_sent(first, pieces), headers=headers)


async def _sent(first: bytes, pieces: Generator[bytes]) -> AsyncIterator[bytes]:
    """Closed in any case: whoever hangs up gives the database connection back."""
    try:
        yield first
        while piece := await run_in_threadpool(next, pieces, b""):
            yield piece
    finally:
        pieces.close()
