"""Looking as somebody else, and breaking the glass: what an administrator does seldom, and never in secret."""

from collections.abc import Callable
from typing import Any, NamedTuple, TypedDict

import reflex as rx

from crm_app.fields.own_objects import USER_OBJECT
from crm_app.kernel.errors import TrellisError, Unauthenticated
from crm_app.kernel.ids import parse_id
from crm_app.kernel.times import moment_text
from crm_app.services import modes
from crm_app.services.own_second_factor import standing
from crm_app.services.unit_of_work import UnitOfWork
from crm_app.ui.address import HOME
from crm_app.ui.door import DOOR, enter, secret_of
from crm_app.ui.elements import icon, skeleton
from crm_app.ui.inputs import error_part
from crm_app.ui.records.suggestions import Suggestion, named_so
from crm_app.ui.refusals import attempt, sentence
from crm_app.ui.settings_head import settings_head
from crm_app.ui.shell_state import complaint, focus, notice, set_title, visit
from crm_app.ui.widgets import Combobox

_MAX_DIGITS = 3
_MAX_CODE = 40


class ModeLine(TypedDict):
    key: str
    text: str
    note: str


class SpecialData(NamedTuple):
    lines: list[ModeLine]
    needs_code: bool


def special_data(work: UnitOfWork) -> SpecialData:
    zone = work.who.time_zone
    lines = [
        ModeLine(
            key=str(mode.session),
            text=f"{mode.person} looks as {mode.target}" if mode.target else f"{mode.person} has broken the glass",
            note=f"Since {moment_text(mode.since, zone)}, until {moment_text(mode.until, zone)}. {mode.reason}",
        )
        for mode in modes.current_modes(work)
    ]
    return SpecialData(lines, standing(work).is_on)


def _minutes(form: dict[str, Any]) -> int:
    text = str(form.get("minutes", ""))
    return int(text) if text.isascii() and text.isdigit() and len(text) <= _MAX_DIGITS else 0


class SpecialAccessPage(rx.State):
    lines: rx.Field[list[ModeLine]] = rx.field(default_factory=list)
    suggestions: rx.Field[list[Suggestion]] = rx.field(default_factory=list)
    errors: rx.Field[dict[str, str]] = rx.field(default_factory=dict)
    needs_code: bool = False
    is_loaded: bool = False
    turn: int = 0

    @rx.event
    async def open(self) -> None:
        data = await visit(self, special_data)
        if data is not None:
            self.lines, self.needs_code, self.errors, self.is_loaded = data.lines, data.needs_code, {}, True
            self.turn += 1
            await set_title(self, "Special access")

    @rx.event
    async def suggest(self, text: str) -> None:
        self.suggestions = await enter(self, lambda work: named_so(work, USER_OBJECT, str(text)))

    @rx.event
    async def look(self, form: dict[str, Any]) -> Any:
        user = parse_id(str(form.get("user", "")))
        if user is None:
            self.errors = {"look-user": "Choose the person whom you want to look as."}
            return focus("special-look-user")
        reason, minutes = str(form.get("reason", "")), _minutes(form)
        return await self._done(
            "look", lambda: enter(self, lambda work: modes.look_as(work, user, reason, minutes)), rx.redirect(HOME)
        )

    @rx.event
    async def break_in(self, form: dict[str, Any]) -> Any:
        secret, password, reason = secret_of(self), str(form.get("password", "")), str(form.get("reason", ""))
        minutes, code = _minutes(form), str(form.get("code", ""))[:_MAX_CODE]

        def broken() -> None:
            modes.break_glass(DOOR.workspace(), secret, password, reason, minutes, code)

        return await self._done("glass", lambda: rx.run_in_thread(broken), rx.redirect(HOME))

    @rx.event
    async def end(self, session: str) -> Any:
        identifier = parse_id(str(session))

        def ended(work: UnitOfWork) -> SpecialData:
            if identifier is not None:
                modes.end_mode(work, identifier)
            return special_data(work)

        data, refusal = await attempt(self, ended)
        if data is None:
            return refusal
        self.lines = data.lines
        return notice("Ended.")

    async def _done(self, part: str, act: Callable[[], Any], answer: Any) -> Any:
        """A mistake is told at its input; what was typed stays."""
        try:
            await act()
        except Unauthenticated:
            raise
        except TrellisError as refusal:
            self.errors = {f"{part}-{problem.path}": problem.message for problem in refusal.problems}
            return None if self.errors else complaint(sentence(refusal))
        self.errors = {}
        return answer


def _field(part: str, name: str, label: str, control: rx.Component) -> rx.Component:
    key = f"{part}-{name}"
    return rx.el.div(
        rx.el.label(label, html_for=f"special-{key}"),
        control,
        error_part(SpecialAccessPage.errors, key, f"special-{key}"),
        class_name="field",
    )


def _input(part: str, name: str, label: str, **props: Any) -> rx.Component:
    key = f"{part}-{name}"
    attributes = {"aria-describedby": f"special-{key}-error", **props.pop("attributes", {})}
    control = rx.el.input(id=f"special-{key}", name=name, class_name="input", custom_attrs=attributes, **props)
    return _field(part, name, label, control)


def _look() -> rx.Component:
    person = Combobox.create(
        name="user",
        input_id="special-look-user",
        suggestions=SpecialAccessPage.suggestions,
        on_search=SpecialAccessPage.suggest,
    )
    return rx.el.section(
        rx.el.h2("Look as somebody else"),
        rx.el.p(
            "You see the pages as that person does, as far as you may see the records yourself, and can change "
            "nothing. The audit keeps both names.",
            class_name="quiet",
        ),
        rx.el.form(
            _field("look", "user", "Person", person),
            _input("look", "reason", "Reason", max_length=500, placeholder="Optional"),
            _input("look", "minutes", "Minutes", default_value="30", input_mode="numeric", max_length=3),
            rx.el.button(icon("eye"), "Look", type="submit", class_name="button primary"),
            on_submit=SpecialAccessPage.look,
            key=f"look-{SpecialAccessPage.turn}",
            class_name="special-form",
        ),
        class_name="panel",
    )


def _glass() -> rx.Component:
    return rx.el.section(
        rx.el.h2("Break the glass"),
        rx.el.p(
            "For an emergency: every record and every field is open to this session, to read and to change. "
            "The audit marks each change with your reason, and other administrators see it here.",
            class_name="quiet",
        ),
        rx.el.form(
            _input("glass", "reason", "Reason", max_length=500, required=True),
            _input(
                "glass",
                "password",
                "Your password",
                required=True,
                attributes={"type": "password", "autoComplete": "current-password"},
            ),
            rx.cond(
                SpecialAccessPage.needs_code,
                _input(
                    "glass",
                    "code",
                    "Code of your second factor",
                    required=True,
                    attributes={"autoComplete": "one-time-code", "autoCapitalize": "none", "spellCheck": "false"},
                ),
            ),
            _input("glass", "minutes", "Minutes", default_value="15", input_mode="numeric", max_length=3),
            rx.el.button(icon("triangle-alert"), "Break the glass", type="submit", class_name="button solid-danger"),
            on_submit=SpecialAccessPage.break_in,
            key=f"glass-{SpecialAccessPage.turn}",
            class_name="special-form",
        ),
        class_name="panel",
    )


def _line(line: Any) -> rx.Component:
    return rx.el.li(
        rx.el.div(rx.el.strong(line["text"]), rx.el.p(line["note"], class_name="quiet")),
        rx.el.button("End", type="button", on_click=SpecialAccessPage.end(line["key"]), class_name="button"),
        class_name="special-line",
        key=line["key"],
    )


def special_access_page() -> rx.Component:
    page = SpecialAccessPage
    return rx.el.div(
        settings_head("Special access"),
        rx.cond(
            page.is_loaded,
            rx.el.div(
                rx.el.div(_look(), _glass(), class_name="special-columns"),
                rx.el.section(
                    rx.el.h2("Right now"),
                    rx.cond(
                        page.lines.length() > 0,  # pyright: ignore[reportAttributeAccessIssue]
                        rx.el.ul(rx.foreach(page.lines, _line)),
                        rx.el.p("Nobody looks as somebody else, and no glass is broken.", class_name="quiet"),
                    ),
                ),
                class_name="index-page",
            ),
            skeleton(8),
        ),
        class_name="page",
    )
