"""One role: the matrix of what it may do, what a change of it means, and who has it."""

from typing import Any

import reflex as rx

from crm_app.ui.builder.widgets import Autosave
from crm_app.ui.elements import skeleton
from crm_app.ui.inputs import Choice
from crm_app.ui.roles.difference_part import difference_part
from crm_app.ui.roles.matrix_data import columns, scopes
from crm_app.ui.roles.object_panel import object_panel
from crm_app.ui.roles.people_part import people_part
from crm_app.ui.roles.role_state import RolePage
from crm_app.ui.roles.widgets import RoleMatrix
from crm_app.ui.settings_head import settings_head
from crm_app.ui.widgets import Arrived, TabPanel, Tabs

_TABS = [
    {"key": "matrix", "label": "What it may do"},
    {"key": "people", "label": "People"},
    {"key": "head", "label": "Name and inheritance"},
    {"key": "text", "label": "As text"},
]
_OWN_TABS = [{"key": "people", "label": "People"}]


def _matrix() -> rx.Component:
    return RoleMatrix.create(
        lines=RolePage.lines,
        actions=rx.Var.create(columns()),
        scopes=rx.Var.create(scopes()),
        is_read_only=RolePage.head["is_archived"],
        on_set=RolePage.set_cell,
        on_open=RolePage.open_object,
    )


def _parent(choice: Any) -> rx.Component:
    return rx.el.label(
        rx.el.input(type="checkbox", name=f"inherits::{choice['value']}", default_checked=choice["is_chosen"]),
        rx.el.span(choice["label"]),
        class_name="tick tick-chip",
        key=choice["value"],
    )


def _head_form() -> rx.Component:
    head: Any = RolePage.head
    return rx.el.form(
        Autosave.create(),
        rx.el.div(
            rx.el.label("Label", html_for="role-label"),
            rx.el.input(id="role-label", name="label", default_value=head["label"], class_name="input"),
            class_name="field",
        ),
        rx.el.div(
            rx.el.label("What it is for", html_for="role-description"),
            rx.el.input(
                id="role-description", name="description", default_value=head["description"], class_name="input"
            ),
            class_name="field",
        ),
        rx.cond(
            ~head["is_set"].to(bool) & (head["parents"].length() > 0),
            rx.el.fieldset(
                rx.el.legend("Inherits all that these may do, and what they hide"),
                rx.el.div(rx.foreach(head["parents"].to(list[Choice]), _parent), class_name="ticks"),
                class_name="field",
            ),
        ),
        rx.el.label(
            rx.el.input(type="checkbox", name="administer", default_checked=head["may_administer"]),
            rx.el.span("Administers the workspace: definitions, people, roles"),
            class_name="tick",
        ),
        on_submit=RolePage.save_head,
        key=head["key"],
        class_name="builder-form role-head-form",
        custom_attrs={"noValidate": True},
    )


def _text() -> rx.Component:
    return rx.el.div(
        rx.el.p("The lines that Casbin gets, as ", rx.el.code("./trellis export"), " writes them.", class_name="quiet"),
        rx.el.pre(RolePage.head["text"], class_name="code role-text", custom_attrs={"tabIndex": "0"}),
    )


def _main() -> rx.Component:
    return Tabs.create(
        rx.cond(
            RolePage.lines.length() > 0,  # pyright: ignore[reportAttributeAccessIssue]
            rx.fragment(
                TabPanel.create(_matrix(), tab_key="matrix"),
                TabPanel.create(_head_form(), tab_key="head"),
                TabPanel.create(_text(), tab_key="text"),
            ),
        ),
        TabPanel.create(people_part(), tab_key="people"),
        tabs=rx.cond(
            RolePage.lines.length() > 0,  # pyright: ignore[reportAttributeAccessIssue]
            rx.Var.create(_TABS),
            rx.Var.create(_OWN_TABS),
        ),
        label="Parts of the role",
    )


def _title() -> rx.Component:
    head: Any = RolePage.head
    return rx.el.div(
        rx.el.div(
            rx.el.h2(head["label"]),
            rx.el.span(head["kind"], class_name="badge"),
            rx.cond(head["state"] != "", rx.el.span(head["state"], class_name="badge badge-amber")),
            class_name="role-title",
        ),
        rx.cond(head["description"] != "", rx.el.p(head["description"], class_name="quiet")),
        class_name="role-heading",
    )


def _page() -> rx.Component:
    return rx.el.div(
        _title(),
        rx.el.div(
            rx.el.div(_main(), class_name="role-main"),
            rx.cond(RolePage.head["state"] != "", difference_part()),
            class_name=rx.cond(RolePage.head["state"] != "", "role-columns has-changes", "role-columns"),
        ),
        object_panel(),
        class_name="role-page",
    )


def role_page() -> rx.Component:
    return rx.el.div(
        rx.el.link(rel="stylesheet", href="/styles/roles.css"),
        settings_head("Roles"),
        Arrived.create(_page(), shown_at=RolePage.shown_at, fallback=skeleton(10)),
        class_name="page",
    )
