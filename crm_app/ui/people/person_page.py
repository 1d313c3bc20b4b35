"""One person as an administrator sees them: roles, teams, how they log in, and what happens to their records."""

import reflex as rx

from crm_app.ui.address import USERS
from crm_app.ui.elements import icon, link, skeleton
from crm_app.ui.people.person_state import PersonPage
from crm_app.ui.people.picking_inputs import one_of, shown_link, some_of, text_input
from crm_app.ui.people.sessions_part import sessions_part
from crm_app.ui.settings_head import settings_head
from crm_app.ui.widgets import CopyText


def _head() -> rx.Component:
    return rx.el.div(
        link(icon("arrow-left"), rx.el.span("All users"), to=USERS, class_name="quiet-link"),
        rx.el.div(
            rx.el.h2(PersonPage.name),
            rx.el.span(PersonPage.state, class_name=PersonPage.css),
            class_name="person-title",
        ),
        rx.el.p(PersonPage.email, class_name="quiet"),
        class_name="person-head",
    )


def _facts() -> rx.Component:
    return rx.el.form(
        text_input("name", "Name", PersonPage.name),
        one_of(PersonPage.manager, "Nobody"),
        some_of(PersonPage.roles),
        some_of(PersonPage.teams),
        rx.el.div(rx.el.button("Save", type="submit", class_name="button primary")),
        on_submit=PersonPage.save,
        key=PersonPage.version,
        class_name="account-form",
        custom_attrs={"noValidate": True, "aria-label": "Person"},
    )


def _logging_in() -> rx.Component:
    count = PersonPage.sessions.length()  # pyright: ignore[reportAttributeAccessIssue]
    return rx.el.section(
        rx.el.h2("Logging in"),
        shown_link(
            PersonPage.link,
            "Send them this link; it is shown only now and good once. Earlier links don't work any more.",
            CopyText.create(text=PersonPage.link, label="Link"),
        ),
        rx.el.div(
            rx.el.button(
                icon("key-round"),
                rx.cond(PersonPage.seen != "", "Make a password link", "Make a link"),
                type="button",
                class_name="button",
                on_click=PersonPage.make_link,
            ),
            rx.cond(
                PersonPage.has_factor,
                rx.el.button(
                    "Reset second factor", type="button", class_name="button", on_click=PersonPage.reset_factor
                ),
            ),
            rx.cond(
                PersonPage.is_connected,
                rx.el.button(
                    "Disconnect sign-in service", type="button", class_name="button", on_click=PersonPage.disconnect
                ),
            ),
            rx.cond(
                count > 0,
                rx.el.button("End all sessions", type="button", class_name="button", on_click=PersonPage.end_all),
            ),
            class_name="account-actions",
        ),
        rx.cond(
            count > 0,
            sessions_part(PersonPage.sessions, PersonPage.end),
            rx.el.p("Not logged in anywhere.", class_name="quiet"),
        ),
        class_name="account-part",
    )


def _records() -> rx.Component:
    return rx.el.section(
        rx.el.h2("What is theirs"),
        rx.cond(
            PersonPage.holdings != "",
            rx.el.form(
                rx.el.p(PersonPage.holdings),
                one_of(PersonPage.heirs, "Choose…"),
                rx.el.div(rx.el.button("Hand over", type="submit", class_name="button")),
                on_submit=PersonPage.hand_over,
                class_name="account-form",
                custom_attrs={"aria-label": "Hand over"},
            ),
            rx.el.p("No records, no questions, nobody to manage.", class_name="quiet"),
        ),
        class_name="account-part",
    )


def _deactivating() -> rx.Component:
    """Offers to hand over what is theirs in the same go."""
    offer = rx.el.div(
        rx.el.p(f"Theirs: {PersonPage.holdings}."),
        one_of(PersonPage.leaving, "Nobody: it stays"),
        class_name="account-part",
    )
    return rx.el.form(
        rx.el.p("Deactivating ends all sessions and keys at once.", class_name="quiet"),
        rx.cond(PersonPage.holdings != "", offer),
        rx.el.div(rx.el.button("Deactivate", type="submit", class_name="button danger")),
        on_submit=PersonPage.deactivate,
        class_name="account-form",
        custom_attrs={"aria-label": "Deactivate"},
    )


def _leaving() -> rx.Component:
    return rx.el.section(
        rx.el.h2("Access"),
        rx.cond(
            PersonPage.is_active,
            _deactivating(),
            rx.fragment(
                rx.el.p("The account is deactivated. Password, roles and teams are kept.", class_name="quiet"),
                rx.el.div(
                    rx.el.button("Activate again", type="button", class_name="button", on_click=PersonPage.activate)
                ),
            ),
        ),
        class_name="account-part",
    )


def person_page() -> rx.Component:
    return rx.el.div(
        settings_head("Users"),
        rx.cond(
            PersonPage.is_loaded,
            rx.el.div(
                _head(),
                rx.el.section(rx.el.h2("Place"), _facts(), class_name="account-part"),
                rx.cond(PersonPage.is_active, _logging_in(), rx.fragment()),
                _records(),
                rx.cond(PersonPage.is_oneself, rx.fragment(), _leaving()),
                class_name="account",
            ),
            skeleton(8),
        ),
        class_name="page",
    )
