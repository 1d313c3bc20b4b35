"""What is shown in the place of a page that is refused, and the way to why."""

import reflex as rx

from crm_app.ui.address import HOME
from crm_app.ui.elements import button_link, empty_state, folded
from crm_app.ui.shell_state import Shell


def refusal_part() -> rx.Component:
    is_absent = Shell.problem == "not_found"
    return empty_state(
        rx.cond(is_absent, "map", "shield-alert"),
        rx.cond(is_absent, "This page doesn't exist", "This page can't be shown"),
        Shell.problem_text,
        rx.cond(
            Shell.problem_reason != "",
            folded("Why can't I see it?", rx.el.p(Shell.problem_reason, class_name="quiet")),
        ),
        rx.cond(Shell.problem_why != "", button_link("Why can't I?", Shell.problem_why, "shield-alert")),
        button_link("Go home", HOME, "house"),
    )
