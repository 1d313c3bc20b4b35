"""Events through Reflex's own processor, gate included, without a browser and without a server."""

from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import AbstractAsyncContextManager, asynccontextmanager
from typing import Any

from reflex.event import Event
from reflex.utils.format import format_event_handler

from crm_app.crm_app import app
from crm_app.ui.door import COOKIE

Delta = dict[str, dict[str, Any]]
Fire = Callable[..., Awaitable[Delta]]


@asynccontextmanager
async def firing() -> AsyncIterator[Fire]:
    """`fire(handler, path, secret, token, **payload)` gives what changed on the page, by state and var. `secret` is a
    session's, empty for a stranger; `token` is the tab's.
    """
    context: AbstractAsyncContextManager[Any] = app._setup_event_processor()

    async def fire(handler: Any, path: str, secret: str, token: str, **payload: Any) -> Delta:
        name = handler if isinstance(handler, str) else format_event_handler(handler)
        cookie = f"{COOKIE}={secret}" if secret else ""
        router = {"pathname": path.partition("?")[0], "asPath": path, "query": {}, "headers": {"cookie": cookie}}
        found: Delta = {}
        event = Event(name=name, payload=payload, router_data=router)
        async for delta in app.event_processor.enqueue_stream_delta(token, event):
            for state, changed in delta.items():
                values = {key.removesuffix("_rx_state_"): value for key, value in changed.items()}
                found.setdefault(state.split("____")[-1], {}).update(values)
        return found

    async with context:
        yield fire
