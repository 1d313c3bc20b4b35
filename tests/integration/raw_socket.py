"""A program that speaks to the events' socket by itself, as no page of ours would."""

import json
import socket
import time
from typing import Any, Self
from urllib.parse import quote

from wsproto import ConnectionType, WSConnection
from wsproto.events import AcceptConnection, CloseConnection, Ping, RejectConnection, Request, TextMessage

_NAMESPACE = "/_event"


class Refused(Exception):
    """The server let nobody in."""


class RawSocket:
    """One connection with a token of its own choice. `heard` is all that came back."""

    def __init__(self, port: int, token: str, cookie: str = "", origin: str = "") -> None:
        self._socket = socket.create_connection(("127.0.0.1", port), timeout=10)
        self._connection = WSConnection(ConnectionType.CLIENT)
        self._text = ""
        self.heard: list[str] = []
        headers = [(name, value.encode()) for name, value in (("cookie", cookie), ("origin", origin)) if value]
        target = f"{_NAMESPACE}/?EIO=4&transport=websocket&token={quote(token)}"
        request = Request(host=f"127.0.0.1:{port}", target=target, extra_headers=headers)
        self._socket.sendall(self._connection.send(request))
        self._is_open = False
        try:
            self._wait(lambda: self._is_open)
            self._write(f"40{_NAMESPACE},")
            self._wait(lambda: any(text.startswith(f"40{_NAMESPACE}") for text in self.heard))
        except Refused:
            self._socket.close()
            raise

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_error: object) -> None:
        self._socket.close()

    def send(self, name: str, payload: Any, path: str = "/") -> None:
        event = {"name": name, "payload": payload, "router_data": {"pathname": path, "asPath": path, "query": {}}}
        self.send_anything(event)

    def send_anything(self, event: Any) -> None:
        self._write(f"42{_NAMESPACE},{json.dumps(['event', event])}")

    def answer(self, seconds: float = 10, quiet: float = 0.4) -> str:
        """What came since the last time, once nothing more comes for a moment."""
        known = len(self.heard)
        end = time.monotonic() + seconds
        last = time.monotonic()
        while time.monotonic() < min(end, last + (quiet if len(self.heard) > known else seconds)):
            if self._read(0.1):
                last = time.monotonic()
        found, self.heard = self.heard, []
        return "\n".join(found)

    def _write(self, text: str) -> None:
        self._socket.sendall(self._connection.send(TextMessage(data=text)))

    def _wait(self, is_so: Any) -> None:
        end = time.monotonic() + 20
        while not is_so():
            if time.monotonic() > end:
                raise Refused(f"Nothing came but {self.heard}")
            self._read(0.5)

    def _read(self, seconds: float) -> bool:
        self._socket.settimeout(seconds)
        try:
            data = self._socket.recv(1 << 16)
        except TimeoutError:
            return False
        if not data:
            raise Refused("The server closed the connection.")
        self._connection.receive_data(data)
        heard = [self._took(event) for event in self._connection.events()]
        return any(heard)

    def _took(self, event: Any) -> bool:
        match event:
            case AcceptConnection():
                self._is_open = True
            case RejectConnection() | CloseConnection():
                raise Refused(str(event))
            case Ping():
                self._socket.sendall(self._connection.send(event.response()))
            case TextMessage():
                return self._took_text(event)
            case _:
                pass
        return False

    def _took_text(self, event: TextMessage) -> bool:
        self._text += event.data
        if not event.message_finished:
            return False
        text, self._text = self._text, ""
        if text == "2":
            self._write("3")
            return False
        self.heard.append(text)
        return True
