"""The frame of every page: navigation, search, the person's menu, and the refusal that stands in for content."""

from collections.abc import Callable
from typing import Any

import reflex as rx
from reflex.style import color_mode, set_color_mode

from crm_app.ui.address import ACCOUNT, HOME, INBOX, KEYS, NOTIFICATIONS, SETTINGS
from crm_app.ui.elements import icon, link, native_form
from crm_app.ui.published import published_watch
from crm_app.ui.refusal_part import refusal_part
from crm_app.ui.shell_state import Shell
from crm_app.ui.sign_in_http import LOGOUT_ROUTE
from crm_app.ui.widgets import Behaviours, Notices, PageTitle, Palette

_MOST_UNREAD = 99
_MODES = (("light", "sun", "Light"), ("dark", "moon", "Dark"), ("system", "monitor", "System"))


def _navigation_item(item: Any) -> rx.Component:
    return rx.el.li(
        link(
            icon(item["icon"]),
            rx.el.span(item["label"]),
            to=item["href"],
            class_name="navigation-link",
            custom_attrs={"aria-current": rx.cond(Shell.current == item["name"], "page", "false"), "data-closes": ""},
        ),
        key=item["name"],
    )


def _bell() -> rx.Component:
    """The ways to what this person is asked and told, with how many are new."""
    return rx.fragment(
        _counted("inbox", "Inbox", INBOX, Shell.asked, "to answer"),
        _counted("bell", "Notifications", NOTIFICATIONS, Shell.unread, "new"),
    )


def _counted(icon_of: str, label: str, to: str, number: Any, what: str) -> rx.Component:
    count = rx.cond(number > _MOST_UNREAD, f"{_MOST_UNREAD}+", f"{number}")
    hint = rx.el.span(f" {what}", class_name="visually-hidden")
    is_here = rx.State.router.url.path.startswith(to)
    return rx.el.li(
        link(
            icon(icon_of),
            rx.el.span(label),
            rx.cond(number > 0, rx.el.span(count, hint, class_name="navigation-count")),
            to=to,
            class_name="navigation-link",
            custom_attrs={"aria-current": rx.cond(is_here, "page", "false"), "data-closes": ""},
        )
    )


def _settings() -> rx.Component:
    """For administrators."""
    is_here = rx.State.router.url.path.startswith("/settings/")
    return rx.cond(
        Shell.is_admin,
        rx.el.li(
            link(
                icon("settings"),
                rx.el.span("Settings"),
                to=SETTINGS,
                class_name="navigation-link",
                custom_attrs={"aria-current": rx.cond(is_here, "page", "false"), "data-closes": ""},
            ),
            class_name="navigation-apart",
        ),
    )


def _mode_button(mode: str, mark: str, label: str) -> rx.Component:
    return rx.el.button(
        icon(mark),
        rx.el.span(label),
        type="button",
        on_click=set_color_mode(mode),  # pyright: ignore[reportArgumentType] - a literal that Reflex checks itself
        class_name="segment",
        custom_attrs={"aria-pressed": rx.cond(color_mode == mode, "true", "false")},
    )


def _person_menu() -> rx.Component:
    return rx.el.details(
        rx.el.summary(
            rx.el.span(Shell.initials, class_name="avatar", custom_attrs={"aria-hidden": "true"}),
            rx.el.span(Shell.person, class_name="person-name"),
            icon("chevrons-up-down"),
            class_name="person",
            custom_attrs={"aria-label": "Your account"},
        ),
        rx.el.div(
            rx.el.div(
                rx.el.strong(Shell.person), rx.el.span(Shell.email, class_name="quiet"), class_name="menu-heading"
            ),
            rx.el.div(
                *[_mode_button(*mode) for mode in _MODES],
                class_name="segments",
                role="group",
                custom_attrs={"aria-label": "Colors"},
            ),
            link(icon("circle-user"), rx.el.span("Your account"), to=ACCOUNT, class_name="menu-item"),
            link(icon("key-round"), rx.el.span("API keys"), to=KEYS, class_name="menu-item"),
            native_form(
                rx.el.button(icon("log-out"), rx.el.span("Log out"), type="submit", class_name="menu-item"),
                action=LOGOUT_ROUTE,
            ),
            class_name="menu-body menu-up",
        ),
        class_name="menu person-menu",
    )


def _search_button() -> rx.Component:
    return rx.el.button(
        icon("search"),
        rx.el.span("Search"),
        rx.el.kbd("Ctrl K"),
        type="button",
        class_name="search-button",
        custom_attrs={"data-opens-search": "", "aria-haspopup": "dialog", "aria-keyshortcuts": "Control+K Meta+K"},
    )


def _brand() -> rx.Component:
    return link(
        rx.el.span(icon("network"), class_name="brand-mark"),
        rx.el.span("Trellis"),
        to=HOME,
        class_name="brand",
    )


def _sidebar() -> rx.Component:
    return rx.el.aside(
        _brand(),
        _search_button(),
        rx.el.nav(
            rx.el.ul(
                rx.el.li(
                    link(
                        icon("house"),
                        rx.el.span("Home"),
                        to=HOME,
                        class_name="navigation-link",
                        custom_attrs={"aria-current": rx.cond(rx.State.router.url.path == HOME, "page", "false")},
                    )
                ),
                _bell(),
                rx.foreach(Shell.navigation, _navigation_item),
                _settings(),
                class_name="navigation",
            ),
            custom_attrs={"aria-label": "Main"},
        ),
        _person_menu(),
        class_name="sidebar",
    )


def _small_bar() -> rx.Component:
    """What a small screen has instead of the sidebar."""
    return rx.el.header(
        rx.el.details(
            rx.el.summary(icon("menu"), class_name="icon-button", custom_attrs={"aria-label": "Menu"}),
            rx.el.div(
                rx.el.nav(
                    rx.el.ul(
                        _bell(),
                        rx.foreach(Shell.navigation, _navigation_item),
                        _settings(),
                        class_name="navigation",
                    ),
                    custom_attrs={"aria-label": "Main"},
                ),
                _person_menu(),
                class_name="drawer",
            ),
            class_name="menu drawer-menu",
        ),
        _brand(),
        rx.el.button(
            icon("search"),
            type="button",
            class_name="icon-button",
            custom_attrs={"data-opens-search": "", "aria-label": "Search"},
        ),
        class_name="small-bar",
    )


def _mode_banner() -> rx.Component:
    """On every page, for as long as somebody looks as another, or the glass is broken."""
    mode = Shell.mode
    return rx.cond(
        mode["text"] != "",
        rx.el.div(
            icon(rx.cond(mode["kind"] == "look_as", "eye", "triangle-alert")),
            rx.el.span(mode["text"]),
            rx.el.button("Stop", type="button", on_click=Shell.stop_mode, class_name="button"),
            class_name="mode-banner",
            role="status",
            custom_attrs={"data-kind": mode["kind"]},
        ),
    )


def framed(content: Callable[[], rx.Component]) -> rx.Component:
    """A page inside the frame."""
    return rx.el.div(
        PageTitle.create(text=Shell.title),
        Behaviours.create(),
        published_watch(),
        rx.el.a("Skip to content", href="#content", class_name="skip"),
        rx.el.div(
            class_name="progress",
            custom_attrs={"data-busy": rx.cond(rx.State.is_hydrated, "false", "true"), "aria-hidden": "true"},
        ),
        _sidebar(),
        _small_bar(),
        rx.el.main(
            _mode_banner(),
            rx.cond(Shell.problem != "", refusal_part(), content()),
            id="content",
            class_name="content",
            custom_attrs={"tabIndex": "-1"},
        ),
        Notices.create(notice=Shell.notice, focus=Shell.focus),
        Palette.create(places=Shell.navigation, found=Shell.found, found_for=Shell.found_for, on_search=Shell.search),
        class_name="frame",
    )


def page(content: Callable[[], rx.Component]) -> Callable[[], Any]:
    """For `add_page`, which wants a function without arguments."""
    return lambda: framed(content)
