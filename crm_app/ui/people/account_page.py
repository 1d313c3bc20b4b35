"""One's own account: the password, and the devices that are logged in."""

from dataclasses import dataclass
from typing import Any

import reflex as rx

from crm_app.kernel.ids import parse_id
from crm_app.services.oidc_connection import Connected, connection_of
from crm_app.services.own_second_factor import Standing, standing
from crm_app.services.passwords import SENTENCES, minimum_length
from crm_app.services.second_factors import has_second_factor
from crm_app.services.sessions import end_session, end_sessions
from crm_app.services.unit_of_work import UnitOfWork
from crm_app.ui.elements import icon, native_form, skeleton
from crm_app.ui.people.connection_part import SignInConnection, connection_part
from crm_app.ui.people.second_factor_part import SecondFactor, second_factor_part
from crm_app.ui.people.sessions_data import SessionLine, session_lines
from crm_app.ui.people.sessions_part import sessions_part
from crm_app.ui.people.widgets import password_field
from crm_app.ui.refusals import attempt
from crm_app.ui.shell_state import Shell, notice, set_title, visit
from crm_app.ui.sign_in_http import PASSWORD_ROUTE

_SAID = {
    **SENTENCES,
    "wrong": "That is not the password you have now.",
    "too_many_attempts": "Too many attempts. Please wait a while and try again.",
}
_HEADING = "account-heading"


@dataclass(frozen=True)
class AccountData:
    sessions: list[SessionLine]
    minimum: int
    factor: Standing
    connection: Connected


def account_data(work: UnitOfWork) -> AccountData:
    user = work.who.user_id
    is_longer = user is not None and has_second_factor(work.connection, user)
    return AccountData(
        session_lines(work), minimum_length(has_second_factor=is_longer), standing(work), connection_of(work)
    )


class AccountPage(rx.State):
    sessions: rx.Field[list[SessionLine]] = rx.field(default_factory=list)
    minimum: int = 0
    refusal: str = ""
    has_changed: bool = False
    is_loaded: bool = False

    @rx.event
    async def open(self) -> None:
        asked = self.router.url.query_parameters
        data = await visit(self, account_data)
        if data is None:
            return
        code = asked.get("refused", "")
        self.refusal = _SAID.get(code, "The password was not changed.").format(minimum=data.minimum) if code else ""
        self.has_changed = asked.get("done", "") == "password"
        factor = await self.get_state(SecondFactor)
        factor._start(data.factor)  # noqa: SLF001 - a part of this page
        connection = await self.get_state(SignInConnection)
        has_connected = asked.get("done", "") == "connected"
        connection._start(data.connection, asked.get("connecting", ""), has_connected=has_connected)  # noqa: SLF001
        self._show(data)
        await set_title(self, "Your account")

    @rx.event
    async def end(self, session: str) -> Any:
        wanted = parse_id(str(session))
        if wanted is None:
            return None
        return await self._after(lambda work: end_session(work, wanted), "The session has ended.")

    @rx.event
    async def end_others(self) -> Any:
        return await self._after(end_sessions, "All other sessions have ended.")

    async def _after(self, step: Any, said: str) -> Any:
        def taken(work: UnitOfWork) -> AccountData:
            step(work)
            return account_data(work)

        data, refusal = await attempt(self, taken)
        if data is None:
            return refusal
        self._show(data)
        return notice(said)

    def _show(self, data: AccountData) -> None:
        self.sessions, self.minimum, self.is_loaded = data.sessions, data.minimum, True


def _password() -> rx.Component:
    return rx.el.section(
        rx.el.h2("Password"),
        rx.cond(
            AccountPage.has_changed,
            rx.el.p("Your password was changed. All other sessions have ended.", class_name="said", role="status"),
        ),
        rx.cond(AccountPage.refusal != "", rx.el.p(AccountPage.refusal, class_name="refusal", role="alert")),
        native_form(
            rx.el.input(type="hidden", name="username", value=Shell.email, auto_complete="username", read_only=True),
            password_field("Present password", "current", "current-password"),
            password_field(
                "New password",
                "new",
                "new-password",
                f"At least {AccountPage.minimum} characters; a few words in a row are fine. All other sessions end.",
            ),
            rx.el.div(rx.el.button("Change password", type="submit", class_name="button primary")),
            action=PASSWORD_ROUTE,
            class_name="account-form",
        ),
        class_name="account-part",
    )


def _sessions() -> rx.Component:
    count = AccountPage.sessions.length()  # pyright: ignore[reportAttributeAccessIssue]
    return rx.el.section(
        rx.el.div(
            rx.el.h2("Where you are logged in"),
            rx.cond(
                count > 1,
                rx.el.button(
                    "End all others", type="button", class_name="button danger", on_click=AccountPage.end_others
                ),
            ),
            class_name="account-head",
        ),
        rx.el.p(
            "A session ends after two hours unused, and after twelve in all. One that you don't know: end it, "
            "and change your password.",
            class_name="quiet",
        ),
        sessions_part(AccountPage.sessions, AccountPage.end),
        class_name="account-part",
    )


def account_page() -> rx.Component:
    return rx.cond(
        AccountPage.is_loaded,
        rx.el.section(
            rx.el.header(
                rx.el.div(icon("circle-user"), rx.el.h1("Your account", id=_HEADING), class_name="page-title"),
                class_name="page-header",
            ),
            rx.el.div(_password(), second_factor_part(), connection_part(), _sessions(), class_name="account"),
            class_name="page",
        ),
        skeleton(8),
    )
