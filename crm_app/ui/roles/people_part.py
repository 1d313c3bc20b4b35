"""Who has the role, and giving it to somebody else."""

from typing import Any

import reflex as rx

from crm_app.ui.roles.people_state import RolePeople
from crm_app.ui.widgets import Combobox, Confirm


def _person(person: Any) -> rx.Component:
    return rx.el.li(
        rx.el.div(
            rx.el.strong(person["name"]),
            rx.cond(person["state"] != "", rx.el.span(person["state"], class_name="badge")),
            rx.el.span(person["email"], class_name="quiet"),
            class_name="role-person",
        ),
        Confirm.create(
            label=f"Take the role from {person['name']}",
            question=f"Take the role from {person['name']}?",
            detail=rx.cond(RolePeople.weighed != "", RolePeople.weighed, "Counting…"),
            confirm_label="Take it",
            icon="x",
            is_barred=False,
            on_ask=RolePeople.ask_taking(person["id"]),
            on_confirm=RolePeople.take(person["id"]),
        ),
        key=person["id"],
    )


def people_part() -> rx.Component:
    turn: Any = RolePeople.turn
    return rx.el.div(
        rx.el.form(
            rx.el.label("Give it to", html_for="role-person"),
            rx.el.div(
                Combobox.create(
                    name="person",
                    input_id="role-person",
                    value="",
                    label="",
                    suggestions=RolePeople.found,
                    placeholder="A name or an address",
                    on_search=RolePeople.find,
                    key=turn.to(str),
                ),
                rx.el.button("What would it mean?", type="submit", class_name="button"),
                class_name="input-and-button",
            ),
            on_submit=RolePeople.choose,
            class_name="field role-give",
        ),
        rx.cond(
            (RolePeople.chosen != "") & (RolePeople.weighed != ""),
            rx.el.div(
                rx.el.p(RolePeople.weighed, role="status"),
                rx.el.button("Give the role", type="button", on_click=RolePeople.give, class_name="button primary"),
                class_name="role-weighed",
            ),
        ),
        rx.cond(
            RolePeople.people.length() > 0,  # pyright: ignore[reportAttributeAccessIssue]
            rx.el.ul(rx.foreach(RolePeople.people, _person), class_name="role-people"),
            rx.el.p("Nobody has it.", class_name="quiet"),
        ),
    )
