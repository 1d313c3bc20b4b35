"""What is known of an automation before it is published, and the button that publishes it."""

from typing import Any

import reflex as rx

from crm_app.ui.builder.publish_data import PlanLine
from crm_app.ui.builder.publish_tab import plan_line
from crm_app.ui.designer.actions_state import DesignerActions
from crm_app.ui.designer.designer_state import Designer
from crm_app.ui.designer.publish_data import ReportPart
from crm_app.ui.elements import button_link, icon

_MARKS = (("good", "circle-check"), ("note", "info"), ("bad", "triangle-alert"))


def _part(part: Any) -> rx.Component:
    return rx.el.section(
        rx.el.h3(*[rx.cond(part["state"] == state, icon(mark)) for state, mark in _MARKS], part["title"]),
        rx.el.ul(rx.foreach(part["lines"].to(list[str]), rx.el.li)),
        class_name="report-part",
        custom_attrs={"data-state": part["state"], "data-part": part["name"]},
        key=part["name"],
    )


def publish_part() -> rx.Component:
    data: Any = Designer.publish
    return rx.el.div(
        rx.el.section(
            rx.el.h2("What this workflow will do"),
            rx.foreach(data["parts"].to(list[ReportPart]), _part),
            class_name="panel report",
        ),
        rx.el.section(
            rx.el.h2("What publishing will change"),
            rx.cond(
                data["lines"].to(list[PlanLine]).length() > 0,
                rx.el.ul(rx.foreach(data["lines"].to(list[PlanLine]), plan_line), class_name="plan"),
                rx.el.p("Nothing: the draft is the same as what is live.", class_name="quiet"),
            ),
            class_name="panel",
        ),
        rx.cond(data["refusal"] != "", rx.el.p(data["refusal"], class_name="refusal", role="alert")),
        rx.cond(
            data["elsewhere"] != "",
            rx.el.p(
                "This draft also hides values, or somebody else published meanwhile. ",
                button_link("Decide there", data["elsewhere"]),
                class_name="refusal",
                role="alert",
            ),
        ),
        rx.el.footer(
            rx.el.button(
                icon("rocket"),
                "Publish",
                type="button",
                on_click=DesignerActions.publish,
                disabled=~data["can_publish"].to(bool),
                class_name="button primary",
            ),
            rx.el.p(
                "It is live at once. Runs that have begun stay on the version they began with.", class_name="quiet"
            ),
            class_name="publish-foot",
        ),
        class_name="builder-sheet",
    )
