"""Who acts for whom: keys, and sessions that for a while look as somebody or have broken glass."""

# pyright: reportAssignmentType=false, reportIncompatibleVariableOverride=false, reportArgumentType=false
# (SQLModel declares `__tablename__` as what its metaclass makes of it, and knows no instance as a column's type.)

from datetime import datetime
from uuid import UUID

from sqlalchemy import DateTime, Text
from sqlalchemy.dialects.postgresql import JSONB
from sqlmodel import Field

from crm_app.storage.system_tables import SystemTable

_MOMENT = DateTime(timezone=True)
_NAMES = JSONB(none_as_null=True)


class ApiKeyRow(SystemTable, table=True):
    """`roles` and `scopes` (`object:action`) keep it below its person; null is all that the person has."""

    __tablename__ = "api_key"
    hash: str = Field(primary_key=True)
    prefix: str
    label: str
    user: UUID = Field(foreign_key="crm.app_user.id", index=True)
    created_at: datetime = Field(sa_type=_MOMENT)
    expires_at: datetime | None = Field(default=None, sa_type=_MOMENT)
    revoked_at: datetime | None = Field(default=None, sa_type=_MOMENT)
    last_used_at: datetime | None = Field(default=None, sa_type=_MOMENT)
    roles: list[str] | None = Field(default=None, sa_type=_NAMES)
    scopes: list[str] | None = Field(default=None, sa_type=_NAMES)


class SessionModeRow(SystemTable, table=True):
    """It goes with its session. `target` is the person whom the session looks as; nobody's where glass is broken."""

    __tablename__ = "session_mode"
    session: str = Field(primary_key=True, foreign_key="crm.session.hash", ondelete="CASCADE")
    kind: str
    target: UUID | None = Field(default=None, foreign_key="crm.app_user.id")
    reason: str = Field(default="", sa_type=Text)
    since: datetime = Field(sa_type=_MOMENT)
    until: datetime = Field(sa_type=_MOMENT)
