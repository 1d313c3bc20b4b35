"""Beside a canvas: one of its blocks in full."""

from typing import Any

import reflex as rx

from crm_app.ui.elements import link
from crm_app.ui.runs.once_data import Failure, Once, Part


def _part(part: Any) -> rx.Component:
    return rx.el.tr(
        rx.cond(part["place"] != "", rx.el.th(part["place"], scope="row"), rx.el.td()),
        rx.el.td(rx.el.code(part["text"]), style={"paddingLeft": part["indent"]}),
        rx.el.td(
            rx.cond(
                part["truth"] != "",
                rx.el.span(part["truth"], class_name=rx.Var.create("run-truth is-") + part["truth"].to(str)),
                rx.cond(part["href"] != "", link(part["value"], to=part["href"]), part["value"]),
            )
        ),
        key=part["key"],
    )


def _parts(label: str, parts: Any) -> rx.Component:
    return rx.cond(
        parts.length() > 0,
        rx.el.div(
            rx.el.table(
                rx.el.caption(label),
                rx.el.tbody(rx.foreach(parts, _part)),
                class_name="run-parts",
            ),
            class_name="run-scroll",
        ),
    )


def _failure(failure: Any) -> rx.Component:
    return rx.el.li(rx.el.time(failure["at"], class_name="quiet"), " ", failure["text"], key=failure["at"])


def _once(once: Any) -> rx.Component:
    failures = once["failures"].to(list[Failure])
    return rx.el.div(
        rx.cond(
            (once["title"] != "") | (once["note"] != ""),
            rx.el.p(
                rx.cond(once["title"] != "", rx.el.strong(once["title"], " ")),
                rx.el.span(once["note"], class_name="quiet"),
            ),
        ),
        rx.cond(once["error"] != "", rx.el.p(once["error"], class_name="run-error")),
        _parts("Input", once["parts"].to(list[Part])),
        _parts("Output", once["outputs"].to(list[Part])),
        rx.cond(
            failures.length() > 0,
            rx.el.div(
                rx.el.h3("Attempts that failed"), rx.el.ol(rx.foreach(failures, _failure)), class_name="run-failures"
            ),
        ),
        class_name="run-once",
        key=once["key"],
    )


def block_part(block: Any) -> rx.Component:
    """`block` is a `BlockShown`."""
    times = block["times"].to(list[Once])
    return rx.el.aside(
        rx.cond(
            block["key"] != "",
            rx.fragment(
                rx.el.header(
                    rx.el.h2(block["label"]),
                    rx.el.span(block["state"], class_name=block["css"]),
                    rx.el.p(
                        block["kind"],
                        rx.cond(block["note"] != "", rx.fragment(" · ", block["note"])),
                        class_name="quiet",
                    ),
                    class_name="run-side-head",
                ),
                rx.cond(
                    times.length() > 0,
                    rx.foreach(times, _once),
                    rx.el.p(block["nothing"], class_name="quiet run-once"),
                ),
            ),
            rx.el.p("Choose a step to see what it got, what it gave and why.", class_name="quiet run-once"),
        ),
        class_name="run-side",
        id="run-side",
        custom_attrs={"aria-label": "What happened here"},
    )
