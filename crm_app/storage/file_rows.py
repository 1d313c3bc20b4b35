"""What is known of the files whose content `file_store` keeps: one row each, in the system's schema."""

# pyright: reportAssignmentType=false, reportIncompatibleVariableOverride=false
# (as in system_tables.py)

from collections.abc import Collection, Iterable
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import Connection, DateTime, Index, delete, func, insert, select, text, update
from sqlmodel import Field

from crm_app.storage.system_tables import SystemTable, table_of


class FileRow(SystemTable, table=True):
    """`stored` names the content. `record` is empty until the file is attached; `expires_at` says from when on it may
    be swept, and is empty while a live record holds it.
    """

    __tablename__ = "file"
    __table_args__ = (
        Index("file_record", "object", "record"),
        Index("file_expires", "expires_at", postgresql_where=text("expires_at IS NOT NULL")),
        Index("file_waiting", "uploader", postgresql_where=text("record IS NULL")),
    )
    id: UUID = Field(primary_key=True)
    stored: str = Field(unique=True)
    name: str
    media_type: str
    size: int
    sha256: str
    uploader: UUID | None = Field(default=None, foreign_key="crm.app_user.id")
    object: str = ""
    record: UUID | None = None
    field: str = ""
    created_at: datetime = Field(sa_type=DateTime(timezone=True))  # pyright: ignore[reportArgumentType]
    expires_at: datetime | None = Field(default=None, sa_type=DateTime(timezone=True))  # pyright: ignore[reportArgumentType]


_FILES = table_of(FileRow)


def add_file(connection: Connection, row: FileRow) -> None:
    connection.execute(insert(_FILES), row.model_dump())


def find_file(connection: Connection, file_id: UUID) -> FileRow | None:
    return next(iter(_found(connection, select(_FILES).where(_FILES.c.id == file_id))), None)


def hold_files(connection: Connection, ids: Collection[UUID]) -> dict[UUID, FileRow]:
    """Locked until the end of the transaction, so that of two records only one gets a file."""
    query = select(_FILES).where(_FILES.c.id.in_(ids)).order_by(_FILES.c.id).with_for_update()
    return {row.id: row for row in _found(connection, query)}


def _found(connection: Connection, query: Any) -> Iterable[FileRow]:
    return [FileRow(**row) for row in connection.execute(query).mappings()]


def attach_files(connection: Connection, ids: Collection[UUID], name: str, record: UUID, field: str) -> None:
    change = update(_FILES).where(_FILES.c.id.in_(ids))
    connection.execute(change.values(object=name, record=record, field=field, expires_at=None))


def let_go(connection: Connection, name: str, record: UUID, ids: Collection[UUID] | None, at: datetime) -> None:
    """From `at` on they may be swept: the files named, or all of the record."""
    of_record = (_FILES.c.object == name) & (_FILES.c.record == record)
    chosen = of_record if ids is None else of_record & _FILES.c.id.in_(ids)
    connection.execute(update(_FILES).where(chosen).values(expires_at=at))


def waiting_of(connection: Connection, uploader: UUID | None) -> tuple[int, int]:
    """How many files somebody has sent without attaching them, and their bytes."""
    query = select(func.count(), func.coalesce(func.sum(_FILES.c.size), 0))
    found = connection.execute(query.where(_FILES.c.uploader == uploader, _FILES.c.record.is_(None))).one()
    return int(found[0]), int(found[1])


def take_expired(connection: Connection, now: datetime, limit: int) -> list[str]:
    """Removes them and says where their content is."""
    expired = select(_FILES.c.id).where(_FILES.c.expires_at < now).limit(limit).with_for_update(skip_locked=True)
    return list(connection.execute(delete(_FILES).where(_FILES.c.id.in_(expired)).returning(_FILES.c.stored)).scalars())


def known_among(connection: Connection, stored: Collection[str]) -> set[str]:
    return set(connection.execute(select(_FILES.c.stored).where(_FILES.c.stored.in_(stored))).scalars())
