from typing import Any

import reflex as rx

from crm_app.ui.elements import icon


def sessions_part(sessions: Any, end: Any) -> rx.Component:
    """`end` is the handler that ends one, by its id."""

    def line(session: Any) -> rx.Component:
        return rx.el.li(
            rx.el.span(icon(session["mark"]), class_name="session-mark"),
            rx.el.div(
                rx.el.strong(
                    session["device"],
                    rx.cond(session["is_this"], rx.el.span("This device", class_name="badge badge-green"), ""),
                ),
                rx.el.span(session["note"], class_name="quiet"),
                rx.el.span("Last used ", session["used"], class_name="quiet"),
                class_name="session-body",
            ),
            rx.cond(
                session["is_this"],
                rx.fragment(),
                rx.el.button(
                    "End",
                    type="button",
                    class_name="button",
                    on_click=end(session["id"]),
                    custom_attrs={"aria-label": session["end_label"]},
                ),
            ),
            key=session["id"],
            class_name="session",
        )

    return rx.el.ul(rx.foreach(sessions, line), class_name="panel sessions", custom_attrs={"aria-label": "Sessions"})
