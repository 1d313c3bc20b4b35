"""The system's tables of what was published, when and by whom."""

# pyright: reportAssignmentType=false, reportIncompatibleVariableOverride=false
# (SQLModel declares `__tablename__` and `metadata` as what its metaclass makes of them.)

from datetime import datetime
from typing import Any

from sqlalchemy import DateTime
from sqlalchemy.dialects.postgresql import JSONB
from sqlmodel import Field

from crm_app.storage.system_tables import SystemTable


def _moment() -> Any:
    return Field(sa_type=DateTime(timezone=True))  # pyright: ignore[reportArgumentType]


def _json() -> Any:
    return Field(sa_type=JSONB)


class DefinitionHistoryRow(SystemTable, table=True):
    """What each version changed, whole: the state at a version is each name's newest body up to it. An empty body says
    that the name went away.
    """

    __tablename__ = "definition_history"
    schema_version: int = Field(primary_key=True)
    kind: str = Field(primary_key=True)
    name: str = Field(primary_key=True)
    body: dict[str, Any] = _json()


class PublicationRow(SystemTable, table=True):
    """One publication: who made it, why, and its plan as it was carried out."""

    __tablename__ = "publication"
    version: int = Field(primary_key=True)
    at: datetime = _moment()
    actor: dict[str, Any] = _json()
    note: str = ""
    plan: dict[str, Any] = _json()


class InstalledPackageRow(SystemTable, table=True):
    """What a package brought when it was last installed: the base on which the next one and an administrator's changes
    are told apart.
    """

    __tablename__ = "installed_package"
    name: str = Field(primary_key=True)
    version: str
    at: datetime = _moment()
    bodies: dict[str, Any] = _json()
