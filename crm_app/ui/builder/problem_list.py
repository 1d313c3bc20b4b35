"""Why the draft can't be published as it stands."""

from typing import Any

import reflex as rx

from crm_app.ui.elements import icon


def _problem(problem: Any) -> rx.Component:
    return rx.el.li(
        rx.el.strong(problem["place"]),
        rx.el.span(problem["message"]),
        rx.cond(problem["place"] != problem["path"], rx.el.code(problem["path"])),
        key=problem["path"],
    )


def problem_list(problems: Any) -> rx.Component:
    return rx.cond(
        problems.length() > 0,
        rx.el.section(
            rx.el.h2(icon("triangle-alert"), "This can't be published yet"),
            rx.el.ul(rx.foreach(problems, _problem)),
            class_name="builder-problems",
            role="status",
        ),
    )
