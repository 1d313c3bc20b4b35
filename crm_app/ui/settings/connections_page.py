"""Connections: how steps of workflows reach other systems and the mail server."""

from typing import Any

import reflex as rx

from crm_app.ui.elements import empty_state, icon, skeleton
from crm_app.ui.inputs import error_part
from crm_app.ui.settings.connections_state import ConnectionsPage
from crm_app.ui.settings.mails_part import refused_addresses, unsent_mail
from crm_app.ui.settings_head import settings_head
from crm_app.ui.widgets import Confirm

_AUTHS = (
    ("none", "Nothing"),
    ("bearer", "A bearer token"),
    ("basic", "User and password"),
    ("header", "A header of its own"),
)
_SECURITIES = (("starttls", "STARTTLS"), ("tls", "TLS from the start"), ("none", "None"))


def _about(name: str) -> dict[str, Any]:
    return {
        "aria-describedby": f"connection-{name}-error",
        "aria-invalid": rx.cond(ConnectionsPage.errors.contains(name), "true", "false"),
        "autoComplete": "off",
    }


def _field(name: str, label: str, control: rx.Component) -> rx.Component:
    return rx.el.div(
        rx.el.label(label, html_for=f"connection-{name}"),
        control,
        error_part(ConnectionsPage.errors, name, f"connection-{name}"),
        class_name="field",
    )


def _input(name: str, label: str, **props: Any) -> rx.Component:
    given = props if "default_value" in props else {"default_value": ConnectionsPage.form[name], **props}
    control = rx.el.input(id=f"connection-{name}", name=name, class_name="input", custom_attrs=_about(name), **given)
    return _field(name, label, control)


def _choice(name: str, label: str, choices: tuple[tuple[str, str], ...]) -> rx.Component:
    control = rx.el.select(
        *[rx.el.option(said, value=value) for value, said in choices],
        id=f"connection-{name}",
        name=name,
        default_value=ConnectionsPage.form[name],
        class_name="input",
        custom_attrs=_about(name),
    )
    return _field(name, label, control)


def _secret() -> rx.Component:
    kept = rx.cond(ConnectionsPage.form["has_secret"], "Stays as it is", "")
    return _input("secret", "Secret", type="password", default_value="", placeholder=kept)


def _http_parts() -> rx.Component:
    headers = rx.el.textarea(
        id="connection-headers",
        name="headers",
        default_value=ConnectionsPage.form["headers"],
        rows="2",
        placeholder="X-Shop: 7",
        class_name="input",
        custom_attrs=_about("headers"),
    )
    return rx.fragment(
        _input("base_url", "Address", placeholder="https://erp.example.com/api", type="url"),
        _choice("auth", "The secret goes as", _AUTHS),
        _input("user", "User"),
        _input("header", "Header"),
        _secret(),
        _field("headers", "Further headers, one a line (no secrets)", headers),
    )


def _smtp_parts() -> rx.Component:
    return rx.fragment(
        _input("host", "Server", placeholder="smtp.example.com"),
        _input("port", "Port", input_mode="numeric"),
        _choice("security", "Encryption", _SECURITIES),
        _input("user", "User"),
        _secret(),
        _input("sender", "From address", placeholder="crm@example.com", type="email"),
        _input("sender_name", "From name"),
    )


def _imap_parts() -> rx.Component:
    return rx.fragment(
        _input("host", "Server", placeholder="imap.example.com"),
        _input("port", "Port", input_mode="numeric"),
        _choice("security", "Encryption", _SECURITIES),
        _input("user", "User"),
        _secret(),
        _input("folder", "Folder"),
    )


def _form() -> rx.Component:
    form = ConnectionsPage.form
    return rx.el.form(
        rx.cond(form["is_new"], _input("name", "Name", placeholder="erp"), rx.el.h2(form["name"], class_name="wide")),
        rx.match(form["kind"], ("smtp", _smtp_parts()), ("imap", _imap_parts()), _http_parts()),
        rx.el.label(
            rx.el.input(type="checkbox", name="allows_private", default_checked=form["allows_private"]),
            rx.el.span("May reach addresses of this machine's own network, and any port"),
            class_name="tick wide",
        ),
        rx.el.div(
            rx.el.button("Save connection", type="submit", class_name="button primary"),
            rx.cond(
                form["is_new"],
                rx.fragment(),
                rx.el.button("Cancel", type="button", class_name="button", on_click=ConnectionsPage.choose("http", "")),
            ),
            class_name="connection-actions wide",
        ),
        on_submit=ConnectionsPage.save,
        key=f"{ConnectionsPage.turn}",
        class_name="connection-form",
        custom_attrs={"noValidate": True, "aria-label": "Connection"},
    )


def _kind(kind: str, mark: str, label: str) -> rx.Component:
    return rx.el.button(
        icon(mark),
        rx.el.span(label),
        type="button",
        class_name="segment",
        on_click=ConnectionsPage.choose(kind, ""),
        custom_attrs={"aria-pressed": rx.cond(ConnectionsPage.form["kind"] == kind, "true", "false")},
    )


def _line(line: Any) -> rx.Component:
    return rx.el.li(
        rx.el.div(
            rx.el.strong(line["name"]),
            rx.el.div(
                rx.el.span(line["kind_label"]),
                rx.el.span(line["place"]),
                rx.cond(line["note"] != "", rx.el.span(line["note"])),
                class_name="deleted-note",
            ),
            class_name="deleted-body",
        ),
        rx.el.div(
            rx.el.button(
                icon("pencil"),
                type="button",
                on_click=ConnectionsPage.choose(line["kind"], line["name"]),
                class_name="icon-button",
                title=line["edit_label"],
                custom_attrs={"aria-label": line["edit_label"]},
            ),
            Confirm.create(
                label=line["remove_label"],
                question=f"Remove {line['name']}?",
                detail="Its secret is deleted, and steps that use it fail from now on.",
                confirm_label="Remove",
                icon="trash-2",
                on_confirm=ConnectionsPage.remove(line["name"]),
            ),
            class_name="page-actions",
        ),
        key=line["name"],
    )


def _content() -> rx.Component:
    return rx.el.div(
        rx.el.p(
            "How steps of workflows reach other systems and your mail server. Secrets are stored encrypted and never "
            "shown again.",
            class_name="quiet",
        ),
        rx.el.div(
            _kind("http", "globe", "Web address"),
            _kind("smtp", "mail", "Mail server"),
            _kind("imap", "inbox", "Mailbox"),
            class_name="segments connection-kinds",
            role="group",
            custom_attrs={"aria-label": "New connection to"},
        ),
        _form(),
        rx.cond(
            ConnectionsPage.lines.length() > 0,  # pyright: ignore[reportAttributeAccessIssue]
            rx.el.ul(
                rx.foreach(ConnectionsPage.lines, _line),
                class_name="panel deleted-lines",
                custom_attrs={"aria-label": "Connections"},
            ),
            empty_state("plug", "No connections yet", "Steps that send mail or call other systems need one."),
        ),
        unsent_mail(),
        refused_addresses(),
        class_name="index-page",
    )


def connections_page() -> rx.Component:
    return rx.el.div(
        settings_head("Connections"), rx.cond(ConnectionsPage.is_loaded, _content(), skeleton(8)), class_name="page"
    )
