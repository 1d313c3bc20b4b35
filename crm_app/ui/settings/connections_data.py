"""What the page of connections shows, and what its form says. Secrets go in and never come out."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, TypedDict

from crm_app.services.connections import (
    Connection,
    HttpSettings,
    SmtpSettings,
    list_connections,
    remove_connection,
    save_connection,
)
from crm_app.services.mails import failed_mails, suppressed
from crm_app.services.unit_of_work import UnitOfWork

KINDS = ("http", "smtp", "imap")
HTTP_PARTS = ("base_url", "auth", "user", "header")
SMTP_PARTS = ("host", "port", "security", "user", "sender", "sender_name")
IMAP_PARTS = ("host", "port", "security", "user", "folder")
_PARTS_OF = {"http": HTTP_PARTS, "smtp": SMTP_PARTS, "imap": IMAP_PARTS}
_LABELS = {"http": "Web address", "smtp": "Mail server", "imap": "Mailbox"}
PARTS = ("name", *HTTP_PARTS, *SMTP_PARTS, "folder", "headers", "secret")


class ConnectionLine(TypedDict):
    name: str
    kind: str
    kind_label: str
    place: str
    note: str
    edit_label: str
    remove_label: str


class UnsentLine(TypedDict):
    id: str
    subject: str
    to: str
    error: str
    again_label: str


class Filled(TypedDict):
    """The form as it is first shown; `is_new` lets the name be written."""

    is_new: bool
    kind: str
    name: str
    base_url: str
    auth: str
    header: str
    headers: str
    user: str
    host: str
    port: str
    security: str
    sender: str
    sender_name: str
    folder: str
    has_secret: bool
    allows_private: bool


@dataclass(frozen=True)
class ConnectionsData:
    lines: list[ConnectionLine]
    refused: list[str]
    unsent: list[UnsentLine]


def empty_form(kind: str) -> Filled:
    return Filled(
        is_new=True, kind=kind if kind in KINDS else KINDS[0], name="", base_url="", auth="none", header="", headers="",
        user="", host="", port="993" if kind == "imap" else "587", security="tls" if kind == "imap" else "starttls",
        sender="", sender_name="", folder="INBOX", has_secret=False, allows_private=False,
    )  # fmt: skip


def connections_data(work: UnitOfWork) -> ConnectionsData:
    refused = [f"{address}: {reason}" for address, reason, _at in suppressed(work)]
    unsent = [
        UnsentLine(
            id=str(each.id),
            subject=each.subject,
            to=", ".join(each.recipients),
            error=each.error,
            again_label=f"Send {each.subject} again",
        )
        for each in failed_mails(work)
    ]
    return ConnectionsData([_line(each) for each in list_connections(work)], refused, unsent)


def filled_form(work: UnitOfWork, name: str) -> Filled:
    """That of a connection; an empty one where there is none of that name."""
    for each in list_connections(work):
        if each.name == name:
            kept = {
                key: str(value) for key, value in each.settings.model_dump().items() if isinstance(value, str | int)
            }
            headers = each.settings.headers if isinstance(each.settings, HttpSettings) else {}
            said: dict[str, Any] = {
                **empty_form(each.settings.type),
                **{key: value for key, value in kept.items() if key in PARTS},
                "headers": "\n".join(f"{header}: {value}" for header, value in headers.items()),
                "name": each.name,
                "is_new": False,
                "has_secret": each.has_secret,
                "allows_private": each.settings.allows_private,
            }
            return Filled(**said)
    return empty_form(KINDS[0])


def saved(work: UnitOfWork, kind: str, form: Mapping[str, Any]) -> ConnectionsData:
    """An empty secret leaves the one that is there."""
    given = {name: str(form.get(name, "")).strip() for name in PARTS}
    settings: dict[str, Any] = {name: given[name] for name in _PARTS_OF[kind] if given[name]}
    settings |= {"type": kind, "allows_private": bool(form.get("allows_private"))}
    if kind == "http":
        lines = [line.partition(":") for line in given["headers"].splitlines() if line.strip()]
        settings["headers"] = {header.strip(): value.strip() for header, _, value in lines}
    elif given["port"].isdigit():
        settings["port"] = int(given["port"])
    save_connection(work, given["name"], settings, str(form.get("secret", "")) or None)
    return connections_data(work)


def removed(work: UnitOfWork, name: str) -> ConnectionsData:
    remove_connection(work, name)
    return connections_data(work)


def _line(each: Connection) -> ConnectionLine:
    settings = each.settings
    place = settings.base_url if isinstance(settings, HttpSettings) else f"{settings.host}:{settings.port}"
    if isinstance(settings, SmtpSettings):
        place += f", as {settings.sender}"
    notes = ["has a secret"] if each.has_secret else []
    notes += ["reaches private addresses"] if settings.allows_private else []
    return ConnectionLine(
        name=each.name,
        kind=settings.type,
        kind_label=_LABELS[settings.type],
        place=place,
        note=", ".join(notes),
        edit_label=f"Change {each.name}",
        remove_label=f"Remove {each.name}",
    )
