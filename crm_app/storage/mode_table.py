"""A session that for a while does something else than its person alone would: looks as somebody, or breaks glass."""

# pyright: reportAssignmentType=false, reportIncompatibleVariableOverride=false
# (SQLModel declares `__tablename__` as what its metaclass makes of it.)

from datetime import datetime
from uuid import UUID

from sqlalchemy import DateTime, Text
from sqlmodel import Field

from crm_app.storage.system_tables import SystemTable


class SessionModeRow(SystemTable, table=True):
    """It goes with its session. `target` is the person whom the session looks as; nobody's where glass is broken."""

    __tablename__ = "session_mode"
    session: str = Field(primary_key=True, foreign_key="crm.session.hash", ondelete="CASCADE")
    kind: str
    target: UUID | None = Field(default=None, foreign_key="crm.app_user.id")
    reason: str = Field(default="", sa_type=Text)
    since: datetime = Field(sa_type=DateTime(timezone=True))  # pyright: ignore[reportArgumentType]
    until: datetime = Field(sa_type=DateTime(timezone=True))  # pyright: ignore[reportArgumentType]
