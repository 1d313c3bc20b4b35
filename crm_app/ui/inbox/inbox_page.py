"""What automations ask this person: approvals to give, forms to fill in."""

from typing import Any

import reflex as rx

from crm_app.ui.elements import empty_state, folded, icon, link, skeleton
from crm_app.ui.inbox.inbox_data import (
    Asked,
    Colleague,
    InboxData,
    QuestionLine,
    Shown,
    answered,
    handed_on,
    inbox_data,
)
from crm_app.ui.refusals import attempt
from crm_app.ui.shell_state import Shell, focus, set_title, visit

_HEADING = "inbox-heading"
_APPROVAL = "approval"


class InboxPage(rx.State):
    lines: rx.Field[list[QuestionLine]] = rx.field(default_factory=list)
    people: rx.Field[list[Colleague]] = rx.field(default_factory=list)
    is_loaded: bool = False

    @rx.event
    async def open(self) -> None:
        data = await visit(self, inbox_data)
        if data:
            await self._show(data)
            self.is_loaded = True
            await set_title(self, "Inbox")

    @rx.event
    async def answer(self, form: dict[str, Any]) -> Any:
        given = dict(form)
        data, said = await attempt(self, lambda work: answered(work, given))
        if data is None:
            return said
        await self._show(data)
        return focus(_HEADING)

    @rx.event
    async def hand_on(self, form: dict[str, Any]) -> Any:
        given = dict(form)
        data, said = await attempt(self, lambda work: handed_on(work, given))
        if data is None:
            return said
        await self._show(data)
        return focus(_HEADING)

    async def _show(self, data: InboxData) -> None:
        self.lines, self.people = data.lines, data.people
        shell = await self.get_state(Shell)
        if shell.asked != len(data.lines):
            shell.asked = len(data.lines)


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


def _question_form(line: Any) -> rx.Component:
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
        on_submit=InboxPage.answer,
        key=line["key"],
        class_name="inbox-form",
        custom_attrs={"aria-label": line["title"]},
    )


def _delegation(line: Any) -> rx.Component:
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
                        rx.foreach(InboxPage.people, lambda each: rx.el.option(each["name"], value=each["id"])),
                        id=to,
                        name="to",
                        required=True,
                        class_name="input",
                    ),
                    class_name="field",
                ),
                rx.el.button("Hand on", type="submit", class_name="button"),
                on_submit=InboxPage.hand_on,
                key=line["key"],
                class_name="inbox-form",
            ),
        ),
    )


def _line(line: Any) -> rx.Component:
    return rx.el.li(
        rx.el.h2(rx.cond(line["href"] != "", link(line["title"], to=line["href"]), rx.el.span(line["title"]))),
        rx.el.p(line["note"], class_name="quiet"),
        rx.cond(line["message"] != "", rx.el.p(line["message"], class_name="inbox-message")),
        rx.el.dl(rx.foreach(line["shows"].to(list[Shown]), _shown), class_name="inbox-shows"),
        _question_form(line),
        _delegation(line),
        key=line["key"],
        class_name="panel inbox-question",
    )


def _content() -> rx.Component:
    return rx.el.section(
        rx.el.header(
            rx.el.div(
                icon("inbox"),
                rx.el.h1("Inbox", id=_HEADING, custom_attrs={"tabIndex": "-1"}),
                class_name="page-title",
            ),
            class_name="notifications-head",
        ),
        rx.cond(
            InboxPage.lines.length() > 0,  # pyright: ignore[reportAttributeAccessIssue]
            rx.el.ul(
                rx.foreach(InboxPage.lines, _line), class_name="inbox-lines", custom_attrs={"aria-label": "Questions"}
            ),
            empty_state("inbox", "Nothing to answer", "What workflows ask you appears here."),
        ),
        class_name="page record-page deleted-page",
    )


def inbox_page() -> rx.Component:
    return rx.cond(InboxPage.is_loaded, _content(), skeleton(8))
