"""A question with its form, for whatever page it stands on."""

from typing import Any

import reflex as rx

from crm_app.ui.elements import folded, icon, link
from crm_app.ui.inbox.question_data import Asked, Colleague, Shown

_APPROVAL = "approval"


def _shown(item: Any) -> rx.Component:
    return rx.el.div(rx.el.dt(item["label"]), rx.el.dd(item["text"]), key=item["label"])


def _hidden(line: Any) -> rx.Component:
    return rx.fragment(
        rx.el.input(type="hidden", name="run", value=line["run"], read_only=True),
        rx.el.input(type="hidden", name="path", value=line["path"], read_only=True),
    )


def _choice(line: Any, value: str, label: str) -> rx.Component:
    return rx.el.label(
        rx.el.input(type="radio", name="answer", value=value, required=True),
        rx.el.span(label),
        class_name="inbox-choice",
        key=f"{line['key']}-{value}",
    )


def _input(field: Any) -> rx.Component:
    common: dict[str, Any] = {"id": field["id"], "name": field["name"], "class_name": "input"}
    required = {"required": field["required"]}
    option = rx.foreach(field["options"].to(list[str]), lambda text: rx.el.option(text, value=text))
    control = rx.match(
        field["kind"],
        ("long_text", rx.el.textarea(rows="4", **common, **required)),
        ("number", rx.el.input(input_mode="decimal", **common, **required)),
        ("date", rx.el.input(type="date", **common, **required)),
        ("yes_no", rx.el.input(type="checkbox", id=field["id"], name=field["name"])),
        ("choice", rx.el.select(rx.el.option("", value=""), option, **common, **required)),
        rx.el.input(**common, **required),
    )
    return rx.el.div(rx.el.label(field["label"], html_for=field["id"]), control, class_name="field", key=field["id"])


def _question_form(line: Any, on_answer: Any) -> rx.Component:
    comment = f"{line['key']}-comment"
    return rx.el.form(
        _hidden(line),
        rx.cond(
            line["kind"] == _APPROVAL,
            rx.el.fieldset(
                rx.el.legend("Your answer", class_name="visually-hidden"),
                _choice(line, "approved", "Approve"),
                _choice(line, "rejected", "Reject"),
                class_name="inbox-choices",
            ),
            rx.el.div(rx.foreach(line["fields"].to(list[Asked]), _input), class_name="inbox-fields"),
        ),
        rx.el.div(
            rx.el.label("Comment", html_for=comment),
            rx.el.textarea(id=comment, name="comment", rows="2", class_name="input"),
            class_name="field",
        ),
        rx.el.button("Send", type="submit", class_name="button primary"),
        on_submit=on_answer,
        key=line["key"],
        class_name="inbox-form",
        custom_attrs={"aria-label": line["title"]},
    )


def _colleague(each: Any) -> rx.Component:
    return rx.el.option(each["name"], value=each["id"], key=each["id"])


def _delegation(line: Any, people: Any, on_hand_on: Any) -> rx.Component:
    to = f"{line['key']}-to"
    return rx.cond(
        line["can_delegate"],
        folded(
            "Let somebody else answer",
            rx.el.form(
                _hidden(line),
                rx.el.div(
                    rx.el.label("Who answers in your place", html_for=to),
                    rx.el.select(
                        rx.el.option("", value=""),
                        rx.foreach(people.to(list[Colleague]), _colleague),
                        id=to,
                        name="to",
                        required=True,
                        class_name="input",
                    ),
                    class_name="field",
                ),
                rx.el.button("Hand on", type="submit", class_name="button"),
                on_submit=on_hand_on,
                key=line["key"],
                class_name="inbox-form",
            ),
        ),
    )


def question_part(line: Any, people: Any, on_answer: Any, on_hand_on: Any) -> rx.Component:
    """Folded to who asks what, until somebody wants to answer."""
    return rx.el.li(
        rx.el.details(
            rx.el.summary(
                icon(rx.cond(line["kind"] == _APPROVAL, "circle-check", "clipboard-list")),
                rx.el.span(
                    rx.el.strong(line["title"]),
                    rx.el.span(line["note"], class_name="quiet"),
                    rx.cond(line["progress"] != "", rx.el.span(line["progress"], class_name="quiet")),
                    class_name="inbox-title",
                ),
                icon("chevron-right"),
            ),
            rx.el.div(
                rx.cond(line["message"] != "", rx.el.p(line["message"], class_name="inbox-message")),
                rx.el.dl(rx.foreach(line["shows"].to(list[Shown]), _shown), class_name="inbox-shows"),
                rx.cond(
                    line["href"] != "",
                    link("Open the record", icon("arrow-right"), to=line["href"], class_name="inbox-record"),
                ),
                _question_form(line, on_answer),
                _delegation(line, people, on_hand_on),
                class_name="inbox-body",
            ),
            custom_attrs={"open": rx.cond(line["is_open"], True, None)},  # noqa: FBT003 - an attribute
        ),
        key=line["key"],
        class_name="panel inbox-question",
    )
