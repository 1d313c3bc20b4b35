"""Between the password and the door: a one-time code, or setting the second factor up that a role asks for."""

from typing import Any

import reflex as rx

from crm_app.kernel.errors import TrellisError
from crm_app.services.second_step import shown_set_up
from crm_app.ui.address import LOGIN, safe_path
from crm_app.ui.door import DOOR, secret_of
from crm_app.ui.elements import native_form
from crm_app.ui.login_card import login_card, said
from crm_app.ui.people.second_factor_part import code_field, scan_part
from crm_app.ui.sign_in_http import CODE_ROUTE, LOGOUT_ROUTE, SET_UP_ROUTE

_REFUSED = "That code is not right, or was used already. Please try the next one."


class CodePage(rx.State):
    """Open to everybody: it shows nothing. What is entered counts with the waiting session's cookie only."""

    next_path: str = "/"
    refusal: str = ""

    @rx.event
    def open(self) -> None:
        asked = self.router.url.query_parameters
        self.next_path = safe_path(asked.get("next", "/"))
        self.refusal = said(asked.get("refused", ""), asked.get("wait", ""), _REFUSED)


class SetUpPage(rx.State):
    """Open to whoever holds a session that waits for this; its seed is nobody else's."""

    seed: str = ""
    picture: str = ""
    refusal: str = ""

    @rx.event
    async def open(self) -> Any:
        asked, secret = self.router.url.query_parameters, secret_of(self)
        self.refusal = said(asked.get("refused", ""), asked.get("wait", ""), _REFUSED)
        try:
            found = await rx.run_in_thread(lambda: shown_set_up(DOOR.workspace(), secret))
        except TrellisError:
            self.seed, self.picture = "", ""
            return rx.redirect(LOGIN)
        self.seed, self.picture = found.seed, found.picture
        return None


def _refusal(text: Any) -> rx.Component:
    return rx.cond(text != "", rx.el.p(text, class_name="refusal", role="alert"))


def _back() -> rx.Component:
    return native_form(
        rx.el.button("Back to the log-in", type="submit", class_name="link-button quiet-link"), action=LOGOUT_ROUTE
    )


def code_page() -> rx.Component:
    return login_card(
        "One-time code",
        rx.el.h1("One-time code"),
        _refusal(CodePage.refusal),
        native_form(
            rx.el.p("Enter the code that your authenticator app shows, or one of your recovery codes."),
            code_field(is_first=True),
            rx.el.input(type="hidden", name="next", value=CodePage.next_path, read_only=True),
            rx.el.button("Log in", type="submit", class_name="button primary wide"),
            action=CODE_ROUTE,
            class_name="login-form",
        ),
        _back(),
    )


def set_up_page() -> rx.Component:
    return login_card(
        "Second factor",
        rx.el.h1("Set up a second factor"),
        _refusal(SetUpPage.refusal),
        native_form(
            rx.el.p("Your role asks for one: a code from an authenticator app at each log-in."),
            scan_part(SetUpPage.picture, SetUpPage.seed),
            code_field(),
            rx.el.button("Set up and log in", type="submit", class_name="button primary wide"),
            action=SET_UP_ROUTE,
            class_name="login-form",
        ),
        _back(),
    )
