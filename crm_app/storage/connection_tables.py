"""The system's tables of connections to other machines, and of the mail that goes out through them."""

# pyright: reportAssignmentType=false, reportIncompatibleVariableOverride=false

from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import DateTime, Index, Text, text
from sqlalchemy.dialects.postgresql import JSONB
from sqlmodel import Field

from crm_app.storage.system_tables import SystemTable


def _moment(**settings: Any) -> Any:
    return Field(sa_type=DateTime(timezone=True), **settings)  # pyright: ignore[reportArgumentType]


class ConnectionRow(SystemTable, table=True):
    """How to reach another machine. `secret` is sealed (`secret_box`); no definition, so no export holds it."""

    __tablename__ = "connection"
    name: str = Field(primary_key=True)
    type: str
    settings: dict[str, Any] = Field(sa_type=JSONB)
    secret: str = Field(default="", sa_type=Text)
    saved_at: datetime = _moment()


class MailRow(SystemTable, table=True):
    """One mail of one step of one run. `key` is the step's, so there is one however often it is executed; `state` only
    goes from queued over sending to what became of it.
    """

    __tablename__ = "mail"
    __table_args__ = (Index("mail_of_record", "object", "record", text("id DESC")),)
    id: UUID = Field(primary_key=True)
    key: str = Field(unique=True)
    connection: str
    recipients: list[str] = Field(sa_type=JSONB)
    subject: str = Field(sa_type=Text)
    body: str = Field(sa_type=Text)
    html: str = Field(default="", sa_type=Text)
    reply_to: str = ""
    message_id: str
    object: str
    record: UUID
    runner: UUID
    automation: str
    state: str = "queued"
    error: str = Field(default="", sa_type=Text)
    at: datetime = _moment()
    changed_at: datetime = _moment()


class MailSuppressionRow(SystemTable, table=True):
    """An address that nothing is sent to any more, in lower case."""

    __tablename__ = "mail_suppression"
    address: str = Field(primary_key=True)
    reason: str = Field(sa_type=Text)
    at: datetime = _moment()
