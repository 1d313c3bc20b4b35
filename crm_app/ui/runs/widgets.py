from typing import Any

import reflex as rx


class Refresh(rx.Component):
    """Calls `on_tick` once a second while `is_on` and somebody looks at the page."""

    library = "$/public/ui/refresh.jsx"
    tag = "Refresh"

    is_on: rx.Var[Any]
    on_tick: rx.EventHandler[rx.event.no_args_event_spec]
