from typing import Any

import reflex as rx

from crm_app.services.unit_of_work import UnitOfWork
from crm_app.ui.elements import icon, link, skeleton
from crm_app.ui.home.home_data import HomeData, PipelineTotal, StageTotal, ToDo, home_data
from crm_app.ui.records.done import NO, done_check, set_done
from crm_app.ui.refusals import attempt
from crm_app.ui.shell_state import Shell, notice, set_title, visit


class HomePage(rx.State):
    is_loaded: bool = False
    to_do: rx.Field[list[ToDo]] = rx.field(default_factory=list)
    late: rx.Field[list[ToDo]] = rx.field(default_factory=list)
    pipelines: rx.Field[list[PipelineTotal]] = rx.field(default_factory=list)

    @rx.event
    async def open(self) -> None:
        data = await visit(self, home_data)
        if data:
            self.to_do, self.late, self.pipelines, self.is_loaded = data.to_do, data.late, data.pipelines, True
            await set_title(self, "Home")

    @rx.event
    async def mark(self, object_name: str, record: str) -> Any:
        """Ticks an activity off; it leaves the page."""

        def marked(work: UnitOfWork) -> tuple[str, HomeData]:
            return set_done(work, object_name, record, is_done=True), home_data(work)

        done, refusal = await attempt(self, marked)
        if done is None:
            return refusal
        said, data = done
        self.to_do, self.late = data.to_do, data.late
        return notice(said)


def _to_do(item: Any) -> rx.Component:
    return rx.el.li(
        done_check(
            NO,
            f"Done: {item['title']}",
            HomePage.mark(item["object"], item["id"]),  # pyright: ignore[reportCallIssue]
            can_mark=item["can_mark"],
        ),
        link(item["title"], to=item["href"], class_name="line-link"),
        rx.el.span(item["when"], class_name=rx.cond(item["is_late"], "late", "quiet")),
        key=item["id"],
    )


def _late(item: Any) -> rx.Component:
    return rx.el.li(
        link(item["title"], to=item["href"], class_name="line-link"),
        rx.el.span(item["owner"], class_name="quiet"),
        rx.el.span(item["when"], class_name="late"),
        key=item["id"],
    )


def _late_of_team() -> rx.Component:
    return rx.cond(
        HomePage.late.length() > 0,  # pyright: ignore[reportAttributeAccessIssue]
        rx.el.section(
            rx.el.header(rx.el.h2(icon("clock"), "Overdue in your teams"), class_name="panel-head"),
            rx.el.ul(rx.foreach(HomePage.late, _late), class_name="to-do"),
            class_name="panel",
        ),
    )


def _stage(stage: Any) -> rx.Component:
    return rx.el.li(
        link(rx.el.span(stage["label"], class_name=f"badge badge-{stage['color']}"), to=stage["href"]),
        rx.el.span(
            rx.el.span(class_name=f"bar badge-{stage['color']}", style={"width": stage["share"]}),
            class_name="bar-track",
            custom_attrs={"aria-hidden": "true"},
        ),
        rx.el.span(stage["count"], class_name="number"),
        rx.el.span(stage["sum"], class_name="number quiet"),
        key=stage["label"],
    )


def _pipeline(pipeline: Any) -> rx.Component:
    return rx.el.section(
        rx.el.header(
            rx.el.h2(icon(pipeline["icon"]), link(pipeline["label"], to=pipeline["href"])),
            link("Open board", to=pipeline["href"], class_name="quiet-link"),
            class_name="panel-head",
        ),
        rx.el.ul(rx.foreach(pipeline["stages"].to(list[StageTotal]), _stage), class_name="totals"),
        class_name="panel",
        key=pipeline["key"],
    )


def home_page() -> rx.Component:
    return rx.cond(
        HomePage.is_loaded,
        rx.el.section(
            rx.el.h1(f"Hello, {Shell.person}"),
            rx.el.div(
                rx.foreach(HomePage.pipelines, _pipeline),
                rx.el.section(
                    rx.el.header(rx.el.h2(icon("list-todo"), "To do"), class_name="panel-head"),
                    rx.cond(
                        HomePage.to_do.length() > 0,  # pyright: ignore[reportAttributeAccessIssue]
                        rx.el.ul(
                            rx.foreach(HomePage.to_do, _to_do), class_name="to-do", custom_attrs={"data-lines": ""}
                        ),
                        rx.el.p("Nothing is waiting for you.", class_name="nothing"),
                    ),
                    class_name="panel",
                ),
                _late_of_team(),
                class_name="home-panels",
            ),
            class_name="page home-page",
        ),
        skeleton(8),
    )
