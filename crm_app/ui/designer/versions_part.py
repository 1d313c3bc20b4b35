"""The versions of an automation, and two of them side by side."""

from typing import Any

import reflex as rx

from crm_app.ui.builder.widgets import Autosave
from crm_app.ui.designer.actions_state import DesignerActions
from crm_app.ui.designer.designer_state import Designer
from crm_app.ui.designer.versions_data import DifferenceLine, VersionLine
from crm_app.ui.inputs import Choice

_WORDS = (("added", "+"), ("removed", "-"), ("changed", "~"), ("moved", "↕"))


def _version(line: Any) -> rx.Component:
    return rx.el.li(
        rx.el.span(line["label"]),
        rx.cond(line["note"] != "", rx.el.span(line["note"], class_name="badge badge-green")),
        rx.el.button(
            "Restore as draft",
            type="button",
            on_click=DesignerActions.restore(line["number"]),
            class_name="button",
            custom_attrs={"aria-label": f"Restore version {line['number']} as draft"},
        ),
        class_name="version-line",
        key=line["number"].to(str),
    )


def _choice(name: str, label: str, chosen: Any) -> rx.Component:
    data: Any = Designer.versions
    return rx.el.div(
        rx.el.label(label, html_for=f"compare-{name}"),
        rx.el.select(
            rx.foreach(
                data["choices"].to(list[Choice]),
                lambda each: rx.el.option(each["label"], value=each["value"], key=each["value"]),
            ),
            id=f"compare-{name}",
            name=name,
            default_value=chosen,
            class_name="input",
        ),
        class_name="field",
    )


def _side(text: Any) -> rx.Component:
    return rx.el.td(rx.cond(text != "", text, rx.el.span("—", class_name="quiet")))


def _row(row: Any) -> rx.Component:
    return rx.el.tr(
        rx.el.td(
            *[
                rx.cond(
                    row["state"] == state,
                    rx.el.span(sign, rx.el.span(f" {state}", class_name="visually-hidden"), class_name="plan-sign"),
                )
                for state, sign in _WORDS
            ]
        ),
        _side(row["before"]),
        rx.el.td(
            rx.cond(row["after"] != "", row["after"], rx.el.span("—", class_name="quiet")),
            rx.el.ul(rx.foreach(row["says"].to(list[str]), rx.el.li), class_name="plan-notes"),
        ),
        class_name="difference",
        custom_attrs={"data-state": row["state"], "data-indent": row["indent"].to(str)},
        key=row["key"],
    )


def versions_part() -> rx.Component:
    data: Any = Designer.versions
    return rx.el.div(
        rx.el.section(
            rx.el.h2("Published versions"),
            rx.cond(
                data["lines"].to(list[VersionLine]).length() > 0,
                rx.el.ul(rx.foreach(data["lines"].to(list[VersionLine]), _version)),
                rx.el.p("It was never published.", class_name="quiet"),
            ),
            class_name="panel",
        ),
        rx.el.section(
            rx.el.h2("Compare"),
            rx.el.form(
                Autosave.create(),
                _choice("before", "This", data["before"]),
                _choice("after", "with this", data["after"]),
                on_submit=DesignerActions.compare,
                key=f"{data['before']} {data['after']}",
                class_name="form-fields form-fields-narrow",
            ),
            rx.el.p(data["summary"], role="status"),
            rx.el.div(
                rx.el.table(
                    rx.el.thead(
                        rx.el.tr(
                            rx.el.th(rx.el.span("What became of it", class_name="visually-hidden"), scope="col"),
                            rx.el.th("This", scope="col"),
                            rx.el.th("With this", scope="col"),
                        )
                    ),
                    rx.el.tbody(rx.foreach(data["rows"].to(list[DifferenceLine]), _row)),
                    class_name="lines differences",
                ),
                class_name="index-scroll",
                role="region",
                custom_attrs={"aria-label": "Differences", "tabIndex": "0"},
            ),
            class_name="panel",
        ),
        class_name="builder-sheet",
    )
