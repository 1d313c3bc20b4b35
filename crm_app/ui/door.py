"""How a page calls the services: one synchronous piece of work, in a thread, as the person whose cookie it is."""

from collections.abc import Callable
from dataclasses import replace
from http.cookies import CookieError, SimpleCookie
from pathlib import Path
from threading import Lock
from typing import TypeVar

import reflex as rx
from reflex.state import BaseState

from crm_app.kernel.errors import Unauthenticated
from crm_app.services.sessions import session_actor
from crm_app.services.unit_of_work import UnitOfWork
from crm_app.services.workspace import Workspace

COOKIE = "trellis_session"
Result = TypeVar("Result")


class Door:
    """Opens the workspace at the first call: building the bundle imports every page but has no database."""

    def __init__(self) -> None:
        self._open: Callable[[], Workspace] | None = None
        self._workspace: Workspace | None = None
        self._data_dir: Path | None = None
        self._lock = Lock()

    def connect(self, open_workspace: Callable[[], Workspace], data_dir: Path | None = None) -> None:
        self._open, self._workspace, self._data_dir = open_workspace, None, data_dir

    def data_dir(self) -> Path | None:
        """The folder whose disk fills."""
        return self._data_dir

    def workspace(self) -> Workspace:
        with self._lock:
            if self._workspace is None:
                if self._open is None:
                    raise RuntimeError("The composition root has connected no workspace.")
                self._workspace = self._open()
            return self._workspace


DOOR = Door()


def session_secret(cookie_header: str) -> str:
    """The session cookie's value, or nothing; a malformed header is no cookie."""
    try:
        cookies = SimpleCookie(cookie_header)
    except CookieError:
        return ""
    return cookies[COOKIE].value if COOKIE in cookies else ""


def secret_of(state: BaseState) -> str:
    """Of the connection that sent the event. Headers are the server's own view; no event can set them."""
    return session_secret(str((state.router_data.get("headers") or {}).get("cookie", "")))


def _as_session(secret: str, service: Callable[[UnitOfWork], Result]) -> Result:
    if not secret:
        raise Unauthenticated("Please log in.")
    with DOOR.workspace().work(session_actor(secret)) as work:
        return service(work)


async def enter(state: BaseState, service: Callable[[UnitOfWork], Result]) -> Result:
    """Runs `service` in one unit of work as this person; refusals arrive as `TrellisError`."""
    secret = secret_of(state)
    return await rx.run_in_thread(lambda: _as_session(secret, service))


async def enter_oneself(state: BaseState, service: Callable[[UnitOfWork], Result]) -> Result:
    """As whoever logged in, also while the session looks as somebody else."""
    actor = replace(session_actor(secret_of(state)), is_oneself=True)

    def done() -> Result:
        with DOOR.workspace().work(actor) as work:
            return service(work)

    return await rx.run_in_thread(done)


async def user_id_of(secret: str) -> str:
    """Who a session secret stands for right now; empty when it is revoked, expired or made up."""
    try:
        return await rx.run_in_thread(lambda: _as_session(secret, lambda work: str(work.who.user_id)))
    except Unauthenticated:
        return ""
