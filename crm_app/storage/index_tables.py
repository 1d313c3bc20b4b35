"""The system's tables about indexes and about lists that would like one."""

# pyright: reportAssignmentType=false, reportIncompatibleVariableOverride=false

from datetime import datetime

from sqlalchemy import DateTime, Text
from sqlalchemy.dialects.postgresql import JSONB
from sqlmodel import Field

from crm_app.storage.system_tables import SystemTable


class IndexFailureRow(SystemTable, table=True):
    """Why an index that the definitions want could not be built."""

    __tablename__ = "index_failure"
    name: str = Field(primary_key=True)
    error: str = Field(sa_type=Text)
    at: datetime = Field(sa_type=DateTime(timezone=True))  # pyright: ignore[reportArgumentType]


class SlowListRow(SystemTable, table=True):
    """A kind of list that took long: which fields it filtered and sorted by, never the values. `recent_ms` holds the
    last few times, newest last.
    """

    __tablename__ = "slow_list"
    shape: str = Field(primary_key=True)
    object: str
    filters: list[list[str]] = Field(sa_type=JSONB)
    sorts: list[str] = Field(sa_type=JSONB)
    count: int
    worst_ms: int
    recent_ms: list[int] = Field(sa_type=JSONB)
    first_at: datetime = Field(sa_type=DateTime(timezone=True))  # pyright: ignore[reportArgumentType]
    last_at: datetime = Field(sa_type=DateTime(timezone=True))  # pyright: ignore[reportArgumentType]
