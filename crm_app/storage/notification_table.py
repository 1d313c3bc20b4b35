"""The system's table of notifications."""

# pyright: reportAssignmentType=false, reportIncompatibleVariableOverride=false

from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import DateTime, Index, Text, text
from sqlmodel import Field

from crm_app.storage.system_tables import SystemTable


def _moment(**settings: Any) -> Any:
    return Field(sa_type=DateTime(timezone=True), **settings)  # pyright: ignore[reportArgumentType]


class NotificationRow(SystemTable, table=True):
    """A sentence for one person, in the product; `object` and `record` are what it is about, `source` who said it."""

    __tablename__ = "notification"
    __table_args__ = (
        Index("notification_of_user", "user", text("id DESC")),
        Index("notification_unread", "user", postgresql_where=text("read_at IS NULL")),
    )
    id: UUID = Field(primary_key=True)
    user: UUID = Field(foreign_key="crm.app_user.id")
    at: datetime = _moment()
    title: str = Field(sa_type=Text)
    body: str = Field(default="", sa_type=Text)
    object: str = ""
    record: UUID | None = None
    source: str = ""
    read_at: datetime | None = _moment(default=None)


class RotaRow(SystemTable, table=True):
    """Whose turn it is: how often a rota has been asked."""

    __tablename__ = "rota"
    name: str = Field(primary_key=True)
    turn: int = 0


class TriggerClockRow(SystemTable, table=True):
    """Up to when the moments of an automation that the clock starts were looked at, and since when it has been live."""

    __tablename__ = "trigger_clock"
    automation: str = Field(primary_key=True)
    since: datetime = _moment()
    looked_at: datetime = _moment()


class WebhookRow(SystemTable, table=True):
    """The address at which an automation is started from outside: its secret sealed, and of the path only a hash."""

    __tablename__ = "webhook"
    automation: str = Field(primary_key=True)
    token_hash: str = Field(unique=True)
    secret: str = Field(sa_type=Text)
    made_at: datetime = _moment()


class WebhookMessageRow(SystemTable, table=True):
    """A message that came, for as long as it could be sent again."""

    __tablename__ = "webhook_message"
    automation: str = Field(primary_key=True)
    message: str = Field(primary_key=True)
    at: datetime = _moment()
