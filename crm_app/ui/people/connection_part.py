"""Connecting one's own account with the other sign-in service, so that one logs in with it."""

from typing import Any

import reflex as rx

from crm_app.services.oidc_connection import Connected, connection_of, disconnect
from crm_app.services.unit_of_work import UnitOfWork
from crm_app.ui.elements import folded, native_form
from crm_app.ui.people.second_factor_part import code_field
from crm_app.ui.people.widgets import password_field
from crm_app.ui.refusals import attempt
from crm_app.ui.shell_state import notice
from crm_app.ui.sign_in_http import OIDC_CONNECT_ROUTE

_SAID = {
    "password": "That is not your password. Nothing was connected.",
    "code": "That code is not right, or was used already. Nothing was connected.",
    "too_many_attempts": "Too many attempts. Please wait a while and try again.",
    "belongs_to_another": "That account of the sign-in service is connected with somebody else's here.",
    "egress_failed": "The sign-in service can't be reached now. Please try again later.",
}


class SignInConnection(rx.State):
    service: str = ""
    as_email: str = ""
    needs_code: bool = False
    refusal: str = ""
    has_connected: bool = False

    @rx.event
    async def disconnect(self) -> Any:
        def taken(work: UnitOfWork) -> Connected:
            disconnect(work)
            return connection_of(work)

        found, said = await attempt(self, taken)
        if found is None:
            return said
        self._start(found, "", has_connected=False)
        return notice("Disconnected. Your password counts.")

    def _start(self, found: Connected, refused: str, *, has_connected: bool) -> None:
        self.service, self.as_email, self.needs_code = found.service, found.as_email, found.needs_code
        self.refusal = _SAID.get(refused, "Nothing was connected. Please try again.") if refused else ""
        self.has_connected = has_connected


def _connect() -> rx.Component:
    form = native_form(
        password_field("Your password", "password", "current-password"),
        rx.cond(SignInConnection.needs_code, code_field("connection-code")),
        rx.el.div(rx.el.button(f"Go to {SignInConnection.service}", type="submit", class_name="button primary")),
        action=OIDC_CONNECT_ROUTE,
        class_name="account-form",
    )
    return folded(f"Connect with {SignInConnection.service}", form)


def _connected() -> rx.Component:
    return rx.el.div(
        rx.el.p(
            rx.el.span("Connected", class_name="badge badge-green"),
            f" as {SignInConnection.as_email}. You log in there or with your password.",
            class_name="quiet",
        ),
        rx.el.div(rx.el.button("Disconnect", type="button", class_name="button", on_click=SignInConnection.disconnect)),
        class_name="account-part",
    )


def connection_part() -> rx.Component:
    """Only where an administrator has set such a service up."""
    page = SignInConnection
    part = rx.el.section(
        rx.el.h2(f"Log in with {page.service}"),
        rx.cond(page.refusal != "", rx.el.p(page.refusal, class_name="refusal", role="alert")),
        rx.cond(page.has_connected, rx.el.p("Your account is connected.", class_name="said", role="status")),
        rx.cond(page.as_email != "", _connected(), _connect()),
        class_name="account-part",
    )
    return rx.cond(page.service != "", part)
