"""One object of a role in full: how open each field is, and the rules that widen or restrict what the matrix says."""

from collections.abc import Sequence
from typing import Any

import reflex as rx

from crm_app.ui.elements import icon
from crm_app.ui.inputs import Choice
from crm_app.ui.roles.role_data import LEVELS, Condition, FieldLevelLine
from crm_app.ui.roles.role_state import RolePage
from crm_app.ui.roles.rules_state import RoleRules
from crm_app.ui.rules.widget import RuleEditor, at_desk
from crm_app.ui.widgets import Dialog, TabPanel, Tabs

_TABS = [{"key": "fields", "label": "Fields"}, {"key": "rules", "label": "Rules and restrictions"}]
_EFFECTS = (("allow", "Also reaches"), ("restrict", "Reaches only"))


def _level(line: Any) -> rx.Component:
    return rx.el.li(
        rx.el.label(line["label"], html_for=f"level-{line['name']}"),
        rx.el.select(
            *[rx.el.option(label, value=value) for value, label in LEVELS],
            id=f"level-{line['name']}",
            default_value=line["level"],
            on_change=lambda level: RolePage.set_level(RolePage.panel["name"], line["name"], level),
            class_name="input",
        ),
        key=line["name"],
    )


def _action(choice: Any) -> rx.Component:
    return rx.el.label(
        rx.el.input(type="checkbox", name=f"actions::{choice['value']}", default_checked=choice["is_chosen"]),
        rx.el.span(choice["label"]),
        class_name="tick tick-chip",
        key=choice["id"],
    )


def _select(name: str, item: Any, label: str, choices: Sequence[rx.Component]) -> rx.Component:
    return rx.el.div(
        rx.el.label(label, html_for=f"{name}-{item['at']}"),
        rx.el.select(
            *choices, id=f"{name}-{item['at']}", name=name, default_value=item[name], class_name="input"
        ),
        class_name="field",
    )  # fmt: skip


def _condition(item: Any) -> rx.Component:
    panel: Any = RolePage.panel
    effects = [rx.el.option(label, value=value) for value, label in _EFFECTS]
    scopes = [
        rx.el.option("records by a rule", value="rule"),
        rx.foreach(
            panel["scopes"].to(list[Choice]),
            lambda each: rx.el.option(each["label"], value=each["value"], key=each["value"]),
        ),
    ]
    return rx.el.form(
        rx.el.input(type="hidden", name="object", value=RolePage.panel["name"]),
        rx.el.input(type="hidden", name="at", value=item["at"].to_string()),
        rx.el.div(
            _select("effect", item, "What it does", effects),
            _select("scope", item, "Which records", scopes),
            class_name="condition-heads",
        ),
        RuleEditor.create(
            name="rule",
            place=item["place"],
            input_id=f"rule-{item['at']}",
            value=item["rule"],
            label="Rule",
            marker="",
            **at_desk(RoleRules),
        ),
        rx.el.div(
            rx.foreach(item["actions"].to(list[Choice]), _action),
            class_name="ticks",
            role="group",
            custom_attrs={"aria-label": "Actions"},
        ),
        rx.el.div(
            rx.cond(
                item["is_new"],
                rx.fragment(),
                rx.el.button(
                    icon("trash-2"),
                    rx.el.span("Remove"),
                    type="button",
                    on_click=RolePage.remove_condition(RolePage.panel["name"], item["at"]),
                    class_name="button",
                ),
            ),
            rx.el.button(rx.cond(item["is_new"], "Add", "Change"), type="submit", class_name="button primary"),
            class_name="ask-actions",
        ),
        on_submit=RolePage.save_condition,
        class_name="condition",
        key=item["key"],
        custom_attrs={"noValidate": True},
    )


def object_panel() -> rx.Component:
    panel: Any = RolePage.panel
    return Dialog.create(
        rx.el.div(
            rx.el.h2(panel["label"]),
            rx.el.button(
                icon("x"),
                type="button",
                on_click=RolePage.close_object,
                class_name="icon-button",
                custom_attrs={"aria-label": "Close"},
            ),
            class_name="ask-head",
        ),
        Tabs.create(
            TabPanel.create(
                rx.el.ul(rx.foreach(panel["fields"].to(list[FieldLevelLine]), _level), class_name="field-levels"),
                tab_key="fields",
            ),
            TabPanel.create(
                rx.el.div(rx.foreach(panel["conditions"].to(list[Condition]), _condition), class_name="conditions"),
                tab_key="rules",
            ),
            tabs=rx.Var.create(_TABS),
            label="Parts of the object",
        ),
        is_open=panel["name"] != "",
        label=panel["label"],
        on_close=RolePage.close_object,
    )
