"""Where an invitation or a reset link leads: choosing a password."""

from typing import Any

import reflex as rx

from crm_app.kernel.errors import TrellisError
from crm_app.services.account_links import INVITE, look_up
from crm_app.services.passwords import SENTENCES
from crm_app.ui.address import LOGIN
from crm_app.ui.door import DOOR
from crm_app.ui.elements import button_link, native_form
from crm_app.ui.login_card import login_card
from crm_app.ui.people.widgets import password_field
from crm_app.ui.sign_in_http import WELCOME_ROUTE


class WelcomePage(rx.State):
    """Open to everybody: what it shows is for whoever holds the link."""

    token: str = ""
    greeting: str = ""
    email: str = ""
    minimum: int = 0
    over: str = ""
    refusal: str = ""
    is_loaded: bool = False

    @rx.event
    async def open(self) -> None:
        asked = self.router.url.query_parameters
        token, code = str(asked.get("token", ""))[:100], asked.get("refused", "")
        self.token, self.over = token, ""
        try:
            found = await rx.run_in_thread(lambda: look_up(DOOR.workspace(), token))
        except TrellisError as refusal:
            self.over = refusal.message
        else:
            self.greeting = f"Welcome, {found.name}" if found.purpose == INVITE else "Choose a new password"
            self.email, self.minimum = found.email, found.minimum
            text = SENTENCES.get(code, "That did not work. Please try again.")
            self.refusal = text.format(minimum=found.minimum) if code else ""
        self.is_loaded = True


def _form() -> rx.Component:
    help_text: Any = f"At least {WelcomePage.minimum} characters; a few words in a row are easy to remember."
    return rx.fragment(
        rx.el.h1(WelcomePage.greeting),
        rx.cond(WelcomePage.refusal != "", rx.el.p(WelcomePage.refusal, class_name="refusal", role="alert")),
        native_form(
            rx.el.p("Choose a password for ", rx.el.strong(WelcomePage.email), "."),
            rx.el.input(
                type="hidden", name="username", value=WelcomePage.email, auto_complete="username", read_only=True
            ),
            rx.el.input(type="hidden", name="token", value=WelcomePage.token, read_only=True),
            password_field("Password", "password", "new-password", help_text, is_first=True),
            rx.el.button("Save and log in", type="submit", class_name="button primary wide"),
            action=WELCOME_ROUTE,
            class_name="login-form",
        ),
    )


def _over() -> rx.Component:
    return rx.fragment(
        rx.el.h1("This link is over"),
        rx.el.p(WelcomePage.over),
        button_link("To the log-in", LOGIN, "log-in"),
    )


def welcome_page() -> rx.Component:
    return login_card(
        "Choose a password",
        rx.cond(WelcomePage.is_loaded, rx.cond(WelcomePage.over != "", _over(), _form()), rx.fragment()),
    )
