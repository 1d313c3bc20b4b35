"""Open pages learn that definitions were published, and load themselves again as the person who has them open."""

import asyncio
import logging
import threading
from collections.abc import Callable
from typing import Any

import reflex as rx
from reflex.istate.manager.token import BaseStateToken

from crm_app.services.signals import DEFINITIONS_CHANNEL, listening
from crm_app.ui.door import DOOR

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


class PublishedWatch(rx.Component):
    """Calls `on_published` when `count` grows. What is typed into a form stays: inputs keep what they hold."""

    library = "$/public/ui/published.jsx"
    tag = "PublishedWatch"

    count: rx.Var[Any]
    on_published: rx.EventHandler[rx.event.no_args_event_spec]


def published_watch() -> rx.Component:
    return PublishedWatch.create(count=Published.count, on_published=Published.reload)


class _Loading:
    """The app's own table of what each page loads, known once the app is made."""

    events: Callable[[str], list[Any]] = staticmethod(lambda _path: [])


def _load_events(path: str) -> list[Any]:
    return list(_Loading.events(path))


def tell_open_pages(app: rx.App) -> None:
    """Registers what listens for publications while the server runs."""
    _Loading.events = app.get_load_events

    async def watch() -> None:
        loop, heard, end = asyncio.get_running_loop(), asyncio.Event(), threading.Event()

        def hear() -> None:
            loop.call_soon_threadsafe(heard.set)

        threading.Thread(target=_listen, args=(end, hear), name="publications", daemon=True).start()
        try:
            while True:
                await heard.wait()
                heard.clear()
                await _tell(app)
        finally:
            end.set()

    app.register_lifespan_task(watch)


def _listen(end: threading.Event, hear: Callable[[], None]) -> None:
    """A database that is away is waited for; what was published meanwhile counts as heard."""
    is_back = False
    while not end.is_set():
        try:
            with listening(DOOR.workspace(), DEFINITIONS_CHANNEL) as wait:
                if is_back:
                    hear()
                is_back = True
                while not end.is_set():
                    if wait(_WAIT_SECONDS):
                        hear()
        except Exception as error:  # noqa: BLE001 - whatever it is, pages still see everything at their next request
            _LOG.debug("Publications are not heard for a moment: %s", type(error).__name__)
            end.wait(_PAUSE_SECONDS)


async def _tell(app: rx.App) -> None:
    if app.event_namespace is None:
        return
    tokens = list(app.event_namespace.token_to_sid)
    told = await asyncio.gather(*(_tell_one(app, token) for token in tokens), return_exceptions=True)
    for error in told:
        if error is not None:
            _LOG.warning("An open page was not told of a publication: %s", type(error).__name__)


async def _tell_one(app: rx.App, token: str) -> None:
    async with app.modify_state(BaseStateToken(ident=token, cls=Published)) as state:
        published = await state.get_state(Published)
        published.count += 1
