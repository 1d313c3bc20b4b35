"""The system's tables of values that are being written in another type."""

# pyright: reportAssignmentType=false, reportIncompatibleVariableOverride=false

from datetime import datetime
from uuid import UUID

from sqlalchemy import DateTime
from sqlalchemy.dialects.postgresql import JSONB
from sqlmodel import Field

from crm_app.storage.system_tables import SystemTable


class ConversionRow(SystemTable, table=True):
    """A conversion that has begun and whose version is not live. `added` are the columns made for it: they go when
    its publisher does.
    """

    __tablename__ = "conversion"
    id: UUID = Field(primary_key=True)
    stored_in: str
    added: list[str] = Field(sa_type=JSONB)
    begun_at: datetime = Field(sa_type=DateTime(timezone=True))  # pyright: ignore[reportArgumentType]


class ConversionNewsRow(SystemTable, table=True):
    """A record that was written meanwhile, so that its value is to be converted again. A trigger writes these."""

    __tablename__ = "conversion_news"
    id: UUID = Field(primary_key=True)
    conversion: UUID
    record: UUID
