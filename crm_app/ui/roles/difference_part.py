"""What the change means, and saving it."""

from typing import Any

import reflex as rx

from crm_app.ui.elements import icon, link
from crm_app.ui.roles.difference_data import DifferenceLine, Sample
from crm_app.ui.roles.role_state import RolePage


def _line(line: Any) -> rx.Component:
    return rx.el.li(
        rx.el.span(
            rx.cond(line["sign"] == "+", "Gains", "Loses"),
            class_name="visually-hidden",
        ),
        rx.el.span(line["sign"], class_name="difference-sign", custom_attrs={"aria-hidden": "true"}),
        rx.el.div(
            rx.el.strong(line["what"]),
            rx.el.details(
                rx.el.summary(icon("chevron-right"), rx.el.span(line["who"])),
                rx.el.ul(rx.foreach(line["people"].to(list[str]), rx.el.li), class_name="difference-people"),
                class_name="folded",
            ),
            rx.cond(
                line["samples"].length() > 0,
                rx.el.p(
                    "Such as ",
                    rx.foreach(
                        line["samples"].to(list[Sample]),
                        lambda each: rx.el.span(link(each["label"], to=each["href"], class_name="quiet-link")),
                    ),
                    class_name="difference-samples quiet",
                ),
            ),
        ),
        class_name=rx.cond(line["sign"] == "+", "difference-line is-gain", "difference-line is-loss"),
        key=line["key"],
    )


def _problems(head: Any) -> rx.Component:
    return rx.el.ul(
        rx.foreach(head["problems"].to(list[str]), lambda text: rx.el.li(text, class_name="field-error")),
        class_name="role-problems",
        role="alert",
    )


def _save(head: Any) -> rx.Component:
    return rx.el.form(
        rx.el.div(
            rx.el.label("Why", html_for="role-reason"),
            rx.el.input(id="role-reason", name="reason", class_name="input", max_length=500, auto_complete="off"),
            class_name="field",
        ),
        rx.el.div(
            rx.el.button("Discard", type="button", on_click=RolePage.discard, class_name="button"),
            rx.el.button("Save", type="submit", disabled=~head["can_save"].to(bool), class_name="button primary"),
            class_name="ask-actions",
        ),
        on_submit=RolePage.save,
        class_name="role-save",
        custom_attrs={"noValidate": True},
    )


def _overtaken() -> rx.Component:
    return rx.el.div(
        rx.el.p("Somebody else changed this role since you began."),
        rx.el.button("Bring theirs in", type="button", on_click=RolePage.bring_in, class_name="button"),
        class_name="role-overtaken",
        role="alert",
    )


def difference_part() -> rx.Component:
    head: Any = RolePage.head
    difference: Any = RolePage.difference
    return rx.el.aside(
        rx.el.h3("What your change means"),
        rx.cond(head["is_overtaken"], _overtaken()),
        rx.cond(head["problems"].length() > 0, _problems(head)),
        rx.cond(
            RolePage.is_weighing,
            rx.el.p("Counting…", class_name="quiet", role="status"),
            rx.el.p(difference["sentence"], class_name="difference-sentence", role="status"),
        ),
        rx.el.ul(rx.foreach(difference["lines"].to(list[DifferenceLine]), _line), class_name="difference-lines"),
        rx.el.ul(
            rx.foreach(
                difference["warnings"].to(list[str]),
                lambda text: rx.el.li(icon("triangle-alert"), rx.el.span(text), class_name="difference-warning"),
            ),
            class_name="difference-lines",
        ),
        _save(head),
        class_name="role-difference",
        custom_attrs={"aria-label": "Difference"},
    )
