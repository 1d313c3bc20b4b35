"""What automations ask this person: approvals to give, forms to fill in."""

from typing import Any

import reflex as rx

from crm_app.ui.elements import empty_state, icon, skeleton
from crm_app.ui.inbox.inbox_data import InboxData, answered, handed_on, inbox_data
from crm_app.ui.inbox.question_data import Colleague, QuestionLine
from crm_app.ui.inbox.question_part import question_part
from crm_app.ui.refusals import attempt
from crm_app.ui.shell_state import Shell, focus, set_title, visit

_HEADING = "inbox-heading"


class InboxPage(rx.State):
    lines: rx.Field[list[QuestionLine]] = rx.field(default_factory=list)
    people: rx.Field[list[Colleague]] = rx.field(default_factory=list)
    summary: str = ""
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
        self.lines, self.people, self.summary = data.lines, data.people, data.summary
        shell = await self.get_state(Shell)
        if shell.asked != data.count:
            shell.asked = data.count


def _line(line: Any) -> rx.Component:
    return question_part(line, InboxPage.people, InboxPage.answer, InboxPage.hand_on)


def _content() -> rx.Component:
    return rx.el.section(
        rx.el.header(
            rx.el.div(
                icon("inbox"),
                rx.el.h1("Inbox", id=_HEADING, custom_attrs={"tabIndex": "-1"}),
                class_name="page-title",
            ),
            rx.el.p(InboxPage.summary, class_name="quiet", role="status"),
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
