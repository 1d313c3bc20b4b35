"""A dry run: an automation is tried on what really happened, and nothing is done."""

from typing import Any
from urllib.parse import parse_qs

import reflex as rx

from crm_app.ui.address import RUNS
from crm_app.ui.elements import empty_state, icon, link, skeleton
from crm_app.ui.refusals import attempt
from crm_app.ui.runs.dry_run_data import COUNTS, TriedLine, choices, dry_run_data
from crm_app.ui.runs.runs_data import Choice
from crm_app.ui.shell_state import set_title, visit

_MAX_NAME = 60


class DryRunPage(rx.State):
    automations: rx.Field[list[Choice]] = rx.field(default_factory=list)
    automation: str = ""
    summary: str = ""
    totals: rx.Field[list[str]] = rx.field(default_factory=list)
    lines: rx.Field[list[TriedLine]] = rx.field(default_factory=list)
    is_loaded: bool = False
    is_busy: bool = False

    @rx.event
    async def open(self) -> None:
        found = await visit(self, choices)
        if found is not None:
            asked = parse_qs(self.router.url.query or "").get("automation", [""])[0][:_MAX_NAME]
            self.automations, self.automation, self.is_loaded = found, asked, True
            self.summary, self.totals, self.lines = "", [], []
            await set_title(self, "Dry run")

    @rx.event
    async def try_out(self, form: dict[str, Any]) -> Any:
        name, count = str(form.get("automation", ""))[:_MAX_NAME], str(form.get("events", ""))
        events = int(count) if count in COUNTS else int(COUNTS[0])
        self.is_busy = True
        yield
        data, said = await attempt(self, lambda work: dry_run_data(work, name, events))
        self.is_busy = False
        if data is not None:
            self.automation, self.summary, self.totals, self.lines = name, data.summary, data.totals, data.lines
        yield said


def _choice(choice: Any) -> rx.Component:
    return rx.el.option(choice["label"], value=choice["value"], key=choice["value"])


def _form() -> rx.Component:
    return rx.el.form(
        rx.el.div(
            rx.el.label("Automation", html_for="dry-automation"),
            rx.el.select(
                rx.foreach(DryRunPage.automations, _choice),
                id="dry-automation",
                name="automation",
                default_value=DryRunPage.automation,
                class_name="input",
            ),
            class_name="field",
        ),
        rx.el.div(
            rx.el.label("Events", html_for="dry-events"),
            rx.el.select(
                *[rx.el.option(f"The last {count}", value=count) for count in COUNTS],
                id="dry-events",
                name="events",
                class_name="input",
            ),
            class_name="field",
        ),
        rx.el.button("Try it", type="submit", disabled=DryRunPage.is_busy, class_name="button primary"),
        on_submit=DryRunPage.try_out,
        class_name="rate-form",
    )


def _line(line: Any) -> rx.Component:
    return rx.el.tr(
        rx.el.td(
            rx.cond(line["href"] != "", link(line["record"], to=line["href"]), line["record"]),
            rx.el.div(line["event"], class_name="quiet"),
        ),
        rx.el.td(
            rx.el.div(line["does"]),
            rx.cond(line["error"] != "", rx.el.div(line["error"], class_name="run-error")),
            rx.cond(line["live"] != "", rx.el.div(line["live"], class_name="quiet")),
        ),
        rx.el.td(line["at"]),
        key=line["key"],
    )


def _total(total: Any) -> rx.Component:
    return rx.el.li(total, class_name="badge badge-blue", key=total)


def _result() -> rx.Component:
    head = [rx.el.th(text, scope="col") for text in ("Record", "Would do", "Happened")]
    return rx.el.section(
        rx.el.p(rx.el.strong(DryRunPage.summary), role="status"),
        rx.el.ul(rx.foreach(DryRunPage.totals, _total), class_name="run-paused dry-totals"),
        rx.cond(
            DryRunPage.lines.length() > 0,
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
        ),
        class_name="run-form",
    )


def _content() -> rx.Component:
    return rx.el.div(
        rx.el.p(
            "The automation, as it is in your draft or live, is tried on what really happened. "
            "Nothing is changed, nothing is sent, and nobody is asked.",
            class_name="quiet",
        ),
        _form(),
        rx.cond(DryRunPage.is_busy, skeleton(4), rx.cond(DryRunPage.summary != "", _result())),
        class_name="index-page run-page",
    )


def dry_run_page() -> rx.Component:
    return rx.el.div(
        rx.el.header(
            rx.el.div(
                link(icon("arrow-left"), to=RUNS, class_name="icon-button", custom_attrs={"aria-label": "All runs"}),
                rx.el.h1("Dry run"),
                class_name="page-title",
            ),
            class_name="page-header",
        ),
        rx.cond(DryRunPage.is_loaded, _content(), skeleton(8)),
        class_name="page",
    )
