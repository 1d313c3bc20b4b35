"""One run: what started it, and its canvas, with what each block got, gave and why."""

from typing import Any

import reflex as rx

from crm_app.ui.address import RUNS
from crm_app.ui.builder.widgets import DialogButton
from crm_app.ui.elements import empty_state, icon, link, skeleton
from crm_app.ui.runs.block_part import block_part
from crm_app.ui.runs.canvas_widget import RunCanvas
from crm_app.ui.runs.run_data import Choice, Fact
from crm_app.ui.runs.run_state import RunPage
from crm_app.ui.widgets import Arrived, Refresh


def _fact(fact: Any) -> rx.Component:
    return rx.el.div(
        rx.el.dt(fact["label"]),
        rx.el.dd(rx.cond(fact["href"] != "", link(fact["value"], to=fact["href"]), fact["value"])),
        key=fact["label"],
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


def _asked(label: str, icon_of: str, title: str, text: str, on_click: Any, *others: rx.Component) -> rx.Component:
    return DialogButton.create(
        rx.el.div(
            rx.el.p(text),
            rx.el.div(
                *others,
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
                rx.cond(
                    run["can_undo"],
                    rx.el.button(
                        icon("undo-2"), "Undo and cancel", type="button", on_click=RunPage.undo, class_name="button"
                    ),
                ),
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
        rx.el.p(run["summary"], class_name="visually-hidden", role="status"),
        rx.cond(
            run["tree"].contains("trigger"),
            rx.el.section(
                RunCanvas.create(tree=run["tree"], chosen=run["chosen"], on_choose=RunPage.choose),
                block_part(run["block"]),
                class_name="run-columns",
                custom_attrs={"aria-label": "Steps"},
            ),
            empty_state("workflow", "Nothing to draw", "The version that it ran can't be read any more."),
        ),
        Refresh.create(is_on=run["is_moving"], on_tick=RunPage.tick),
        class_name="index-page run-page run-wide",
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
            class_name="page-header wrapping-header",
        ),
        Arrived.create(_content(), shown_at=RunPage.shown_at, fallback=skeleton(8)),
        class_name="page",
    )
