"""API keys: one's own, made and ended here; and, for an administrator, everybody's, to be ended."""

from typing import Any

import reflex as rx

from crm_app.ui.elements import empty_state, icon, skeleton
from crm_app.ui.inputs import error_part
from crm_app.ui.keys.keys_state import KeysPage
from crm_app.ui.widgets import Confirm

_LIVES = (("30", "30 days"), ("90", "90 days"), ("365", "A year"), ("", "Until it is revoked"))
_KINDS = (("all", "All that I may do"), ("*:read", "Only read"), ("own", "Only what I list"))


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
            *([] if with_owner else [_renewing(line)]),
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
            ),
        ),
        key=line["key"],
    )


def _renewing(line: Any) -> rx.Component:
    return rx.cond(
        line["can_end"],
        Confirm.create(
            label=f"Renew {line['name']}",
            question="Renew this key?",
            detail="You get a new key with the same rights, for as long. The old one stays good for 24 hours.",
            confirm_label="Renew",
            icon="refresh-cw",
            on_confirm=KeysPage.renew(line["key"]),
        ),
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
