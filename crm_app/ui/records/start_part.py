"""The automations that this person may start about a record."""

from collections.abc import Callable
from typing import Any, TypedDict

import reflex as rx

from crm_app.automation.by_hand import start_by_hand, startable
from crm_app.kernel.events import RecordRef
from crm_app.services.unit_of_work import UnitOfWork
from crm_app.ui.elements import icon


class StartChoice(TypedDict):
    name: str
    label: str
    description: str


def start_choices(work: UnitOfWork, name: str) -> list[StartChoice]:
    if work.who.user_id is None:
        return []
    return [StartChoice(name=a.name, label=a.label, description=a.description) for a in startable(work, name)]


def started(work: UnitOfWork, ref: RecordRef, automation: str) -> str:
    """What the page says."""
    start_by_hand(work, automation, [ref])
    label = next(each["label"] for each in start_choices(work, ref.object) if each["name"] == automation)
    return f"{label} has started."


def start_menu(choices: Any, on_start: Callable[[Any], Any]) -> rx.Component:
    """Nothing where there is nothing to start."""

    def item(choice: Any) -> rx.Component:
        return rx.el.button(
            icon("play"),
            rx.el.span(choice["label"]),
            type="button",
            class_name="menu-item",
            title=choice["description"],
            on_click=on_start(choice["name"]),
            key=choice["name"],
            custom_attrs={"data-closes": ""},
        )

    return rx.cond(
        choices.length() > 0,
        rx.el.details(
            rx.el.summary(icon("workflow"), rx.el.span("Run"), class_name="button"),
            rx.el.div(rx.foreach(choices, item), class_name="menu-body"),
            class_name="menu start-menu",
        ),
    )
