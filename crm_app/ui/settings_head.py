"""What the pages of the settings have in common: their heading, and the way from one to the next."""

from typing import Any

import reflex as rx

from crm_app.ui.address import (
    AUDIT,
    AUTOMATIONS,
    CONNECTIONS,
    DECISIONS,
    HEALTH,
    INDEXES,
    RATES,
    ROLES,
    RUNS,
    SETTINGS,
    SIGN_IN,
    SPECIAL_ACCESS,
    TEAMS,
    TERRITORIES,
    USERS,
)
from crm_app.ui.elements import icon, link

Places = tuple[tuple[str, str], ...]

_BUILD: Places = (
    ("Objects", SETTINGS),
    ("Workflows", AUTOMATIONS),
    ("Runs", RUNS),
    ("Decisions", DECISIONS),
    ("Exchange rates", RATES),
    ("Connections", CONNECTIONS),
)
_PEOPLE: Places = (
    ("Users", USERS),
    ("Teams", TEAMS),
    ("Territories", TERRITORIES),
    ("Roles", ROLES),
    ("Sign-in", SIGN_IN),
)
_OPERATE: Places = (
    ("Audit", AUDIT),
    ("Health", HEALTH),
    ("Special access", SPECIAL_ACCESS),
    ("Indexes", INDEXES),
)
_GROUPS: tuple[tuple[str, Places], ...] = (("Build", _BUILD), ("People", _PEOPLE), ("Operate", _OPERATE))


def settings_head(title: str, *actions: rx.Component) -> rx.Component:
    """`title` is one of the places' own. An action waits for the page: what opens it would close what was opened."""
    is_loaded: Any = rx.State.is_hydrated
    current = next((group for group in _GROUPS if title in dict(group[1])), _GROUPS[0])
    return rx.el.div(
        rx.el.header(
            rx.el.div(icon("settings"), rx.el.h1(title), class_name="page-title"),
            rx.el.fieldset(*actions, disabled=~is_loaded, class_name="page-actions"),
            class_name="page-header",
        ),
        rx.el.nav(
            rx.el.div(
                *[_way(name, places[0][1], name == current[0], "true", "segment") for name, places in _GROUPS],
                class_name="segments",
            ),
            rx.el.div(
                *[_way(label, href, label == title, "page", "tab") for label, href in current[1]],
                class_name="tabs",
            ),
            class_name="toolbar",
            custom_attrs={"aria-label": "Settings"},
        ),
        class_name="settings-head",
    )


def _way(label: str, href: str, is_current: bool, current: str, look: str) -> rx.Component:
    state = {"aria-current": current if is_current else "false"}
    return link(label, to=href, class_name=look, custom_attrs=state)
