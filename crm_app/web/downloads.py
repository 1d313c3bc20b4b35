"""What leaves the product as a file of its own, for a program and for a person alike."""

from collections.abc import AsyncIterator, Generator
from urllib.parse import quote

from starlette.concurrency import run_in_threadpool
from starlette.requests import Request
from starlette.responses import Response, StreamingResponse

_SAFE = {
    "cache-control": "private, no-cache",
    "content-security-policy": "default-src 'none'; sandbox",
    "x-content-type-options": "nosniff",
}


def disposition(name: str, *, inline: bool = False) -> str:
    """The header by which a browser saves under a name, whatever characters that has."""
    plain = "".join(char if char.isascii() and char.isprintable() and char not in '"\\%' else "_" for char in name)
    return f"{'inline' if inline else 'attachment'}; filename=\"{plain}\"; filename*=UTF-8''{quote(name, safe='')}"


async def csv_response(request: Request, pieces: Generator[bytes], name: str) -> Response:
    """The first piece is made before anything is answered, so that a refusal is still a refusal."""
    first = await run_in_threadpool(next, pieces)
    headers = {**_SAFE, "content-type": "text/csv; charset=utf-8", "content-disposition": disposition(name)}
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
