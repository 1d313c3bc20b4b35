"""The one way out reaches what is public, and nothing of this machine or its network."""

import socket
import threading
import time
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any, ClassVar

import pytest

from crm_app.services import egress
from crm_app.services.egress import AnswerTooLarge, EgressFailed, EgressRefused, Outgoing, send, target_of


class Listener(BaseHTTPRequestHandler):
    seen: ClassVar[list[str]] = []

    def do_GET(self) -> None:
        Listener.seen.append(f"{self.headers['host']} {self.path}")
        if self.path == "/away":
            return self._answer(302, b"", location="http://169.254.169.254/latest/meta-data/")
        if self.path == "/on":
            return self._answer(302, b"", location="/here")
        if self.path == "/round":
            return self._answer(302, b"", location="/round")
        if self.path == "/large":
            return self._answer(200, b"x" * 2_000)
        if self.path == "/slow":
            time.sleep(0.6)
        return self._answer(200, b'{"ok": true}')

    def do_POST(self) -> None:
        self.do_GET()

    def _answer(self, status: int, body: bytes, **headers: str) -> None:
        self.send_response(status)
        for name, value in headers.items():
            self.send_header(name, value)
        self.send_header("content-length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, *_: Any) -> None:
        pass


@pytest.fixture
def server() -> Iterator[str]:
    Listener.seen.clear()
    with ThreadingHTTPServer(("127.0.0.1", 0), Listener) as listening:
        thread = threading.Thread(target=listening.serve_forever, kwargs={"poll_interval": 0.02})
        thread.start()
        yield f"http://127.0.0.1:{listening.server_port}"
        listening.shutdown()
        thread.join()


SPELLINGS = (
    "http://127.0.0.1/", "http://localhost/", "http://127.1/", "http://2130706433/", "http://0x7f000001/",
    "http://0177.0.0.1/", "http://0/", "http://0.0.0.0/", "http://[::1]/", "http://[::]/", "http://[::ffff:127.0.0.1]/",
    "http://[::ffff:7f00:1]/", "http://[::ffff:a9fe:a9fe]/", "http://[64:ff9b::7f00:1]/", "http://[2002:7f00:1::]/",
    "http://10.0.0.1/", "http://172.16.0.1/", "http://192.168.1.1/", "http://100.64.0.1/", "http://169.254.169.254/",
    "http://[fd00::1]/", "http://[fe80::1]/", "http://224.0.0.1/", "http://255.255.255.255/", "http://[::7f00:1]/",
    "http://user:secret@1.1.1.1/", "http://1.1.1.1:22/", "http://1.1.1.1\\@127.0.0.1/", "ftp://1.1.1.1/",
    "file:///etc/passwd", "gopher://1.1.1.1/", "//1.1.1.1/", "http:///", "http://[1.1.1.1/", "http://1.1.1.1/ x",
)  # fmt: skip


@pytest.mark.parametrize("url", SPELLINGS)
def test_what_is_not_public_is_refused_in_every_spelling(url: str) -> None:
    with pytest.raises((EgressRefused, EgressFailed)):
        target_of(url)


def test_a_public_address_is_connected_to_as_it_was_looked_at(monkeypatch: pytest.MonkeyPatch) -> None:
    asked: list[Any] = []

    def names(host: str, port: int, **_: Any) -> list[Any]:
        asked.append(host)
        address = "93.184.216.34" if len(asked) == 1 else "127.0.0.1"
        return [(socket.AF_INET, socket.SOCK_STREAM, 6, "", (address, port))]

    monkeypatch.setattr(egress.socket, "getaddrinfo", names)
    target = target_of("https://Example.com/a?b=c#d")
    assert (target.url, target.host, target.authority) == (
        "https://93.184.216.34:443/a?b=c",
        "example.com",
        "example.com",
    )
    assert asked == ["example.com"]


def test_a_name_with_one_private_address_among_its_own_is_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    found = [(socket.AF_INET, socket.SOCK_STREAM, 6, "", (each, 80)) for each in ("93.184.216.34", "10.0.0.8")]
    monkeypatch.setattr(egress.socket, "getaddrinfo", lambda *_, **__: found)
    with pytest.raises(EgressRefused, match="not a public address"):
        target_of("http://rebound.example/")


def test_the_listener_on_this_machine_sees_nothing_unless_that_is_allowed(server: str) -> None:
    with pytest.raises(EgressRefused):
        send(Outgoing("GET", f"{server}/here"))
    assert Listener.seen == []
    answer = send(Outgoing("GET", f"{server}/here", allows_private=True))
    assert (answer.status, answer.body) == (200, b'{"ok": true}')
    assert Listener.seen == [f"{server.removeprefix('http://')} /here"]


@pytest.mark.parametrize("metadata", ["http://169.254.169.254/", "http://[fe80::1]/", "http://0.0.0.0/"])
def test_link_local_addresses_are_refused_even_where_private_ones_are_allowed(metadata: str) -> None:
    with pytest.raises(EgressRefused):
        target_of(metadata, allows_private=True)


def test_a_redirect_stays_on_its_host_and_ends(server: str) -> None:
    assert send(Outgoing("GET", f"{server}/on", allows_private=True)).body == b'{"ok": true}'
    with pytest.raises(EgressRefused):
        send(Outgoing("GET", f"{server}/away", allows_private=True))
    with pytest.raises(EgressRefused, match="redirects more than"):
        send(Outgoing("GET", f"{server}/round", allows_private=True))
    assert send(Outgoing("POST", f"{server}/on", allows_private=True)).status == 302


def test_an_answer_has_a_size_and_a_time(server: str) -> None:
    with pytest.raises(AnswerTooLarge):
        send(Outgoing("GET", f"{server}/large", allows_private=True, max_bytes=1_000))
    with pytest.raises(EgressFailed, match="in time"):
        send(Outgoing("GET", f"{server}/slow", allows_private=True, seconds=0.2))


def test_the_environment_names_no_proxy(server: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("http_proxy", "http://127.0.0.1:1/")
    assert send(Outgoing("GET", f"{server}/here", allows_private=True)).status == 200
