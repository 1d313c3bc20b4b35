"""Where whoever started Trellis makes the first account."""

import reflex as rx

from crm_app.services.first_run import is_first_run
from crm_app.services.passwords import ONLY_FACTOR, SENTENCES
from crm_app.ui.address import LOGIN
from crm_app.ui.door import DOOR
from crm_app.ui.elements import button_link, native_form
from crm_app.ui.login_card import login_card, said
from crm_app.ui.people.widgets import password_field
from crm_app.ui.sign_in_http import FIRST_ROUTE

_REFUSED = "That did not work. Please try again."
_SENTENCES = {
    "name": "A name has 1 to 100 printable characters.",
    "email": "That is no email address.",
    "link_is_over": "That link is not right, is used already, or is older than a day. Start ./trellis up again.",
}


class FirstPage(rx.State):
    """Open to everybody: it shows what the address holds, and whether the first account is still to be made."""

    texts: rx.Field[dict[str, str]] = rx.field(default_factory=dict)
    is_waiting: bool = False
    is_loaded: bool = False
    refusal: str = ""

    @rx.event
    async def open(self) -> None:
        asked = self.router.url.query_parameters
        self.texts = {name: str(asked.get(name, ""))[:300] for name in ("token", "name", "email")}
        code = str(asked.get("refused", ""))
        text = SENTENCES.get(code) or _SENTENCES.get(code) or said(code, str(asked.get("wait", "")), _REFUSED)
        self.refusal = text.format(minimum=ONLY_FACTOR) if code else ""
        self.is_waiting = await rx.run_in_thread(lambda: is_first_run(DOOR.workspace()))
        self.is_loaded = True


def _field(label: str, name: str, kind: str, complete: str, *, is_first: bool = False) -> rx.Component:
    return rx.el.div(
        rx.el.label(label, html_for=f"first-{name}"),
        rx.el.input(
            id=f"first-{name}",
            name=name,
            required=True,
            default_value=FirstPage.texts[name],
            auto_complete=complete,
            auto_focus=is_first,
            class_name="input",
            custom_attrs={"type": kind},
        ),
        class_name="field",
    )


def _token() -> rx.Component:
    """The link brings it; who came without is told where it is."""
    told = rx.el.p(
        "It is the end of the link that ./trellis up printed, after token=, and stands in first-account.txt in its "
        "data directory.",
        class_name="quiet field-help",
    )
    field = _field("Code of the first account", "token", "text", "off")
    hidden = rx.el.input(type="hidden", name="token", value=FirstPage.texts["token"], read_only=True)
    return rx.cond(FirstPage.texts["token"] != "", hidden, rx.el.div(field, told))


def _form() -> rx.Component:
    rules = (
        f"At least {ONLY_FACTOR} characters; a few words in a row are easy to remember. No digits or signs are asked "
        "for. What many people use is refused."
    )
    return rx.fragment(
        rx.el.div(
            rx.el.h1("Make the first account"),
            rx.el.p("It administers this workspace: it invites everybody else.", class_name="quiet"),
        ),
        rx.cond(FirstPage.refusal != "", rx.el.p(FirstPage.refusal, class_name="refusal", role="alert")),
        native_form(
            _token(),
            _field("Your name", "name", "text", "name", is_first=True),
            _field("Email", "email", "email", "username"),
            password_field("Password", "password", "new-password", rules),
            rx.el.button("Make it and log in", type="submit", class_name="button primary wide"),
            action=FIRST_ROUTE,
            class_name="login-form",
        ),
    )


def _over() -> rx.Component:
    return rx.fragment(
        rx.el.h1("The first account is there"),
        rx.el.p("Log in, or ask whoever made it to invite you."),
        button_link("To the log-in", LOGIN, "log-in"),
    )


def first_page() -> rx.Component:
    return login_card(
        "First account",
        rx.cond(FirstPage.is_loaded, rx.cond(FirstPage.is_waiting, _form(), _over()), rx.fragment()),
    )
