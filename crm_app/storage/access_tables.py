"""What widens access besides roles and teams: single records that were shared, and territories with their people."""

# pyright: reportAssignmentType=false, reportIncompatibleVariableOverride=false
# (SQLModel declares `__tablename__` and `metadata` as what its metaclass makes of them.)

from datetime import datetime
from uuid import UUID

from sqlalchemy import CheckConstraint, DateTime, Index, UniqueConstraint
from sqlmodel import Field

from crm_app.storage.system_tables import SystemTable


class ShareRow(SystemTable, table=True):
    """One record for one person, team or role: `grantee` is an id, or the name of a role."""

    __tablename__ = "share"
    __table_args__ = (
        UniqueConstraint("object", "record", "kind", "grantee", name="shared_once"),
        CheckConstraint("kind IN ('user', 'team', 'role')", name="share_kind"),
        CheckConstraint("level IN ('read', 'edit')", name="share_level"),
        Index("share_grantee", "kind", "grantee"),
    )
    id: UUID = Field(primary_key=True)
    object: str
    record: UUID
    kind: str
    grantee: str
    level: str
    until: datetime | None = Field(default=None, sa_type=DateTime(timezone=True))  # pyright: ignore[reportArgumentType]
    by: UUID | None = Field(default=None, foreign_key="crm.app_user.id")
    at: datetime = Field(sa_type=DateTime(timezone=True))  # pyright: ignore[reportArgumentType]


class TerritoryRow(SystemTable, table=True):
    __tablename__ = "territory"
    id: UUID = Field(primary_key=True)
    name: str = Field(unique=True)
    parent: UUID | None = Field(default=None, foreign_key="crm.territory.id", index=True)


class TerritoryMemberRow(SystemTable, table=True):
    __tablename__ = "territory_member"
    territory: UUID = Field(primary_key=True, foreign_key="crm.territory.id")
    user: UUID = Field(primary_key=True, foreign_key="crm.app_user.id", index=True)
