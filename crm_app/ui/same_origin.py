"""Reflex bakes the backend's port into the bundle. This plugin makes one build run on any host and port."""

from typing import Any

from reflex.plugins import Plugin
from reflex.utils.exec import is_prod_mode

_STATE_JS = "utils/state.js"
_MARK = "/* same origin */"
_CHANGES = (
    (
        "endpoint.hostname = frontend_hostname;",
        f"endpoint.hostname = frontend_hostname; endpoint.port = window.location.port; {_MARK}",
    ),
    ('endpoint.port = ""; // Assume websocket', f"{_MARK} // Assume websocket"),
)


def same_origin(source: str) -> str:
    """Patches `getBackendURL` in production and restores it in development; fails loudly if it has moved."""
    for original, changed in _CHANGES:
        source = source.replace(changed, original)
        if original not in source:
            raise RuntimeError("Reflex changed getBackendURL in utils/state.js; review crm_app/ui/same_origin.py.")
        if is_prod_mode():
            source = source.replace(original, changed)
    return source


class SameOriginPlugin(Plugin):
    def pre_compile(self, **context: Any) -> None:
        context["add_modify_task"](_STATE_JS, same_origin)
