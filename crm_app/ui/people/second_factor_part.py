"""One's own second factor: set up by scanning, its recovery codes, and taking it away."""

from collections.abc import Callable
from typing import Any

import reflex as rx

from crm_app.kernel.actor import SessionActor
from crm_app.kernel.errors import TrellisError, Unauthenticated
from crm_app.services import own_second_factor
from crm_app.services.own_second_factor import Standing
from crm_app.services.sessions import session_actor
from crm_app.services.workspace import Workspace
from crm_app.ui.door import DOOR, enter, secret_of
from crm_app.ui.elements import folded
from crm_app.ui.refusals import attempt, sentence
from crm_app.ui.shell_state import complaint, focus, notice
from crm_app.ui.widgets import CopyText

_MAX_CODE = 100


class SecondFactor(rx.State):
    is_on: bool = False
    is_required: bool = False
    codes_left: int = 0
    seed: str = ""
    picture: str = ""
    codes: rx.Field[list[str]] = rx.field(default_factory=list)
    turn: int = 0

    @rx.event
    async def begin(self) -> Any:
        found, said = await attempt(self, own_second_factor.begin)
        if found is None:
            return said
        self.seed, self.picture, self.codes = found.seed, found.picture, []
        return focus("code-input")

    @rx.event
    async def confirm(self, form: dict[str, Any]) -> Any:
        return await self._by_code(form, own_second_factor.confirm)

    @rx.event
    async def renew(self, form: dict[str, Any]) -> Any:
        return await self._by_code(form, own_second_factor.renew_codes)

    @rx.event
    async def take_away(self, form: dict[str, Any]) -> Any:
        said = await self._by_code(form, lambda *args: own_second_factor.take_away(*args) or ())
        return said or (notice("The second factor is gone.") if not self.is_on else None)

    async def _by_code(self, form: dict[str, Any], step: Callable[[Workspace, SessionActor, str], Any]) -> Any:
        actor, code = session_actor(secret_of(self)), str(form.get("code", ""))[:_MAX_CODE]
        try:
            codes = await rx.run_in_thread(lambda: step(DOOR.workspace(), actor, code))
        except Unauthenticated:
            raise
        except TrellisError as refusal:
            return complaint(sentence(refusal))
        self._show(await enter(self, own_second_factor.standing))
        self.seed, self.picture, self.codes, self.turn = "", "", list(codes), self.turn + 1
        return None

    def _show(self, found: Standing) -> None:
        self.is_on, self.is_required, self.codes_left = found.is_on, found.is_required, found.codes_left

    def _start(self, found: Standing) -> None:
        self._show(found)
        self.seed, self.picture, self.codes = "", "", []


def code_field(input_id: str = "code-input", *, is_first: bool = False) -> rx.Component:
    attributes = {"inputMode": "text", "autoCapitalize": "none", "spellCheck": "false"}
    return rx.el.div(
        rx.el.label("Code", html_for=input_id),
        rx.el.input(
            id=input_id,
            name="code",
            required=True,
            auto_complete="one-time-code",
            auto_focus=is_first,
            max_length=_MAX_CODE,
            class_name="input",
            custom_attrs=attributes,
        ),
        class_name="field",
    )


def scan_part(picture: Any, seed: Any) -> rx.Component:
    return rx.el.div(
        rx.el.img(src=picture, alt="QR code for your authenticator app", class_name="scan"),
        rx.el.p("Scan this with your authenticator app, or type the key:", class_name="quiet"),
        CopyText.create(text=seed, label="Key"),
        class_name="scan-part",
    )


def _codes() -> rx.Component:
    return rx.el.div(
        rx.el.p("Keep these recovery codes. Each is good once, and they are shown only now."),
        rx.el.ul(
            rx.foreach(SecondFactor.codes, lambda code: rx.el.li(rx.el.code(code), key=code)),
            class_name="recovery-codes",
            custom_attrs={"aria-label": "Recovery codes"},
        ),
        class_name="said shown-link",
        role="status",
    )


def _form(button: str, handler: Any, *more: rx.Component, look: str = "primary") -> rx.Component:
    return rx.el.form(
        *more,
        code_field(),
        rx.el.div(rx.el.button(button, type="submit", class_name=f"button {look}".strip())),
        on_submit=handler,
        key=f"{button}{SecondFactor.turn}",
        class_name="account-form",
    )


def _on() -> rx.Component:
    codes = "recovery codes left. They stand in for the app when your phone is not at hand."
    return rx.fragment(
        rx.el.p(
            rx.el.span("On", class_name="badge badge-green"), f" {SecondFactor.codes_left} {codes}", class_name="quiet"
        ),
        rx.cond(
            SecondFactor.codes_left > 0,
            folded("Make new recovery codes", _form("Make new codes", SecondFactor.renew, look="")),
            rx.fragment(
                rx.el.p("Make some now: without them a lost phone keeps you out."),
                _form("Make recovery codes", SecondFactor.renew),
            ),
        ),
        rx.cond(
            SecondFactor.is_required,
            rx.el.p("Your role asks for it.", class_name="quiet"),
            folded(
                "Take the second factor away",
                _form("Take it away", SecondFactor.take_away, look="danger"),
            ),
        ),
    )


def _off() -> rx.Component:
    return rx.cond(
        SecondFactor.picture != "",
        _form("Turn on", SecondFactor.confirm, scan_part(SecondFactor.picture, SecondFactor.seed)),
        rx.fragment(
            rx.el.p("A code from an authenticator app, asked for after the password.", class_name="quiet"),
            rx.el.div(rx.el.button("Set up", type="button", class_name="button", on_click=SecondFactor.begin)),
        ),
    )


def second_factor_part() -> rx.Component:
    return rx.el.section(
        rx.el.h2("Second factor"),
        rx.cond(SecondFactor.codes.length() > 0, _codes(), rx.fragment()),  # pyright: ignore[reportAttributeAccessIssue]
        rx.cond(SecondFactor.is_on, _on(), _off()),
        class_name="account-part",
    )
