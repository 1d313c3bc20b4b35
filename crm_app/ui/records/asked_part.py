"""What automations ask about the record: answered here by those who are asked; others see whom it waits for."""

from typing import Any

import reflex as rx

from crm_app.ui.elements import icon
from crm_app.ui.inbox.question_data import OtherQuestion, QuestionLine
from crm_app.ui.inbox.question_part import question_part
from crm_app.ui.records.record_state import RecordPage


def _mine(line: Any) -> rx.Component:
    return question_part(line, RecordPage.asked["people"], RecordPage.answer, RecordPage.hand_on)


def _other(line: Any) -> rx.Component:
    return rx.el.li(
        icon("clock"),
        rx.el.span(
            rx.el.strong(line["title"]),
            rx.el.span(line["note"], class_name="quiet"),
            rx.el.span(line["progress"], class_name="quiet"),
            class_name="inbox-title",
        ),
        key=line["key"],
        class_name="panel inbox-other",
    )


def asked_part() -> rx.Component:
    asked: Any = RecordPage.asked
    mine, others = asked["mine"].to(list[QuestionLine]), asked["others"].to(list[OtherQuestion])
    return rx.cond(
        (mine.length() > 0) | (others.length() > 0),
        rx.el.section(
            rx.el.h2("Open questions", class_name="visually-hidden"),
            rx.el.ul(rx.foreach(mine, _mine), rx.foreach(others, _other), class_name="inbox-lines"),
            class_name="record-asked",
            custom_attrs={"aria-label": "Open questions"},
        ),
    )
