"""A small IMAP server: one account, one folder, and as much of the protocol as a reader of mail needs."""

import socketserver
import threading
from collections.abc import Generator
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import cast


@dataclass
class Box:
    """`account` is a user and the password. A box that loses marks forgets what was read."""

    account: list[str]
    port: int = 0
    letters: list[bytes] = field(default_factory=list[bytes])
    seen: set[int] = field(default_factory=set[int])
    loses_marks: bool = False


class _Server(socketserver.ThreadingTCPServer):
    daemon_threads = True

    def __init__(self, box: Box) -> None:
        super().__init__(("127.0.0.1", 0), _Talk)
        self.box = box
        box.port = self.server_address[1]


class _Talk(socketserver.StreamRequestHandler):
    @property
    def box(self) -> Box:
        return cast("_Server", self.server).box

    def handle(self) -> None:
        self.say("* OK ready")
        for line in self.rfile:
            tag, command, *words = line.decode().split()
            self.say(f"{tag} {'OK' if self.answer(command.upper(), words) else 'NO'} done")
            if command.upper() == "LOGOUT":
                return

    def say(self, text: str) -> None:
        self.wfile.write(text.encode() + b"\r\n")

    def answer(self, command: str, words: list[str]) -> bool:
        said = {"CAPABILITY": "* CAPABILITY IMAP4rev1", "SELECT": "* 9 EXISTS", "LOGOUT": "* BYE"}
        if command in said:
            self.say(said[command])
        if command == "UID":
            self.uid(*words)
        return command != "LOGIN" or [word.strip('"') for word in words] == self.box.account

    def uid(self, what: str, *words: str) -> None:
        box = self.box
        if what == "SEARCH":
            unseen = [str(n) for n in range(1, len(box.letters) + 1) if n not in box.seen]
            self.say(f"* SEARCH {' '.join(unseen)}")
        elif what == "STORE":
            box.seen |= set() if box.loses_marks else {int(words[0])}
        else:
            self.fetch(words[0], box.letters[int(words[0]) - 1], words[1])

    def fetch(self, number: str, letter: bytes, what: str) -> None:
        if "SIZE" in what:
            self.say(f"* {number} FETCH (UID {number} RFC822.SIZE {len(letter)})")
        else:
            self.say(f"* {number} FETCH (UID {number} BODY[] {{{len(letter)}}}")
            self.wfile.write(letter + b")\r\n")


@contextmanager
def imap_server(user: str, password: str) -> Generator[Box]:
    box = Box([user, password])
    with _Server(box) as server:
        thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.02})
        thread.start()
        try:
            yield box
        finally:
            server.shutdown()
            thread.join()
