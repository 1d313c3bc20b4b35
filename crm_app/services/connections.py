"""Connections: how steps reach other machines. An administrator gives a secret; nobody is ever shown it again."""

import re
from dataclasses import dataclass
from typing import Annotated, Any, Literal

from pydantic import BaseModel, ConfigDict, Field, TypeAdapter, ValidationError, field_validator
from sqlalchemy import delete, select
from sqlalchemy.dialects.postgresql import insert

from crm_app.definitions.model import ApiName
from crm_app.kernel import clock
from crm_app.kernel.errors import Invalid, NotFound, Problem
from crm_app.services.audit_entries import Entry, write_entry
from crm_app.services.in_person import require_administrator
from crm_app.services.unit_of_work import UnitOfWork
from crm_app.storage.connection_tables import ConnectionRow
from crm_app.storage.system_tables import table_of

MAX_SECRET = 4_000
MAX_HEADERS = 20

_ROWS = table_of(ConnectionRow)
_HEADER = re.compile(r"[A-Za-z0-9!#$%&'*+.^_`|~-]{1,100}")
_VALUE = re.compile(r"[\x21-\x7e]([\x20-\x7e]{0,998}[\x21-\x7e])?")
_OWN_HEADERS = frozenset({"host", "content-length", "transfer-encoding", "connection", "idempotency-key"})


class _Settings(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid", str_strip_whitespace=True)

    allows_private: bool = False


class HttpSettings(_Settings):
    """`auth` says where the secret goes: a bearer token, the password of `user`, or the header of that name. With
    `allows_private`, addresses of this machine's own network are reached, and any port.
    """

    type: Literal["http"] = "http"
    base_url: str = Field(max_length=500, pattern=r"^https?://[^\s@?#]+$")
    headers: dict[str, str] = Field(default_factory=dict[str, str], max_length=MAX_HEADERS)
    auth: Literal["none", "bearer", "basic", "header"] = "none"
    user: str = Field(default="", max_length=200)
    header: str = Field(default="", max_length=100)

    @field_validator("headers")
    @classmethod
    def _are_headers(cls, headers: dict[str, str]) -> dict[str, str]:
        for name, value in headers.items():
            if not _HEADER.fullmatch(name) or name.lower() in _OWN_HEADERS or not _VALUE.fullmatch(value):
                raise ValueError(f"'{name[:50]}' is no header that a connection can set.")
        return headers

    @field_validator("header")
    @classmethod
    def _is_header(cls, header: str) -> str:
        if header and (not _HEADER.fullmatch(header) or header.lower() in _OWN_HEADERS):
            raise ValueError(f"'{header[:50]}' is no header that a connection can set.")
        return header


class SmtpSettings(_Settings):
    """A mail server, and the address that mail comes from. The secret is the password of `user`."""

    type: Literal["smtp"] = "smtp"
    host: str = Field(min_length=1, max_length=253, pattern=r"^[A-Za-z0-9.:\-]+$")
    port: int = Field(default=587, ge=1, le=65535)
    security: Literal["starttls", "tls", "none"] = "starttls"
    user: str = Field(default="", max_length=200)
    sender: str = Field(max_length=254, pattern=r"^[^@\s,;<>\"]{1,64}@[^@\s,;<>\"]+$")
    sender_name: str = Field(default="", max_length=100, pattern=r"^[^\r\n\x00]*$")


class ImapSettings(_Settings):
    """A mailbox that mail is read from. The secret is the password of `user`."""

    type: Literal["imap"] = "imap"
    host: str = Field(min_length=1, max_length=253, pattern=r"^[A-Za-z0-9.:\-]+$")
    port: int = Field(default=993, ge=1, le=65535)
    security: Literal["starttls", "tls", "none"] = "tls"
    user: str = Field(min_length=1, max_length=200, pattern=r"^[^\r\n\x00]+$")
    folder: str = Field(default="INBOX", min_length=1, max_length=200, pattern=r"^[\x20-\x7e]+$")


AnySettings = HttpSettings | SmtpSettings | ImapSettings
Settings = Annotated[AnySettings, Field(discriminator="type")]
_SETTINGS: TypeAdapter[AnySettings] = TypeAdapter(Settings)
_NAME: TypeAdapter[str] = TypeAdapter(ApiName)
_CHANGE = "see and change connections"


@dataclass(frozen=True)
class Connection:
    name: str
    settings: AnySettings
    has_secret: bool


def list_connections(work: UnitOfWork) -> list[Connection]:
    require_administrator(work, _CHANGE)
    rows = work.connection.execute(select(_ROWS).order_by(_ROWS.c.name))
    return [Connection(row.name, _SETTINGS.validate_python(row.settings), bool(row.secret)) for row in rows]


def save_connection(work: UnitOfWork, name: str, settings: Any, secret: str | None = None) -> Connection:
    """Without a secret, the one that is there stays; an empty one takes it away."""
    require_administrator(work, _CHANGE)
    checked = _checked(name, settings, secret)
    row = {"name": name, "type": checked.type, "settings": checked.model_dump(mode="json"), "saved_at": clock.now()}
    held = work.connection.execute(select(_ROWS.c.secret, _ROWS.c.settings).where(_ROWS.c.name == name)).one_or_none()
    if secret is None and held is not None and held.secret and _leads_elsewhere(held.settings, row["settings"]):
        problem = Problem("secret", "It leads to another machine now: enter its secret.")
        raise Invalid("The connection was not saved.", [problem])
    sealed = held.secret if secret is None and held is not None else ""
    if secret:
        sealed = work.tools.secrets.seal(secret, purpose_of(name))
    statement = insert(_ROWS).values({**row, "secret": sealed})
    changes = {key: statement.excluded[key] for key in ("type", "settings", "secret", "saved_at")}
    work.connection.execute(statement.on_conflict_do_update(index_elements=["name"], set_=changes))
    said = {**checked.model_dump(mode="json", exclude={"headers"}), "name": name, "secret": bool(sealed)}
    write_entry(work, Entry("connection.saved", "connection", after=said))
    return Connection(name, checked, bool(sealed))


def remove_connection(work: UnitOfWork, name: str) -> None:
    """Steps that use it fail from now on, and say so."""
    require_administrator(work, _CHANGE)
    if work.connection.execute(delete(_ROWS).where(_ROWS.c.name == name)).rowcount == 0:
        raise NotFound(f"There is no connection '{name[:50]}'.")
    write_entry(work, Entry("connection.removed", "connection", before={"name": name}))


def opened_connection(work: UnitOfWork, name: str) -> tuple[AnySettings, str]:
    """With its secret, for the step that is about to use it. Never handed to anybody who asks."""
    row = work.connection.execute(select(_ROWS).where(_ROWS.c.name == name)).one_or_none()
    if row is None:
        raise NotFound(f"There is no connection '{name[:50]}'. An administrator can make it in the settings.")
    secret = work.tools.secrets.open(row.secret, purpose_of(name)) if row.secret else ""
    return _SETTINGS.validate_python(row.settings), secret


def _leads_elsewhere(before: Any, after: Any) -> bool:
    """A secret is never sent to another machine than the one that it was entered for."""
    return any(before.get(key) != after.get(key) for key in ("type", "base_url", "host", "port"))


def _checked(name: str, settings: Any, secret: str | None) -> AnySettings:
    problems: list[Problem] = []
    found: AnySettings | None = None
    try:
        _NAME.validate_python(name)
    except ValidationError:
        problems.append(Problem("name", "A name is small letters, digits and _, and begins with a letter."))
    try:
        found = _SETTINGS.validate_python(settings)
    except ValidationError as error:
        for item in error.errors(include_url=False, include_input=False):
            path = "/".join(str(part) for part in item["loc"] if part not in ("http", "smtp", "imap"))
            problems.append(Problem(path or "type", str(item["msg"]).removeprefix("Value error, ")))
    if secret and (len(secret) > MAX_SECRET or not secret.isprintable()):
        problems.append(Problem("secret", f"A secret has at most {MAX_SECRET:,} characters on one line."))
    if found is None or problems:
        raise Invalid("The connection was not saved. Please correct what is marked.", problems)
    return found


def purpose_of(name: str) -> str:
    return f"connection:{name}"
