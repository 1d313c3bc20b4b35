"""A lean HTTP/1.1 client: on a machine of two cores a heavy one would measure itself."""

import asyncio
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass

from crm_app.runtime.ports import LOOPBACK


@dataclass(frozen=True)
class Ask:
    """One request; `body` is JSON."""

    method: str
    path: str
    body: bytes = b""


@dataclass(frozen=True)
class Load:
    """Seconds of each request in order of completion, and of all of them together."""

    seconds: Sequence[float]
    elapsed: float
    bytes_received: int


class Refused(AssertionError):
    """An answer that is no success: then nothing was measured."""


class _Connection(asyncio.Protocol):
    def __init__(self) -> None:
        self._buffer = b""
        self._waiting: asyncio.Future[bytes] | None = None
        self._transport: asyncio.Transport | None = None

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        assert isinstance(transport, asyncio.Transport)
        self._transport = transport

    def data_received(self, data: bytes) -> None:
        self._buffer += data
        head, found, body = self._buffer.partition(b"\r\n\r\n")
        if not found:
            return
        lower = head.lower()
        at = lower.find(b"content-length:")
        length = int(lower[at + 15 :].partition(b"\r\n")[0]) if at >= 0 else 0
        if len(body) < length or self._waiting is None:
            return
        answer, self._buffer = self._buffer, b""
        self._waiting.set_result(answer)

    def connection_lost(self, exc: Exception | None) -> None:
        if self._waiting is not None and not self._waiting.done():
            self._waiting.set_exception(exc or ConnectionError("The server closed the connection."))

    async def send(self, request: bytes) -> bytes:
        assert self._transport is not None
        self._waiting = asyncio.get_running_loop().create_future()
        self._transport.write(request)
        answer = await self._waiting
        if not answer.startswith(b"HTTP/1.1 2"):
            raise Refused(answer[:600].decode(errors="replace"))
        return answer


def measure(port: int, key: str, ask: Callable[[int], Ask], number: int, concurrency: int) -> Load:
    """`number` requests in all, `concurrency` at a time, each on a kept connection."""
    return asyncio.run(_measure(port, key, ask, number, concurrency))


async def _measure(port: int, key: str, ask: Callable[[int], Ask], number: int, concurrency: int) -> Load:
    loop = asyncio.get_running_loop()
    connections = [(await loop.create_connection(_Connection, LOOPBACK, port))[1] for _ in range(concurrency)]
    requests = iter([_raw(port, key, ask(index)) for index in range(number)])
    seconds: list[float] = []
    received = 0

    async def work(connection: _Connection) -> None:
        nonlocal received
        for request in requests:
            began = time.perf_counter()
            answer = await connection.send(request)
            seconds.append(time.perf_counter() - began)
            received += len(answer)

    began = time.perf_counter()
    await asyncio.gather(*(work(connection) for connection in connections))
    return Load(seconds, time.perf_counter() - began, received)


def _raw(port: int, key: str, ask: Ask) -> bytes:
    head = (
        f"{ask.method} {ask.path} HTTP/1.1\r\nHost: {LOOPBACK}:{port}\r\nAuthorization: Bearer {key}\r\n"
        "Accept: application/json\r\n"
    )
    if ask.body:
        head += f"Content-Type: application/json\r\nContent-Length: {len(ask.body)}\r\n"
    return head.encode() + b"\r\n" + ask.body
