"""Each index with its reason, and the lists that none of them serves. Only to look at: definitions change them."""

from typing import Any

import reflex as rx

from crm_app.ui.elements import icon, skeleton
from crm_app.ui.settings.indexes_data import IndexGroup, IndexLine, SlowLine, indexes_data
from crm_app.ui.settings_head import settings_head
from crm_app.ui.shell_state import set_title, visit


class IndexesPage(rx.State):
    groups: rx.Field[list[IndexGroup]] = rx.field(default_factory=list)
    slow: rx.Field[list[SlowLine]] = rx.field(default_factory=list)
    is_loaded: bool = False
    is_moving: bool = False

    @rx.event
    async def open(self) -> None:
        data = await visit(self, indexes_data)
        if data:
            self.groups, self.slow, self.is_moving, self.is_loaded = data.groups, data.slow, data.is_moving, True
            await set_title(self, "Indexes")


def _table(label: Any, headings: tuple[tuple[str, str], ...], body: rx.Component) -> rx.Component:
    return rx.el.div(
        rx.el.table(
            rx.el.thead(rx.el.tr(*[rx.el.th(text, scope="col", class_name=css) for text, css in headings])),
            rx.el.tbody(body),
            class_name="lines index-lines",
        ),
        class_name="index-scroll",
        role="region",
        custom_attrs={"aria-label": label, "tabIndex": "0"},
    )


def _line(line: Any) -> rx.Component:
    return rx.el.tr(
        rx.el.td(rx.el.strong(line["fields"]), rx.el.div(line["kind"], class_name="quiet")),
        rx.el.td(
            rx.foreach(line["reasons"].to(list[str]), rx.el.div),
            rx.cond(line["problem"] != "", rx.el.div(line["problem"], class_name="index-problem")),
        ),
        rx.el.td(rx.el.span(line["state"], class_name=line["css"])),
        rx.el.td(line["size"], class_name="number"),
        rx.el.td(line["scans"], class_name="number"),
        key=line["name"],
    )


def _group(group: Any) -> rx.Component:
    headings = (("Fields", ""), ("Reason", ""), ("State", ""), ("Size", "number"), ("Uses", "number"))
    return rx.el.section(
        rx.el.h2(group["object"], rx.el.span(group["summary"], class_name="quiet"), class_name="index-heading"),
        _table(group["object"], headings, rx.foreach(group["lines"].to(list[IndexLine]), _line)),
        key=group["object"],
    )


def _slow_line(line: Any) -> rx.Component:
    return rx.el.tr(
        rx.el.td(
            rx.el.strong(line["object"]),
            rx.el.div(line["filters"]),
            rx.el.div(f"Sorted by {line['sorts']}", class_name="quiet"),
        ),
        rx.el.td(line["advice"]),
        rx.el.td(line["count"], class_name="number"),
        rx.el.td(line["median"], class_name="number"),
        rx.el.td(line["worst"], class_name="number"),
        key=line["key"],
    )


def _slow() -> rx.Component:
    headings = (
        ("List", ""),
        ("What would serve it", ""),
        ("Times", "number"),
        ("Median", "number"),
        ("Worst", "number"),
    )
    return rx.el.section(
        rx.el.h2("Slow lists", class_name="index-heading"),
        rx.cond(
            IndexesPage.slow.length() > 0,
            _table("Slow lists", headings, rx.foreach(IndexesPage.slow, _slow_line)),
            rx.el.p("No list took longer than 200 ms.", class_name="quiet"),
        ),
    )


def _again() -> rx.Component:
    return rx.el.button(icon("refresh-cw"), "Look again", type="button", on_click=IndexesPage.open, class_name="button")


def indexes_page() -> rx.Component:
    return rx.el.div(
        settings_head("Indexes", rx.cond(IndexesPage.is_moving, _again())),
        rx.cond(
            IndexesPage.is_loaded,
            rx.el.div(
                rx.el.p(
                    "Trellis derives indexes from your definitions, builds them while everybody works, "
                    "and drops those that nothing needs any more.",
                    class_name="quiet",
                ),
                _slow(),
                rx.foreach(IndexesPage.groups, _group),
                class_name="index-page",
            ),
            skeleton(8),
        ),
        class_name="page",
    )
