"""Who may send which event. Runs before every handler, under the state's lock, and denies by default."""

import inspect
import re
from functools import cache
from typing import get_origin
from urllib.parse import urlencode

import reflex as rx
from reflex.app import App
from reflex.event import Event
from reflex.state import BaseState, StateUpdate
from reflex_base.registry import RegistrationContext

from crm_app.ui.address import HOME, LOGIN, safe_path
from crm_app.ui.door import secret_of, user_id_of
from crm_app.ui.handlers import HANDLERS, Access
from crm_app.ui.shell_state import Shell
from crm_app.ui.viewers import VIEWERS

_SURROGATE = re.compile("[\ud800-\udfff]")


class UnclassifiedHandler(RuntimeError):
    """A state has a public method that the table does not know; the server must not start."""


def short_name(event_name: str) -> str:
    """`reflex___state____state.crm_app___ui___shell_state____shell.search` → `shell.search`."""
    *path, handler = event_name.split(".")
    return f"{path[-1].rpartition('____')[2]}.{handler}" if path else handler


def registered_handlers() -> list[str]:
    """Every event that this process would run, decorated or not, used by a page or not."""
    return sorted(RegistrationContext.ensure_context().event_handlers)


def require_classified() -> None:
    """Raises `UnclassifiedHandler` unless table and handlers match exactly, one name each."""
    names = [short_name(name) for name in registered_handlers()]
    known = {name for name in names if not name.endswith(".setvar")}
    problems = [
        *(f"{name} is not in the table" for name in sorted(known - set(HANDLERS))),
        *(f"{name} is in the table but does not exist" for name in sorted(set(HANDLERS) - known)),
        *(f"{name} stands for two handlers" for name in sorted(known) if names.count(name) > 1),
    ]
    if problems:
        raise UnclassifiedHandler("; ".join(problems))


def _login_from(state: BaseState) -> str:
    """The login page, and after it the page where the session ended."""
    here = safe_path(str(state.router_data.get("asPath", "")))
    return LOGIN if here == HOME else f"{LOGIN}?{urlencode({'next': here})}"


@cache
def _forms_of(event_name: str) -> tuple[str, ...]:
    """The arguments of a handler that are forms."""
    handler = RegistrationContext.ensure_context().event_handlers[event_name].handler
    parameters = inspect.signature(handler.fn).parameters.values()
    return tuple(p.name for p in parameters if get_origin(p.annotation) is dict)


@cache
def _arguments_of(event_name: str) -> tuple[frozenset[str], frozenset[str]]:
    """What a handler takes, and what of it has to be there."""
    handler = RegistrationContext.ensure_context().event_handlers[event_name].handler
    _state, *parameters = inspect.signature(handler.fn).parameters.values()
    needed = (p.name for p in parameters if p.default is p.empty and p.kind is not p.VAR_KEYWORD)
    return frozenset(p.name for p in parameters), frozenset(needed)


def _fits(event: Event) -> bool:
    """Reflex holds nobody to a handler's arguments. Too many or too few of them, what is no form, or no text that can
    be written down, would only fail in the handler.
    """
    known, needed = _arguments_of(event.name)
    if not isinstance(event.payload, dict) or not needed <= set(event.payload) <= known:
        return False
    texts = [value for value in event.payload.values() if isinstance(value, str)]
    if any("\0" in text or _SURROGATE.search(text) for text in texts):
        return False
    return all(isinstance(event.payload.get(name), dict) for name in _forms_of(event.name))


class Gate(rx.Middleware):
    """`setvar` is never let through: it would call any `set_*` method with any argument."""

    async def preprocess(self, app: App, state: BaseState, event: Event) -> StateUpdate | None:
        del app
        access = HANDLERS.get(short_name(event.name))
        if access is None:
            return StateUpdate()
        user = await user_id_of(secret_of(state))
        shell = await state.get_state(Shell)
        VIEWERS.note(state.router.session.client_token, user)
        if shell._user_id != user:  # noqa: SLF001 - the gate's own mark on the session's state
            await self._start_anew(state, shell, user)
        if not _fits(event):
            return StateUpdate()
        if access is Access.SIGNED_IN and not user:
            return StateUpdate(events=Event.from_event_type(rx.redirect(_login_from(state))))
        return None

    async def _start_anew(self, state: BaseState, shell: Shell, user: str) -> None:
        """Another person, or nobody: nothing that was loaded for the last one stays."""
        if shell._user_id:  # noqa: SLF001
            state._get_root_state().reset()  # noqa: SLF001 - Reflex has no public way to the root
        shell._user_id = user  # noqa: SLF001
