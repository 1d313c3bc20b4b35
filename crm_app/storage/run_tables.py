"""Runs of automations, what their steps did, and who works on them."""

# pyright: reportAssignmentType=false, reportIncompatibleVariableOverride=false
# (SQLModel declares `__tablename__` as what its metaclass makes of it.)

from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import Boolean, DateTime, Index, Text, UniqueConstraint, text
from sqlalchemy.dialects.postgresql import JSONB
from sqlmodel import Field

from crm_app.storage.system_tables import SystemTable


def _moment(**settings: Any) -> Any:
    return Field(sa_type=DateTime(timezone=True), **settings)  # pyright: ignore[reportArgumentType]


def _json() -> Any:
    return Field(sa_type=JSONB)


_AT_WORK = "status IN ('pending', 'started') AND NOT resting"


class RunRow(SystemTable, table=True):
    """One execution of one automation version. This table, not Temporal, says which runs exist. `attempt` counts how
    often a person let it go on; `in_temporal` is true while Temporal may hold a workflow of it. A run that is `resting`
    waits for something, and is no work for anybody until then.
    """

    __tablename__ = "run"
    __table_args__ = (
        UniqueConstraint("event", "automation_hash", name="run_once_per_event"),
        Index("run_record", "object", "record"),
        Index("run_open", "status", "touched_at", postgresql_where=text(_AT_WORK)),
        Index("run_deadline", "deadline", postgresql_where=text("status IN ('pending', 'started')")),
        Index("run_automation", "automation", text("id DESC")),
        Index("run_stopped", "status", text("id DESC"), postgresql_where=text("status IN ('failed', 'cancelled')")),
    )
    id: UUID = Field(primary_key=True)
    event: UUID
    automation: str
    automation_hash: str
    object: str
    record: UUID
    runner: UUID | None = None
    depth: int = 0
    status: str = "pending"
    error: str = Field(default="", sa_type=Text)
    input: dict[str, Any] = _json()
    created_at: datetime = _moment()
    touched_at: datetime = _moment()
    finished_at: datetime | None = _moment(default=None)
    attempt: int = 1
    rerun_of: UUID | None = None
    in_temporal: bool = False
    resting: bool = Field(default=False, sa_type=Boolean)
    deadline: datetime | None = _moment(default=None)


class RunStepRow(SystemTable, table=True):
    """What one step of a run did, for the inspector. `input` and `traces` are by place in the step's config (see
    `automation/tracing.py`); `failures` are the sentences of attempts that did not succeed; `at` is when it ended.
    """

    __tablename__ = "run_step"
    run: UUID = Field(primary_key=True, foreign_key="crm.run.id")
    path: str = Field(primary_key=True)
    iteration: int = Field(primary_key=True)
    type: str
    status: str
    input: dict[str, Any] = _json()
    traces: dict[str, Any] = _json()
    output: dict[str, Any] = _json()
    error: str = Field(default="", sa_type=Text)
    attempts: int = 1
    failures: list[dict[str, Any]] = _json()
    started_at: datetime = _moment()
    at: datetime = _moment()


class AutomationPauseRow(SystemTable, table=True):
    """An automation that starts no runs for now. What happens meanwhile waits (`keeps`) or is passed over."""

    __tablename__ = "automation_pause"
    automation: str = Field(primary_key=True)
    keeps: bool
    by: str
    at: datetime = _moment()


class WorkerRow(SystemTable, table=True):
    """A worker process, by host and process id, as it last said it was. `temporal` is why it can't use Temporal."""

    __tablename__ = "worker"
    id: str = Field(primary_key=True)
    started_at: datetime = _moment()
    seen_at: datetime = _moment()
    relay_at: datetime | None = _moment(default=None)
    temporal: str = ""


class EffectRow(SystemTable, table=True):
    """The effect ledger: a step's effect on records happens in the transaction that inserts its row, so once."""

    __tablename__ = "effect"
    run: UUID = Field(primary_key=True)
    path: str = Field(primary_key=True)
    iteration: int = Field(primary_key=True)
    output: dict[str, Any] = _json()
    at: datetime = _moment()
