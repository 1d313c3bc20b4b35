"""API keys: one's own, made and ended here; and, for an administrator, everybody's, to be ended."""

from collections.abc import Sequence
from typing import Any

import reflex as rx

from crm_app.kernel.errors import TrellisError, Unauthenticated
from crm_app.services.api_keys import KeyWish, NewKey, create_key, revoke_key
from crm_app.services.unit_of_work import UnitOfWork
from crm_app.ui.door import enter
from crm_app.ui.elements import empty_state, icon, skeleton
from crm_app.ui.inputs import Choice, error_part
from crm_app.ui.keys.keys_data import KeyLine, KeysData, keys_data
from crm_app.ui.refusals import attempt, sentence
from crm_app.ui.shell_state import complaint, focus, notice, set_title, visit
from crm_app.ui.widgets import Confirm

_LIVES = (("30", "30 days"), ("90", "90 days"), ("365", "A year"), ("", "Until it is revoked"))
_KINDS = (("", "All that I may do"), ("*:read", "Only read"), ("own", "Only what I list"))
_MAX_DIGITS = 4


def _wish(form: dict[str, Any], roles: Sequence[str]) -> KeyWish:
    """A key keeps all roles unless some are left out, and all actions unless scopes say which."""
    days = str(form.get("days", ""))
    chosen = [role for role in roles if form.get(f"role::{role}")]
    kind = str(form.get("kind", ""))
    listed = str(form.get("scopes", "")).replace(",", " ").split()
    return KeyWish(
        label=str(form.get("label", "")).strip(),
        days=int(days) if days.isascii() and days.isdigit() and len(days) <= _MAX_DIGITS else None,
        roles=None if len(chosen) == len(roles) else chosen,
        scopes=listed if kind == "own" else [kind] if kind == "*:read" else None,
    )


class KeysPage(rx.State):
    own: rx.Field[list[KeyLine]] = rx.field(default_factory=list)
    others: rx.Field[list[KeyLine]] = rx.field(default_factory=list)
    roles: rx.Field[list[Choice]] = rx.field(default_factory=list)
    errors: rx.Field[dict[str, str]] = rx.field(default_factory=dict)
    shown_key: str = ""
    is_loaded: bool = False
    turn: int = 0

    @rx.event
    async def open(self) -> None:
        self.shown_key = ""
        data = await visit(self, keys_data)
        if data:
            self._show(data)
            self.is_loaded = True
            await set_title(self, "API keys")

    @rx.event
    async def create(self, form: dict[str, Any]) -> Any:
        """The key is shown once, here, and kept nowhere."""

        def made(work: UnitOfWork) -> tuple[NewKey, KeysData]:
            return create_key(work, work.who.email, _wish(form, work.who.roles)), keys_data(work)

        try:
            new, data = await enter(self, made)
        except Unauthenticated:
            raise
        except TrellisError as refusal:
            self.errors = {problem.path: problem.message for problem in refusal.problems}
            return None if self.errors else complaint(sentence(refusal))
        self._show(data)
        self.shown_key = new.key
        self.turn += 1
        return focus("new-key")

    @rx.event
    async def revoke(self, prefix: str) -> Any:
        def revoked(work: UnitOfWork) -> KeysData:
            revoke_key(work, str(prefix))
            return keys_data(work)

        data, refusal = await attempt(self, revoked)
        if data is None:
            return refusal
        self._show(data)
        return notice("The key is revoked.")

    @rx.event
    def forget(self) -> None:
        """The new key is copied; it need not stand on the screen."""
        self.shown_key = ""

    def _show(self, data: KeysData) -> None:
        self.own, self.others, self.roles, self.errors = data.own, data.others, data.roles, {}


def _field(name: str, label: str, control: rx.Component) -> rx.Component:
    return rx.el.div(
        rx.el.label(label, html_for=f"key-{name}"),
        control,
        error_part(KeysPage.errors, name, f"key-{name}"),
        class_name="field",
    )


def _select(name: str, options: tuple[tuple[str, str], ...]) -> rx.Component:
    return rx.el.select(
        *[rx.el.option(label, value=value) for value, label in options],
        id=f"key-{name}",
        name=name,
        class_name="input",
    )


def _role(role: Any) -> rx.Component:
    return rx.el.label(
        rx.el.input(id=role["id"], name=f"role::{role['value']}", type="checkbox", default_checked=True),
        rx.el.span(role["label"]),
        class_name="tick tick-chip",
        key=role["value"],
    )


def _form() -> rx.Component:
    text = {"autoComplete": "off"}
    return rx.el.form(
        _field(
            "label",
            "What it is for",
            rx.el.input(id="key-label", name="label", class_name="input", max_length=100, custom_attrs=text),
        ),
        _field("days", "Good for", _select("days", _LIVES)),
        _field("kind", "It may do", _select("kind", _KINDS)),
        _field(
            "scopes",
            "Scopes, if listed",
            rx.el.input(
                id="key-scopes",
                name="scopes",
                class_name="input",
                placeholder="company:read *:export",
                custom_attrs=text,
            ),
        ),
        rx.cond(
            KeysPage.roles.length() > 1,  # pyright: ignore[reportAttributeAccessIssue]
            _field("roles", "With the roles", rx.el.div(rx.foreach(KeysPage.roles, _role), class_name="ticks")),
            rx.foreach(
                KeysPage.roles,
                lambda role: rx.el.input(type="hidden", name=f"role::{role['value']}", value="on", read_only=True),
            ),
        ),
        rx.el.button("Make a key", type="submit", class_name="button primary"),
        on_submit=KeysPage.create,
        key=f"{KeysPage.turn}",
        class_name="audit-search",
        custom_attrs={"noValidate": True, "aria-label": "New API key"},
    )


def _new_key() -> rx.Component:
    return rx.el.div(
        rx.el.p("This is the new key. It is shown only now, and kept nowhere: copy it to where it is needed."),
        rx.el.code(KeysPage.shown_key, id="new-key", class_name="new-key", custom_attrs={"tabIndex": "-1"}),
        rx.el.button("Done", type="button", on_click=KeysPage.forget, class_name="button"),
        class_name="mode-banner",
        role="status",
    )


def _line(line: Any, *, with_owner: bool) -> rx.Component:
    return rx.el.tr(
        rx.el.td(
            rx.el.strong(rx.cond(line["label"] != "", line["label"], line["name"])),
            rx.el.div(line["name"], class_name="quiet"),
        ),
        *([rx.el.td(line["owner"])] if with_owner else []),
        rx.el.td(line["rights"]),
        rx.el.td(rx.el.span(line["state"], class_name=line["css"])),
        rx.el.td(line["until"]),
        rx.el.td(line["used"]),
        rx.el.td(
            rx.cond(
                line["can_end"],
                Confirm.create(
                    label=f"Revoke {line['name']}",
                    question="Revoke this key?",
                    detail="Whatever uses it is refused from its next call on. A revoked key never works again.",
                    confirm_label="Revoke",
                    icon="trash-2",
                    on_confirm=KeysPage.revoke(line["key"]),
                ),
            )
        ),
        key=line["key"],
    )


def _table(label: str, lines: Any, *, with_owner: bool = False) -> rx.Component:
    heads = ("Key", *(("Whose",) if with_owner else ()), "Rights", "State", "Good until", "Last used")
    return rx.el.div(
        rx.el.table(
            rx.el.thead(
                rx.el.tr(
                    *[rx.el.th(text, scope="col") for text in heads],
                    rx.el.th(rx.el.span("Revoke", class_name="visually-hidden")),
                )
            ),
            rx.el.tbody(rx.foreach(lines, lambda line: _line(line, with_owner=with_owner))),
            class_name="lines key-lines",
        ),
        class_name="index-scroll",
        role="region",
        custom_attrs={"aria-label": label, "tabIndex": "0"},
    )


def _keys() -> rx.Component:
    return rx.el.div(
        rx.el.p(
            "A key lets a program act for you over the API, with your rights of that moment and never more.",
            class_name="quiet",
        ),
        rx.cond(KeysPage.shown_key != "", _new_key()),
        _form(),
        rx.cond(
            KeysPage.own.length() > 0,  # pyright: ignore[reportAttributeAccessIssue]
            _table("Your keys", KeysPage.own),
            empty_state("key-round", "No API keys yet", "Make one for each program, so that each can be ended alone."),
        ),
        rx.cond(
            KeysPage.others.length() > 0,  # pyright: ignore[reportAttributeAccessIssue]
            rx.el.section(
                rx.el.h2("Keys of others", class_name="index-heading"),
                _table("Keys of others", KeysPage.others, with_owner=True),
            ),
        ),
        class_name="index-page",
    )


def keys_page() -> rx.Component:
    return rx.el.div(
        rx.el.header(
            rx.el.div(icon("key-round"), rx.el.h1("API keys"), class_name="page-title"), class_name="page-header"
        ),
        rx.cond(KeysPage.is_loaded, _keys(), skeleton(8)),
        class_name="page",
    )
