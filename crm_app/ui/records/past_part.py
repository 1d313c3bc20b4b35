"""What a field of the record was: a small dialog that the field's own button opens."""

from typing import Any, TypedDict

import reflex as rx

from crm_app.kernel.times import moment_text
from crm_app.services.field_history import field_history
from crm_app.services.unit_of_work import UnitOfWork
from crm_app.ui.address import path_parts
from crm_app.ui.elements import icon
from crm_app.ui.records.record_data import require_ref
from crm_app.ui.records.values import value_text
from crm_app.ui.refusals import attempt
from crm_app.ui.widgets import Dialog


class PastLine(TypedDict):
    key: str
    before: str
    after: str
    note: str


class FieldPast(rx.State):
    is_open: bool = False
    title: str = ""
    lines: rx.Field[list[PastLine]] = rx.field(default_factory=list)

    @rx.event
    async def ask(self, field: str) -> Any:
        parts = path_parts(self.router.url.path)

        def told(work: UnitOfWork) -> tuple[str, list[PastLine]]:
            ref, zone = require_ref(parts), work.who.time_zone
            found = field_history(work, ref, str(field), lambda f, value: value_text(f, value, zone))
            label = work.definition(ref.object).all_fields[str(field)].label
            return label, [
                PastLine(
                    key=str(number),
                    before=past.before,
                    after=past.after or "empty",
                    note=f"{moment_text(past.at, zone)} by {past.by}{f': {past.reason}' if past.reason else ''}",
                )
                for number, past in enumerate(found)
            ]

        found, refusal = await attempt(self, told)
        if found is None:
            return refusal
        self.title, self.lines = found
        self.is_open = True
        return None

    @rx.event
    def close(self) -> None:
        self.is_open = False


def past_button(name: Any, label: Any) -> rx.Component:
    return rx.el.button(
        icon("history"),
        type="button",
        on_click=FieldPast.ask(name),  # pyright: ignore[reportCallIssue]
        class_name="past-button",
        custom_attrs={"aria-label": f"History of {label}", "aria-haspopup": "dialog"},
    )


def _line(line: Any) -> rx.Component:
    return rx.el.li(
        rx.el.div(
            rx.cond(line["before"] != "", rx.el.span(line["before"], class_name="change-before")),
            icon("arrow-right"),
            rx.el.span(line["after"]),
        ),
        rx.el.p(line["note"], class_name="quiet"),
        key=line["key"],
    )


def past_dialog() -> rx.Component:
    past = FieldPast
    return Dialog.create(
        rx.el.h2(f"History of {past.title}"),
        rx.cond(
            past.lines.length() > 0,  # pyright: ignore[reportAttributeAccessIssue]
            rx.el.ul(rx.foreach(past.lines, _line), class_name="past-lines"),
            rx.el.p("It has not been changed since the record was made.", class_name="quiet"),
        ),
        rx.el.div(
            rx.el.button("Close", type="button", class_name="button", on_click=FieldPast.close),
            class_name="ask-actions",
        ),
        is_open=past.is_open,
        label=f"History of {past.title}",
        on_close=FieldPast.close,
    )
