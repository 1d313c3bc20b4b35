import reflex as rx

from crm_app.ui.address import safe_path
from crm_app.ui.door import secret_of, user_id_of
from crm_app.ui.elements import icon, native_form
from crm_app.ui.login_routes import LOGIN_ROUTE
from crm_app.ui.widgets import PageTitle

_TEXTS = {"too_many_attempts": "Too many attempts. Please wait a few minutes and try again."}
_REFUSED = "That email and password don't belong together. Please try again."


class LoginPage(rx.State):
    """Open to everybody: it knows nothing but where to go next, and that the last attempt was refused."""

    next_path: str = "/"
    refusal: str = ""

    @rx.event
    async def open(self) -> rx.event.EventSpec | None:
        asked = self.router.url.query_parameters
        self.next_path = safe_path(asked.get("next", "/"))
        code = asked.get("refused", "")
        self.refusal = _TEXTS.get(code, _REFUSED) if code else ""
        return rx.redirect(self.next_path) if await user_id_of(secret_of(self)) else None


def _input(label: str, name: str, kind: str, complete: str, *, is_first: bool = False) -> rx.Component:
    return rx.el.div(
        rx.el.label(label, html_for=name),
        rx.el.input(
            id=name,
            name=name,
            required=True,
            auto_complete=complete,
            auto_focus=is_first,
            class_name="input",
            custom_attrs={"type": kind},
        ),
        class_name="field",
    )


def login_page() -> rx.Component:
    return rx.el.main(
        PageTitle.create(text="Log in"),
        rx.el.div(
            rx.el.div(rx.el.span(icon("network"), class_name="brand-mark"), rx.el.span("Trellis"), class_name="brand"),
            rx.el.h1("Log in"),
            rx.cond(LoginPage.refusal != "", rx.el.p(LoginPage.refusal, class_name="refusal", role="alert")),
            native_form(
                _input("Email", "email", "email", "username", is_first=True),
                _input("Password", "password", "password", "current-password"),
                rx.el.input(type="hidden", name="next", value=LoginPage.next_path, read_only=True),
                rx.el.button("Log in", type="submit", class_name="button primary wide"),
                action=LOGIN_ROUTE,
                class_name="login-form",
            ),
            class_name="login-card",
        ),
        class_name="login",
    )
