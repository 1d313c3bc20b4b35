from typing import Any

import reflex as rx

from crm_app.ui.builder.builder_state import Builder
from crm_app.ui.builder.json_state import JsonTab
from crm_app.ui.elements import icon


def _problem(problem: Any) -> rx.Component:
    return rx.el.li(rx.el.strong(problem["line"]), rx.el.code(problem["path"]), rx.el.span(problem["message"]))


def json_tab() -> rx.Component:
    return rx.el.form(
        rx.el.div(
            rx.el.label("The definition of this object", html_for="json-text", class_name="field-label"),
            rx.el.button("Keep", type="submit", class_name="button primary"),
            class_name="builder-tools builder-tools-apart",
        ),
        rx.cond(
            JsonTab.problems.length() > 0,  # pyright: ignore[reportAttributeAccessIssue]
            rx.el.section(
                rx.el.h2(icon("triangle-alert"), "This was not kept"),
                rx.el.ul(rx.foreach(JsonTab.problems, _problem)),
                id="json-problems",
                class_name="builder-problems",
                role="alert",
            ),
        ),
        rx.el.textarea(
            id="json-text",
            name="json",
            default_value=Builder.json_text,
            class_name="input code json-text",
            custom_attrs={"spellCheck": "false", "aria-describedby": "json-problems"},
        ),
        on_submit=JsonTab.save,
        key=Builder.json_text,
        class_name="builder-sheet",
    )
