"""The runs of automations, newest first: which, about what, how they stand. The address carries the filters."""

from typing import Any

import reflex as rx

from crm_app.ui.address import DRY_RUN
from crm_app.ui.builder.widgets import DialogButton
from crm_app.ui.elements import button_link, empty_state, icon, link, page_step, skeleton
from crm_app.ui.runs.runs_state import RunsPage
from crm_app.ui.settings_head import settings_head
from crm_app.ui.widgets import Arrived, Refresh


def _line(line: Any) -> rx.Component:
    return rx.el.tr(
        rx.el.td(
            link(rx.el.span(line["state"], class_name=line["css"]), to=line["href"], class_name="quiet-link"),
        ),
        rx.el.td(
            link(line["label"], to=line["href"], class_name="line-link"),
            rx.cond(line["note"] != "", rx.el.div(line["note"], class_name="quiet run-note")),
        ),
        rx.el.td(
            rx.cond(
                line["record_href"] != "",
                link(line["record"], to=line["record_href"], class_name="quiet-link"),
                rx.el.span(line["record"], class_name="quiet"),
            )
        ),
        rx.el.td(line["at"]),
        rx.el.td(line["length"], class_name="number"),
        key=line["key"],
    )


def _table() -> rx.Component:
    headings = (("State", ""), ("Workflow", ""), ("Record", ""), ("Made", ""), ("Took", "number"))
    return rx.el.div(
        rx.el.table(
            rx.el.thead(rx.el.tr(*[rx.el.th(text, scope="col", class_name=css) for text, css in headings])),
            rx.el.tbody(rx.foreach(RunsPage.lines, _line)),
            class_name="lines index-lines run-lines",
        ),
        class_name="index-scroll",
        role="region",
        custom_attrs={"aria-label": "Runs", "tabIndex": "0"},
    )


def _choice(choice: Any) -> rx.Component:
    return rx.el.option(choice["label"], value=choice["value"], key=choice["value"])


def _select(name: str, label: str, choices: Any, value: Any) -> rx.Component:
    return rx.el.select(
        rx.foreach(choices, _choice),
        value=value,
        on_change=lambda chosen: RunsPage.choose(name, chosen),
        class_name="input run-select",
        custom_attrs={"aria-label": label},
    )


def _tab(tab: Any) -> rx.Component:
    return link(
        tab["label"], to=tab["href"], class_name="tab", custom_attrs={"aria-current": tab["current"]}, key=tab["label"]
    )


def _radio(name: str, value: str, text: Any, *, is_first: bool) -> rx.Component:
    return rx.el.label(
        rx.el.input(type="radio", name=name, value=value, default_checked=is_first),
        rx.el.span(text),
        class_name="run-radio",
    )


def _pause_form() -> rx.Component:
    return rx.el.form(
        rx.el.p("No run starts until you resume it. Runs that have begun go on; those that have not wait."),
        rx.el.fieldset(
            rx.el.legend("What happens meanwhile"),
            _radio("events", "keep", "waits, and runs when you resume", is_first=True),
            _radio("events", "skip", "is passed over for good", is_first=False),
        ),
        rx.el.div(rx.el.button("Pause", type="submit", class_name="button primary"), class_name="ask-actions"),
        on_submit=RunsPage.pause_it,
        class_name="run-form",
    )


def _resume_form() -> rx.Component:
    return rx.el.form(
        rx.el.p(RunsPage.pause["text"]),
        rx.el.fieldset(
            rx.el.legend("The runs that wait"),
            _radio("waiting", "start", "start now", is_first=True),
            _radio("waiting", "drop", "are dropped", is_first=False),
        ),
        rx.el.div(rx.el.button("Resume", type="submit", class_name="button primary"), class_name="ask-actions"),
        on_submit=RunsPage.resume_it,
        class_name="run-form",
    )


def _pausing() -> rx.Component:
    """For one automation: pause it, or resume it and say what becomes of the runs that waited."""
    pausing = {"title": RunsPage.pause["label"], "done": RunsPage.turn}
    return rx.cond(
        RunsPage.pause["automation"] != "",
        rx.cond(
            RunsPage.pause["is_paused"],
            DialogButton.create(_resume_form(), label="Resume", icon="play", kind="primary", **pausing),
            DialogButton.create(_pause_form(), label="Pause", icon="pause", **pausing),
        ),
    )


def _dry_run() -> rx.Component:
    to = rx.cond(RunsPage.automation != "", f"{DRY_RUN}?automation={RunsPage.automation}", DRY_RUN)
    return button_link("Dry run", to, "test-tube")


def _paused_link(choice: Any) -> rx.Component:
    return link(choice["label"], to=choice["value"], class_name="badge badge-amber", key=choice["value"])


def _older_link(choice: Any) -> rx.Component:
    return link(choice["label"], to=choice["value"], class_name="badge badge-blue", key=choice["value"])


def _filters() -> rx.Component:
    return rx.el.div(
        rx.el.nav(rx.foreach(RunsPage.tabs, _tab), class_name="tabs", custom_attrs={"aria-label": "State"}),
        rx.el.div(
            _select("automation", "Workflow", RunsPage.automations, RunsPage.automation),
            _select("time", "Time", RunsPage.times, RunsPage.time),
            class_name="run-selects",
        ),
        class_name="run-filters",
    )


def _notes() -> rx.Component:
    return rx.fragment(
        rx.cond(
            RunsPage.record != "",
            rx.el.p(
                RunsPage.record,
                link(icon("x"), to=RunsPage.record_clear, custom_attrs={"aria-label": "Show the runs of all records"}),
                class_name="run-chip",
            ),
        ),
        rx.cond(RunsPage.pause["is_paused"], rx.el.p(icon("pause"), RunsPage.pause["text"], class_name="run-notice")),
        rx.cond(
            RunsPage.paused.length() > 0,
            rx.el.p("Paused: ", rx.foreach(RunsPage.paused, _paused_link), class_name="run-paused quiet"),
        ),
        rx.cond(
            RunsPage.older.length() > 0,
            rx.el.p(
                "Under way in an earlier version: ",
                rx.foreach(RunsPage.older, _older_link),
                class_name="run-paused quiet",
            ),
        ),
    )


def _content() -> rx.Component:
    return rx.el.div(
        _filters(),
        _notes(),
        rx.cond(
            RunsPage.lines.length() > 0,
            _table(),
            empty_state("activity", "No runs", "When something happens that a workflow waits for, its run is here."),
        ),
        rx.cond((RunsPage.first_href != "") | (RunsPage.next_href != ""), _steps()),
        Refresh.create(is_on=RunsPage.is_moving, on_tick=RunsPage.tick),
        class_name="index-page run-page",
    )


def _steps() -> rx.Component:
    return rx.el.div(
        page_step("First page", "chevron-left", RunsPage.first_href),
        page_step("Next page", "chevron-right", RunsPage.next_href),
        class_name="run-pages",
    )


def runs_page() -> rx.Component:
    return rx.el.div(
        settings_head("Runs", _dry_run(), _pausing()),
        Arrived.create(_content(), shown_at=RunsPage.shown_at, fallback=skeleton(8)),
        class_name="page",
    )
