"""The system's own tables, in PostgreSQL schema `crm`. Records of customers' objects live in schema `data`."""

# pyright: reportAssignmentType=false, reportIncompatibleVariableOverride=false
# (SQLModel declares `__tablename__` and `metadata` as what its metaclass makes of them.)

from datetime import datetime
from typing import Any, ClassVar, cast
from uuid import UUID

from sqlalchemy import CheckConstraint, DateTime, Index, Table, Text, text
from sqlalchemy.dialects.postgresql import JSONB
from sqlmodel import Field, MetaData, SQLModel

SYSTEM_SCHEMA = "crm"
RECORD_SCHEMA = "data"


class SystemTable(SQLModel):
    metadata: ClassVar[MetaData] = MetaData(schema=SYSTEM_SCHEMA)


def _moment(**settings: Any) -> Any:
    return Field(sa_type=DateTime(timezone=True), **settings)  # pyright: ignore[reportArgumentType]


def _json() -> Any:
    return Field(sa_type=JSONB)


class WorkspaceRow(SystemTable, table=True):
    """The one row that every unit of work reads first: which definitions and which access facts are current.
    `prepared_by` names the version of the product that last made it ready.
    """

    __tablename__ = "workspace"
    __table_args__ = (CheckConstraint("id = 1", name="one_workspace"),)
    id: int = Field(primary_key=True)
    name: str
    time_zone: str = "UTC"
    currency: str = "USD"
    schema_version: int = 0
    access_version: int = 0
    prepared_by: str = ""


class DefinitionRow(SystemTable, table=True):
    """The live version of a definition."""

    __tablename__ = "definition"
    kind: str = Field(primary_key=True)
    name: str = Field(primary_key=True)
    schema_version: int
    body: dict[str, Any] = _json()


class DefinitionVersionRow(SystemTable, table=True):
    """Every version that was ever published, by content hash: a run keeps the one it started with. `publisher` is the
    person who stands behind it, whoever published it last; nobody where it was the product itself.
    """

    __tablename__ = "definition_version"
    hash: str = Field(primary_key=True)
    kind: str
    name: str
    schema_version: int
    body: dict[str, Any] = _json()
    published_at: datetime = _moment()
    publisher: UUID | None = None


class UserRow(SystemTable, table=True):
    __tablename__ = "app_user"
    id: UUID = Field(primary_key=True)
    name: str
    email: str = Field(unique=True)
    password_hash: str = ""
    time_zone: str = ""
    manager: UUID | None = Field(default=None, foreign_key="crm.app_user.id")
    is_active: bool = True
    created_at: datetime = _moment()


class TeamRow(SystemTable, table=True):
    __tablename__ = "team"
    id: UUID = Field(primary_key=True)
    name: str = Field(unique=True)
    manager: UUID | None = Field(default=None, foreign_key="crm.app_user.id", index=True)
    parent: UUID | None = Field(default=None, foreign_key="crm.team.id", index=True)


class TeamMemberRow(SystemTable, table=True):
    __tablename__ = "team_member"
    team: UUID = Field(primary_key=True, foreign_key="crm.team.id")
    user: UUID = Field(primary_key=True, foreign_key="crm.app_user.id", index=True)


class UserRoleRow(SystemTable, table=True):
    __tablename__ = "user_role"
    user: UUID = Field(primary_key=True, foreign_key="crm.app_user.id")
    role: str = Field(primary_key=True)


class PolicyRow(SystemTable, table=True):
    """One Casbin line; `role` says which definition wrote it."""

    __tablename__ = "policy"
    id: UUID = Field(primary_key=True)
    role: str = Field(index=True)
    line: list[str] = _json()


class AuditRow(SystemTable, table=True):
    """A permanent fact. Append-only: a trigger refuses UPDATE and DELETE. Its id says when, so that the newest are the
    last of every index. `correlation` is what it was part of: a run, or the entry of an import or a bulk change.
    """

    __tablename__ = "audit"
    __table_args__ = (
        Index("audit_record", "object", "record", text("id DESC")),
        Index("audit_object", "object", "id"),
        Index("audit_name", "name", "id"),
        Index("audit_user", text("(actor ->> 'user')"), "id"),
        Index("audit_correlation", "correlation", "id", postgresql_where=text("correlation IS NOT NULL")),
    )
    id: UUID = Field(primary_key=True)
    at: datetime = _moment()
    name: str
    object: str = ""
    record: UUID | None = None
    version: int = 0
    actor: dict[str, Any] = _json()
    changes: dict[str, Any] = _json()
    correlation: UUID | None = None
    reason: str = Field(default="", sa_type=Text, sa_column_kwargs={"server_default": ""})


class TrashRow(SystemTable, table=True):
    """A deleted record that can be restored. `root` is the record that it went together with; `links` are its own, by
    field; `cleared` are the records that pointed at it, by `object.field`.
    """

    __tablename__ = "trash"
    __table_args__ = (Index("trash_object", "object", text("at DESC")),)
    record: UUID = Field(primary_key=True)
    object: str
    at: datetime = _moment()
    actor: dict[str, Any] = _json()
    root: UUID | None = Field(default=None, index=True)
    links: dict[str, Any] = _json()
    cleared: dict[str, Any] = _json()


class OutboxRow(SystemTable, table=True):
    """A fact that an automation may want, written in the transaction of the change and taken away by the relay."""

    __tablename__ = "outbox"
    id: UUID = Field(primary_key=True)
    at: datetime = _moment()
    name: str
    object: str
    record: UUID
    before: dict[str, Any] = _json()
    after: dict[str, Any] = _json()
    actor: dict[str, Any] = _json()
    depth: int = 0


class ImportKeyRow(SystemTable, table=True):
    """Which record an outside row became, so that a second import finds it: `source` names the import's origin."""

    __tablename__ = "import_key"
    source: str = Field(primary_key=True)
    key: str = Field(primary_key=True)
    object: str
    record: UUID = Field(index=True)
    fingerprint: str


def table_of(model: type[SystemTable]) -> Table:
    """The Core table behind a model, for statements that write many rows."""
    return cast("Any", model).__table__
