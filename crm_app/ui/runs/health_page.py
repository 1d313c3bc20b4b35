"""How the product is doing: what waits, what failed, the workers, database and disk."""

from typing import Any

import reflex as rx

from crm_app.ui.door import DOOR
from crm_app.ui.elements import icon, link, skeleton
from crm_app.ui.refusals import attempt
from crm_app.ui.runs.health_data import Figure, HealthData, WorkerLine, health_data
from crm_app.ui.settings_head import settings_head
from crm_app.ui.shell_state import set_title, visit
from crm_app.ui.widgets import Refresh


class HealthPage(rx.State):
    problems: rx.Field[list[str]] = rx.field(default_factory=list)
    figures: rx.Field[list[Figure]] = rx.field(default_factory=list)
    workers: rx.Field[list[WorkerLine]] = rx.field(default_factory=list)
    is_loaded: bool = False

    @rx.event
    async def open(self) -> None:
        data = await visit(self, lambda work: health_data(work, DOOR.data_dir()))
        if data:
            self._show(data)
            self.is_loaded = True
            await set_title(self, "Health")

    @rx.event
    async def tick(self) -> None:
        data, _ = await attempt(self, lambda work: health_data(work, DOOR.data_dir()))
        if data is not None:
            self._show(data)

    def _show(self, data: HealthData) -> None:
        for name, value in vars(data).items():
            if getattr(self, name) != value:
                setattr(self, name, value)


def _figure(figure: Any) -> rx.Component:
    value = rx.cond(figure["href"] != "", link(figure["value"], to=figure["href"]), figure["value"])
    return rx.el.div(
        rx.el.dt(figure["label"]),
        rx.el.dd(value, class_name="health-value"),
        rx.el.dd(figure["note"], class_name="quiet"),
        class_name="health-figure",
        key=figure["label"],
    )


def _worker(worker: Any) -> rx.Component:
    return rx.el.tr(
        rx.el.td(rx.el.strong(worker["key"]), rx.cond(worker["note"] != "", rx.el.div(worker["note"]))),
        rx.el.td(rx.el.span(worker["state"], class_name=worker["css"])),
        rx.el.td(worker["since"]),
        rx.el.td(worker["seen"]),
        key=worker["key"],
    )


def _problem(problem: Any) -> rx.Component:
    return rx.el.p(icon("triangle-alert"), problem, class_name="run-problem", key=problem)


def _workers() -> rx.Component:
    head = [rx.el.th(text, scope="col") for text in ("Worker", "State", "Since", "Heard")]
    return rx.el.div(
        rx.el.table(
            rx.el.thead(rx.el.tr(*head)),
            rx.el.tbody(rx.foreach(HealthPage.workers, _worker)),
            class_name="lines index-lines health-lines",
        ),
        class_name="index-scroll",
        role="region",
        custom_attrs={"aria-label": "Workers", "tabIndex": "0"},
    )


def _content() -> rx.Component:
    return rx.el.div(
        rx.cond(
            HealthPage.problems.length() > 0,
            rx.el.div(rx.foreach(HealthPage.problems, _problem), class_name="health-problems", role="alert"),
            rx.el.p(icon("circle-check"), "All is well.", class_name="health-well"),
        ),
        rx.el.dl(rx.foreach(HealthPage.figures, _figure), class_name="health-figures"),
        rx.el.section(rx.el.h2("Workers", class_name="index-heading"), _workers()),
        Refresh.create(is_on=True, on_tick=HealthPage.tick),
        class_name="index-page run-page",
    )


def health_page() -> rx.Component:
    return rx.el.div(
        settings_head("Health"),
        rx.cond(HealthPage.is_loaded, _content(), skeleton(8)),
        class_name="page",
    )
