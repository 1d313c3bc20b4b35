"""A dry run: a workflow is tried on a record, or on what really happened, and nothing is done."""

from typing import Any

import reflex as rx

from crm_app.ui.address import AUTOMATIONS, RUNS
from crm_app.ui.elements import button_link, empty_state, icon, link, skeleton
from crm_app.ui.runs.block_part import block_part
from crm_app.ui.runs.canvas_widget import RunCanvas
from crm_app.ui.runs.dry_run_data import COUNTS
from crm_app.ui.runs.dry_run_state import ONE_RECORD, RECORD_INPUT, DryRunPage
from crm_app.ui.runs.dry_way_data import Detail, EffectLine
from crm_app.ui.widgets import Combobox


def _choice(choice: Any) -> rx.Component:
    return rx.el.option(choice["label"], value=choice["value"], key=choice["value"])


def _field(label: Any, input_id: str, given: rx.Component) -> rx.Component:
    return rx.el.div(rx.el.label(label, html_for=input_id), given, class_name="field")


def _record() -> rx.Component:
    page = DryRunPage
    picker = Combobox.create(
        name="record",
        input_id=RECORD_INPUT,
        suggestions=page.suggestions,
        required=True,
        on_search=page.suggest,
        key=page.automation,
    )
    return rx.cond(
        page.is_on_record,
        rx.cond(
            page.about != "",
            _field(page.about, RECORD_INPUT, picker),
            rx.el.p("It starts about no record: try it on events.", class_name="quiet dry-none"),
        ),
    )


def _form() -> rx.Component:
    page = DryRunPage
    return rx.el.form(
        _field(
            "Workflow",
            "dry-automation",
            rx.el.select(
                rx.foreach(page.automations, _choice),
                id="dry-automation",
                name="automation",
                default_value=page.automation,
                on_change=page.pick,
                class_name="input",
            ),
        ),
        _field(
            "Try it on",
            "dry-events",
            rx.el.select(
                rx.el.option("One record", value=ONE_RECORD),
                *[rx.el.option(f"The last {count} events", value=count) for count in COUNTS],
                id="dry-events",
                name="events",
                on_change=page.aim,
                class_name="input",
            ),
        ),
        _record(),
        rx.el.button("Try it", type="submit", disabled=page.is_busy, class_name="button primary"),
        on_submit=page.try_out,
        class_name="rate-form dry-form",
        custom_attrs={"noValidate": True},
    )


def _line(line: Any) -> rx.Component:
    shown: Any = DryRunPage.shown
    return rx.el.tr(
        rx.el.td(
            rx.cond(line["href"] != "", link(line["record"], to=line["href"]), line["record"]),
            rx.el.div(line["event"], class_name="quiet"),
        ),
        rx.el.td(
            rx.el.div(line["does"]),
            rx.cond(line["error"] != "", rx.el.div(line["error"], class_name="run-error")),
            rx.cond(line["live"] != "", rx.el.div(line["live"], class_name="quiet")),
            rx.el.button(
                icon("workflow"),
                "Show the way",
                type="button",
                on_click=DryRunPage.show(line["key"]),
                class_name="button",
                custom_attrs={"aria-pressed": shown["key"] == line["key"]},
            ),
        ),
        rx.el.td(line["at"]),
        key=line["key"],
    )


def _events() -> rx.Component:
    head = [rx.el.th(text, scope="col") for text in ("Record", "Would do", "Happened")]
    return rx.cond(
        DryRunPage.lines.length() > 0,  # pyright: ignore[reportAttributeAccessIssue]
        rx.el.div(
            rx.el.table(
                rx.el.thead(rx.el.tr(*head)),
                rx.el.tbody(rx.foreach(DryRunPage.lines, _line)),
                class_name="lines index-lines dry-lines",
            ),
            class_name="index-scroll",
            role="region",
            custom_attrs={"aria-label": "Events", "tabIndex": "0"},
        ),
        empty_state("circle", "No run", "None of these events would have started it."),
    )


def _detail(detail: Any) -> rx.Component:
    return rx.el.div(
        rx.el.dt(detail["label"]), rx.el.dd(detail["text"]), key=detail["label"].to(str) + detail["text"].to(str)
    )


def _effect(effect: Any) -> rx.Component:
    details = effect["details"].to(list[Detail])
    return rx.el.li(
        icon(effect["icon"]),
        rx.el.div(
            rx.el.p(
                effect["text"],
                rx.cond(effect["is_only"], rx.el.span("Only here", class_name="badge badge-amber")),
            ),
            rx.cond(details.length() > 0, rx.el.dl(rx.foreach(details, _detail))),
        ),
        key=effect["key"],
    )


def _way(way: Any) -> rx.Component:
    effects = way["effects"].to(list[EffectLine])
    return rx.el.section(
        rx.el.header(
            rx.el.h2(way["title"]),
            rx.cond(
                DryRunPage.ways.length() > 1,  # pyright: ignore[reportAttributeAccessIssue]
                rx.el.button(
                    icon("workflow"),
                    "Show the way",
                    type="button",
                    on_click=DryRunPage.look(way["key"]),
                    class_name="button",
                    custom_attrs={"aria-pressed": DryRunPage.way == way["key"]},
                ),
            ),
        ),
        rx.el.p(way["verdict"]),
        rx.cond(way["error"] != "", rx.el.p(way["error"], class_name="run-error")),
        rx.el.ul(rx.foreach(effects, _effect), class_name="dry-effects"),
        class_name="dry-way",
        custom_attrs={"aria-label": way["title"]},
        key=way["key"],
    )


def _shown() -> rx.Component:
    page, shown = DryRunPage, DryRunPage.shown.to(dict[str, str])  # pyright: ignore[reportAttributeAccessIssue]
    canvas: Any = page.canvas
    return rx.cond(
        shown["key"] != "",
        rx.el.section(
            rx.el.p(
                rx.cond(shown["href"] != "", link(shown["record"], to=shown["href"]), shown["record"]),
                rx.el.span(" · ", shown["event"], " · ", shown["at"], class_name="quiet"),
            ),
            rx.el.div(rx.foreach(page.ways, _way), class_name="dry-ways"),
            rx.el.div(
                RunCanvas.create(tree=canvas["tree"], chosen=canvas["chosen"], on_choose=page.choose),
                block_part(canvas["block"]),
                class_name="run-columns",
                key=shown["key"].to(str) + page.way,
            ),
            class_name="run-form dry-shown",
            custom_attrs={"aria-label": "The dry run"},
        ),
    )


def _result() -> rx.Component:
    page = DryRunPage
    return rx.el.section(
        rx.el.p(rx.el.strong(page.summary), role="status"),
        rx.cond(
            page.totals.length() > 0,  # pyright: ignore[reportAttributeAccessIssue]
            rx.el.ul(
                rx.foreach(page.totals, lambda total: rx.el.li(total, class_name="badge badge-blue", key=total)),
                class_name="run-paused dry-totals",
            ),
        ),
        rx.cond(page.is_one, rx.fragment(), _events()),
        _shown(),
        class_name="run-form",
    )


def _content() -> rx.Component:
    return rx.el.div(
        rx.el.p(
            "The workflow, as it is in your draft or live, is tried on a record as it is now, or on what really "
            "happened. Nothing is changed, nothing is sent, and nobody is asked.",
            class_name="quiet",
        ),
        _form(),
        rx.cond(DryRunPage.is_busy, skeleton(4), rx.cond(DryRunPage.summary != "", _result())),
        class_name="index-page run-page run-wide",
    )


def dry_run_page() -> rx.Component:
    return rx.el.div(
        rx.el.header(
            rx.el.div(
                link(icon("arrow-left"), to=RUNS, class_name="icon-button", custom_attrs={"aria-label": "All runs"}),
                rx.el.h1("Dry run"),
                class_name="page-title",
            ),
            rx.cond(
                DryRunPage.automation != "",
                rx.el.div(
                    button_link("Open in the designer", f"{AUTOMATIONS}/{DryRunPage.automation}", "workflow"),
                    class_name="page-actions",
                ),
            ),
            class_name="page-header wrapping-header",
        ),
        rx.cond(DryRunPage.is_loaded, _content(), skeleton(8)),
        class_name="page",
    )
