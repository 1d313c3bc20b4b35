"""What runs wait for: a moment, a fact, or people."""

# pyright: reportAssignmentType=false, reportIncompatibleVariableOverride=false
# (SQLModel declares `__tablename__` as what its metaclass makes of it.)

from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import Boolean, DateTime, Index, Text, text
from sqlalchemy.dialects.postgresql import JSONB
from sqlmodel import Field

from crm_app.storage.system_tables import SystemTable


def _moment(**settings: Any) -> Any:
    return Field(sa_type=DateTime(timezone=True), **settings)  # pyright: ignore[reportArgumentType]


class RunWaitRow(SystemTable, table=True):
    """A block of a run that waits. `state` is open, answered, or over once the run has taken the answer; `until` is
    when it goes on without one. `key` is the object whose facts it waits for and `record` the one record, if it is
    one; `asks` what it wants to know. `workflow` is who has to be woken; `wants_waking` that somebody should.
    """

    __tablename__ = "run_wait"
    __table_args__ = (
        Index("run_wait_open", "kind", "key", postgresql_where=text("state = 'open'")),
        Index("run_wait_due", "until", postgresql_where=text("state = 'open'")),
        Index("run_wait_woken", "changed_at", postgresql_where=text("state = 'answered' OR wants_waking")),
    )
    run: UUID = Field(primary_key=True, foreign_key="crm.run.id")
    path: str = Field(primary_key=True)
    kind: str
    key: str = ""
    record: UUID | None = None
    until: datetime | None = _moment(default=None)
    state: str = "open"
    asks: dict[str, Any] = Field(sa_type=JSONB)
    answer: dict[str, Any] = Field(sa_type=JSONB)
    workflow: str
    wants_waking: bool = Field(default=False, sa_type=Boolean)
    created_at: datetime = _moment()
    changed_at: datetime = _moment()


class RunAssigneeRow(SystemTable, table=True):
    """Somebody who is asked. `delegate` answers in their place; `said` is empty until somebody has, and `by` is who."""

    __tablename__ = "run_assignee"
    __table_args__ = (
        Index("run_assignee_user", "user", postgresql_where=text("said = ''")),
        Index("run_assignee_delegate", "delegate", postgresql_where=text("said = ''")),
    )
    run: UUID = Field(primary_key=True, foreign_key="crm.run.id")
    path: str = Field(primary_key=True)
    user: UUID = Field(primary_key=True, foreign_key="crm.app_user.id")
    delegate: UUID | None = Field(default=None, foreign_key="crm.app_user.id")
    said: str = ""
    comment: str = Field(default="", sa_type=Text)
    values: dict[str, Any] = Field(sa_type=JSONB)
    by: UUID | None = Field(default=None, foreign_key="crm.app_user.id")
    at: datetime | None = _moment(default=None)
