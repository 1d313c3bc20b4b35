"""One run: what started it, and its blocks with what each got, gave and why."""

from typing import Any

import reflex as rx

from crm_app.ui.address import RUNS
from crm_app.ui.builder.widgets import DialogButton
from crm_app.ui.elements import icon, link, skeleton
from crm_app.ui.runs.run_data import BlockLine, Choice, Fact, Failure, Once, Part
from crm_app.ui.runs.run_state import RunPage
from crm_app.ui.runs.widgets import Refresh
from crm_app.ui.widgets import Arrived


def _fact(fact: Any) -> rx.Component:
    return rx.el.div(
        rx.el.dt(fact["label"]),
        rx.el.dd(rx.cond(fact["href"] != "", link(fact["value"], to=fact["href"]), fact["value"])),
        key=fact["label"],
    )


def _part(part: Any) -> rx.Component:
    return rx.el.tr(
        rx.el.th(part["place"], scope="row"),
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
        rx.el.p(
            rx.cond(once["title"] != "", rx.el.strong(once["title"], " ")),
            rx.el.span(once["note"], class_name="quiet"),
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


def _block(block: Any) -> rx.Component:
    head = (
        rx.el.span(class_name="run-dot", custom_attrs={"aria-hidden": "true"}),
        rx.cond(block["slot"] != "", rx.el.span(block["slot"], class_name="run-slot quiet")),
        rx.el.strong(block["label"]),
        rx.el.span(block["kind"], class_name="quiet"),
        rx.el.span(block["state"], class_name=block["css"]),
        rx.el.span(block["length"], class_name="run-length quiet"),
    )
    times = block["times"].to(list[Once])
    return rx.el.li(
        rx.cond(
            times.length() > 0,
            rx.el.details(
                rx.el.summary(*head, icon("chevron-right")),
                rx.foreach(times, _once),
                custom_attrs={"open": rx.cond(block["error"] != "", True, None)},  # noqa: FBT003 - an attribute
            ),
            rx.el.div(*head, class_name="run-head"),
        ),
        class_name=block["mark"],
        style={"marginLeft": block["indent"]},
        key=block["key"],
    )


def _person(person: Any) -> rx.Component:
    return rx.el.option(person["label"], value=person["value"], key=person["value"])


def _reassign() -> rx.Component:
    run: Any = RunPage.run
    people = run["people"].to(list[Choice])
    return DialogButton.create(
        rx.el.form(
            rx.el.p("From its next step on, the run has the rights of whom you choose."),
            rx.el.select(
                rx.foreach(people, _person),
                name="runner",
                default_value=run["runner"],
                class_name="input",
                custom_attrs={"aria-label": "Acts as"},
            ),
            rx.el.div(rx.el.button("Reassign", type="submit", class_name="button primary"), class_name="ask-actions"),
            on_submit=RunPage.reassign,
            class_name="run-form",
        ),
        label="Reassign",
        icon="user-cog",
        title="Reassign this run",
        done=RunPage.turn,
    )


def _asked(label: str, icon_of: str, title: str, text: str, on_click: Any) -> rx.Component:
    return DialogButton.create(
        rx.el.div(
            rx.el.p(text),
            rx.el.div(
                rx.el.button(label, type="button", on_click=on_click, class_name="button primary"),
                class_name="ask-actions",
            ),
            class_name="run-form",
        ),
        label=label,
        icon=icon_of,
        title=title,
        done=RunPage.turn,
    )


def _actions() -> rx.Component:
    run: Any = RunPage.run
    return rx.el.div(
        rx.cond(
            run["can_retry"],
            rx.el.button(icon("play"), "Go on", type="button", on_click=RunPage.retry, class_name="button primary"),
        ),
        rx.cond(
            run["can_cancel"],
            _asked(
                "Cancel run",
                "circle-x",
                "Cancel this run?",
                "No further step is done. What is done stays done, and the run can go on later.",
                RunPage.cancel,
            ),
        ),
        rx.cond(run["can_reassign"], _reassign()),
        rx.cond(
            run["can_rerun"],
            _asked(
                "Run again",
                "repeat",
                "Run again?",
                "A new run of the same event does every step again, with the version that is live now.",
                RunPage.run_again,
            ),
        ),
        class_name="page-actions",
    )


def _content() -> rx.Component:
    run: Any = RunPage.run
    return rx.el.div(
        rx.cond(run["error"] != "", rx.el.p(icon("triangle-alert"), run["error"], class_name="run-problem")),
        rx.el.dl(rx.foreach(run["facts"].to(list[Fact]), _fact), class_name="run-facts"),
        rx.el.section(
            rx.el.h2("Steps", class_name="index-heading"),
            rx.el.p(run["summary"], class_name="run-summary", role="status"),
            rx.el.ol(rx.foreach(run["blocks"].to(list[BlockLine]), _block), class_name="run-blocks"),
        ),
        Refresh.create(is_on=run["is_moving"], on_tick=RunPage.tick),
        class_name="index-page run-page",
    )


def run_page() -> rx.Component:
    run: Any = RunPage.run
    return rx.el.div(
        rx.el.header(
            rx.el.div(
                link(icon("arrow-left"), to=RUNS, class_name="icon-button", custom_attrs={"aria-label": "All runs"}),
                rx.el.h1(run["title"]),
                rx.el.span(run["state"], class_name=run["css"]),
                class_name="page-title",
            ),
            _actions(),
            class_name="page-header",
        ),
        Arrived.create(_content(), shown_at=RunPage.shown_at, fallback=skeleton(8)),
        class_name="page",
    )
