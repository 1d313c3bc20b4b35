"""The timeline beside a record, newest first, with buttons for new activities."""

from typing import Any

import reflex as rx

from crm_app.ui.elements import icon, link
from crm_app.ui.records.done import YES, done_check
from crm_app.ui.records.record_state import RecordPage
from crm_app.ui.records.timeline_data import Change


def _change(change: Any) -> rx.Component:
    return rx.el.li(
        rx.el.span(change["label"], class_name="quiet"),
        rx.el.span(change["before"], class_name="change-before"),
        icon("arrow-right"),
        rx.el.span(change["after"]),
        key=change["label"],
    )


def _entry(entry: Any) -> rx.Component:
    return rx.el.li(
        rx.cond(
            entry["done"] != "",
            done_check(
                entry["done"],
                entry["done_label"],
                RecordPage.mark(entry["object"], entry["record"], entry["done"] != YES),  # pyright: ignore[reportCallIssue]
                can_mark=entry["can_mark"],
            ),
            rx.el.span(icon(entry["icon"]), class_name="entry-mark"),
        ),
        rx.el.div(
            rx.cond(
                entry["href"] != "",
                link(entry["title"], to=entry["href"], class_name="entry-title quiet-link"),
                rx.el.span(entry["title"], class_name="entry-title"),
            ),
            rx.cond(
                entry["changes"].length() > 0,
                rx.el.ul(rx.foreach(entry["changes"].to(list[Change]), _change), class_name="changes"),
            ),
            rx.el.p(entry["note"], rx.el.time(entry["at"]), class_name="entry-note"),
            class_name="entry-body",
        ),
        class_name="entry",
        key=entry["key"],
    )


def _new_activity(activity: Any) -> rx.Component:
    return link(
        icon("plus"), rx.el.span(activity["label"]), to=activity["href"], class_name="button", key=activity["label"]
    )


def timeline_part() -> rx.Component:
    return rx.el.section(
        rx.el.header(
            rx.el.h2("Timeline"),
            rx.el.div(rx.foreach(RecordPage.new_activities, _new_activity), class_name="page-actions"),
            class_name="panel-head",
        ),
        rx.cond(
            RecordPage.entries.length() > 0,  # pyright: ignore[reportAttributeAccessIssue]
            rx.el.ol(rx.foreach(RecordPage.entries, _entry), class_name="entries"),
            rx.el.p("Nothing has happened yet.", class_name="nothing"),
        ),
        class_name="record-side",
        custom_attrs={"aria-label": "Timeline"},
    )
