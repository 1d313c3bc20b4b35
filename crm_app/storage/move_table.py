"""The system's table of moves between stages."""

# pyright: reportAssignmentType=false, reportIncompatibleVariableOverride=false
# (SQLModel declares `__tablename__` as what its metaclass makes of it.)

from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import BigInteger, DateTime, Index
from sqlalchemy.dialects.postgresql import JSONB
from sqlmodel import Field

from crm_app.storage.system_tables import SystemTable

_MOMENT: Any = DateTime(timezone=True)


class StageMoveRow(SystemTable, table=True):
    """A record came to another stage of a pipeline. `seconds` is how long it was in the one before, null where that is
    not known; a new record comes from the stage "".
    """

    __tablename__ = "stage_move"
    __table_args__ = (
        Index("stage_move_record", "object", "record", "at"),
        Index("stage_move_stage", "object", "pipeline", "from_stage"),
    )
    id: UUID = Field(primary_key=True)
    object: str
    record: UUID
    pipeline: str
    from_stage: str = ""
    to_stage: str = ""
    at: datetime = Field(sa_type=_MOMENT)
    actor: dict[str, Any] = Field(sa_type=JSONB)
    seconds: int | None = Field(default=None, sa_type=BigInteger)
