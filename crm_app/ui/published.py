"""Open pages learn that definitions were published, and load themselves again as the person who has them open. What a
person is asked or told anew is counted on their pages, and shown where it is listed.
"""

import asyncio
import logging
import threading
from collections.abc import Awaitable, Callable, Sequence
from typing import Any

import reflex as rx
from reflex.istate.manager.token import BaseStateToken

from crm_app.services.notifications import PEOPLE_CHANNEL
from crm_app.services.signals import DEFINITIONS_CHANNEL, listening
from crm_app.ui.address import INBOX, NOTIFICATIONS, is_record
from crm_app.ui.door import DOOR
from crm_app.ui.shell_state import recount
from crm_app.ui.viewers import VIEWERS

_WAIT_SECONDS = 0.5
_PAUSE_SECONDS = 2.0
_LOG = logging.getLogger("trellis.ui")


class Published(rx.State):
    """`count` is all that is pushed: what a page then shows is asked for through the gate like any other load."""

    count: int = 0

    @rx.event
    def reload(self) -> Any:
        self.count = 0
        return _load_events(self.router.url.path)


class Told(rx.State):
    """As `Published`, for one person's own pages."""

    count: int = 0

    @rx.event
    async def look(self) -> Any:
        self.count = 0
        path = self.router.url.path
        if path in (INBOX, NOTIFICATIONS) or is_record(path):
            return _load_events(path)
        await recount(self)
        return None


class PublishedWatch(rx.Component):
    """Calls `on_published` when `count` grows. What is typed into a form stays: inputs keep what they hold."""

    library = "$/public/ui/published.jsx"
    tag = "PublishedWatch"

    count: rx.Var[Any]
    on_published: rx.EventHandler[rx.event.no_args_event_spec]


def published_watch() -> rx.Component:
    return rx.fragment(
        PublishedWatch.create(count=Published.count, on_published=Published.reload),
        PublishedWatch.create(count=Told.count, on_published=Told.look),
    )


class _Loading:
    """The app's own table of what each page loads, known once the app is made."""

    events: Callable[[str], list[Any]] = staticmethod(lambda _path: [])


def _load_events(path: str) -> list[Any]:
    return list(_Loading.events(path))


def tell_open_pages(app: rx.App) -> None:
    """Registers what listens for publications while the server runs."""
    _Loading.events = app.get_load_events

    async def watch_publications() -> None:
        await _watch(DEFINITIONS_CHANNEL, lambda _: _tell(app, Published, list(_open_pages(app))))

    async def watch_people() -> None:
        await _watch(PEOPLE_CHANNEL, lambda said: _tell(app, Told, _pages_of(app, said)))

    app.register_lifespan_task(watch_publications)
    app.register_lifespan_task(watch_people)


async def _watch(channel: str, tell: Callable[[set[str]], Awaitable[None]]) -> None:
    """What is said while pages are being told is told together, next."""
    loop, heard, end = asyncio.get_running_loop(), asyncio.Event(), threading.Event()
    said: set[str] = set()

    def note(what: list[str]) -> None:
        said.update(what)
        heard.set()

    def hear(what: list[str]) -> None:
        loop.call_soon_threadsafe(note, what)

    threading.Thread(target=_listen, args=(channel, end, hear), name=channel, daemon=True).start()
    try:
        while True:
            await heard.wait()
            heard.clear()
            now, said = said, set()
            await tell(now)
    finally:
        end.set()


def _listen(channel: str, end: threading.Event, hear: Callable[[list[str]], None]) -> None:
    """A database that is away is waited for; what was said meanwhile counts as heard, and as said to everybody."""
    is_back = False
    while not end.is_set():
        try:
            with listening(DOOR.workspace(), channel) as wait:
                if is_back:
                    hear([""])
                is_back = True
                while not end.is_set():
                    if what := wait(_WAIT_SECONDS):
                        hear(what)
        except Exception as error:  # noqa: BLE001 - whatever it is, pages still see everything at their next request
            _LOG.debug("Publications are not heard for a moment: %s", type(error).__name__)
            end.wait(_PAUSE_SECONDS)


def _open_pages(app: rx.App) -> Sequence[str]:
    return list(app.event_namespace.token_to_sid) if app.event_namespace else ()


def _pages_of(app: rx.App, said: set[str]) -> list[str]:
    """Of the people named; of everybody where somebody named none."""
    tokens = _open_pages(app)
    VIEWERS.keep(tokens)
    named = {user for what in said for user in what.split(",")}
    return [token for token in tokens if "" in named or VIEWERS.of(token) in named]


async def _tell(app: rx.App, what: type[Published | Told], tokens: Sequence[str]) -> None:
    told = await asyncio.gather(*(_tell_one(app, what, token) for token in tokens), return_exceptions=True)
    for error in told:
        if error is not None:
            _LOG.warning("An open page was not told of what is new: %s", type(error).__name__)


async def _tell_one(app: rx.App, what: type[Published | Told], token: str) -> None:
    async with app.modify_state(BaseStateToken(ident=token, cls=what)) as state:
        told = await state.get_state(what)
        told.count += 1
