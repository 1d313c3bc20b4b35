from urllib.parse import urlencode

import reflex as rx

from crm_app.services.first_run import is_first_run
from crm_app.services.oidc_settings import provider
from crm_app.services.second_step import waiting_for
from crm_app.ui.address import FIRST, safe_path
from crm_app.ui.door import DOOR, secret_of, user_id_of
from crm_app.ui.elements import native_form, plain_link
from crm_app.ui.login_card import login_card, said
from crm_app.ui.people.widgets import password_field
from crm_app.ui.sign_in_http import LOGIN_ROUTE, NEXT_STEPS, OIDC_ROUTE

_REFUSED = "That email and password don't belong together. Please try again."
_OTHER_WAY = {
    "no_account_here": "That account can't be used here. Ask an administrator, or log in with your password.",
    "sign_in_refused": "The other service could not sign you in. Please try again.",
    "egress_failed": "The other service can't be reached now. Please try again later.",
    "egress_refused": "The other service may not be reached from here. Ask an administrator.",
}


class LoginPage(rx.State):
    """Open to everybody: it knows nothing but where to go next, and that the last attempt was refused."""

    next_path: str = "/"
    refusal: str = ""
    other_way: str = ""

    @rx.event
    async def open(self) -> rx.event.EventSpec | None:
        asked = self.router.url.query_parameters
        self.next_path = safe_path(asked.get("next", "/"))
        code = str(asked.get("refused", ""))
        is_first, self.other_way = await rx.run_in_thread(_ways)
        if is_first:
            return rx.redirect(FIRST)
        self.refusal = _OTHER_WAY.get(code) or said(code, asked.get("wait", ""), _REFUSED)
        secret = secret_of(self)
        if await user_id_of(secret):
            return rx.redirect(self.next_path)
        step = NEXT_STEPS.get(await rx.run_in_thread(lambda: waiting_for(DOOR.workspace(), secret)))
        return rx.redirect(f"{step}?{urlencode({'next': self.next_path})}") if step else None


def _ways() -> tuple[bool, str]:
    """Whether there is nobody yet who could log in, and the name of another sign-in service."""
    with DOOR.workspace().owned() as connection:
        found = provider(connection)
    return is_first_run(DOOR.workspace()), found.label if found else ""


def login_page() -> rx.Component:
    return login_card(
        "Log in",
        rx.el.h1("Log in"),
        rx.cond(LoginPage.refusal != "", rx.el.p(LoginPage.refusal, class_name="refusal", role="alert")),
        native_form(
            rx.el.div(
                rx.el.label("Email", html_for="email"),
                rx.el.input(
                    id="email",
                    name="email",
                    required=True,
                    auto_complete="username",
                    auto_focus=True,
                    class_name="input",
                    custom_attrs={"type": "email"},
                ),
                class_name="field",
            ),
            password_field("Password", "password", "current-password"),
            rx.el.input(type="hidden", name="next", value=LoginPage.next_path, read_only=True),
            rx.el.button("Log in", type="submit", class_name="button primary wide"),
            action=LOGIN_ROUTE,
            class_name="login-form",
        ),
        rx.cond(
            LoginPage.other_way != "",
            plain_link(
                f"Log in with {LoginPage.other_way}",
                href=f"{OIDC_ROUTE}?next={LoginPage.next_path}",
                class_name="button wide",
            ),
        ),
    )
