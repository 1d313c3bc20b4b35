"""The system's tables of what administrators are changing and have not published."""

# pyright: reportAssignmentType=false, reportIncompatibleVariableOverride=false
# (SQLModel declares `__tablename__` and `metadata` as what its metaclass makes of them.)

from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import DateTime
from sqlalchemy.dialects.postgresql import JSONB
from sqlmodel import Field

from crm_app.storage.system_tables import SystemTable


class DraftRow(SystemTable, table=True):
    """What one administrator is changing. `bodies` maps `objects/deal` to what was live when it was first touched and
    what it is to become; `step` is how many of the kept steps are done, the others can be done again.
    """

    __tablename__ = "draft"
    user: UUID = Field(primary_key=True, foreign_key="crm.app_user.id")
    base: int
    step: int = 0
    bodies: dict[str, Any] = Field(sa_type=JSONB)
    updated_at: datetime = Field(sa_type=DateTime(timezone=True))  # pyright: ignore[reportArgumentType]


class DraftStepRow(SystemTable, table=True):
    """One edit, for undo and redo: `changes` maps a definition to its body before and after."""

    __tablename__ = "draft_step"
    user: UUID = Field(primary_key=True, foreign_key="crm.app_user.id")
    number: int = Field(primary_key=True)
    label: str
    changes: dict[str, Any] = Field(sa_type=JSONB)
