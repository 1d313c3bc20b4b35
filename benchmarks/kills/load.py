"""Clients of the REST API, as careful ones are: each asks again until the server has said yes."""

import threading
import time
from collections.abc import Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import httpx
import orjson

from benchmarks.kills.story import BY_NAME

_WRITERS = 6
_MOST_BEHIND = 12
_TIMEOUT_SECONDS = 5.0
_AGAIN_SECONDS = 0.2
_ASK_SECONDS = 1.0
_PATIENCE_SECONDS = 180


@dataclass(frozen=True)
class Event:
    deal: str
    kind: str


@dataclass
class Load:
    """`allowed` events may come so far. What was acknowledged is in a file, so that a proof can go on another day.
    `refused` is what no client should ever hear.
    """

    url: str
    key: str
    events: Sequence[Event]
    file: Path
    allowed: int = 0
    acknowledged: set[str] = field(default_factory=set[str])
    refused: list[str] = field(default_factory=list[str])
    tries: int = 0
    _lock: threading.Lock = field(default_factory=threading.Lock)

    def __post_init__(self) -> None:
        if self.file.exists():
            self.acknowledged |= set(self.file.read_text().split())

    @property
    def is_behind(self) -> bool:
        """Whether far more may have come than was acknowledged."""
        return self.allowed - len(self.acknowledged) > _MOST_BEHIND

    def write(self, stop: threading.Event) -> None:
        """Every event, each once its time has come; at `stop`, those that are left at once."""
        wins: list[Future[None]] = []
        with ThreadPoolExecutor(_WRITERS) as writers:
            for number, event in enumerate(self.events):
                while number >= self.allowed and not stop.is_set():
                    stop.wait(0.05)
                if event.deal not in self.acknowledged:
                    wins.append(writers.submit(self._write, event))
        for win in wins:
            win.result()

    def answer(self, stop: threading.Event) -> None:
        """Approves whatever is in the inbox."""
        while not stop.wait(_ASK_SECONDS):
            found = self._call("GET", "/inbox", None)
            for question in found["questions"] if found else ():
                self._call("POST", "/inbox/answer", {**{k: question[k] for k in ("run", "path")}, "answer": "approved"})

    def _write(self, event: Event) -> None:
        path, body = f"/objects/deal/records/{event.deal}", {"values": dict(BY_NAME[event.kind].change)}
        end = time.monotonic() + _PATIENCE_SECONDS
        while self._call("PATCH", path, body) is None:
            if time.monotonic() > end:
                self.refused.append(f"PATCH {path}: nobody took it for {_PATIENCE_SECONDS} s")
                return
            time.sleep(_AGAIN_SECONDS)
        with self._lock, self.file.open("a") as file:
            self.acknowledged.add(event.deal)
            file.write(f"{event.deal}\n")

    def _call(self, method: str, path: str, body: Any) -> Any:
        """What was answered; nothing when nobody knows whether it was done. Another connection each time, as from
        many clients.
        """
        self.tries += 1
        headers = {"authorization": f"Bearer {self.key}"}
        try:
            with httpx.Client(base_url=self.url, timeout=_TIMEOUT_SECONDS, trust_env=False, headers=headers) as client:
                answer = client.request(method, path, json=body)
        except httpx.HTTPError:
            return None
        if answer.is_success:
            return orjson.loads(answer.content)
        if answer.status_code < httpx.codes.INTERNAL_SERVER_ERROR and "too_late" not in answer.text:
            self.refused.append(f"{method} {path}: {answer.status_code} {answer.text[:300]}")
        return None
