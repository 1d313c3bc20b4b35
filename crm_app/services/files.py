"""Files: taken in, attached to a record by whoever saves it (`attachments`), given out to who may read that record,
and swept when nothing holds them.
"""

from dataclasses import dataclass
from datetime import timedelta
from itertools import islice
from pathlib import Path
from uuid import UUID

from crm_app.fields.file import MAX_BYTES
from crm_app.kernel import clock
from crm_app.kernel.actor import Actor
from crm_app.kernel.errors import Forbidden, Invalid, NotFound, TrellisError
from crm_app.kernel.events import RecordRef
from crm_app.kernel.ids import new_id, new_name
from crm_app.services.file_checks import checked_name, require_honest, too_large
from crm_app.services.objects import editable_fields, may, visible_objects
from crm_app.services.records import get_record
from crm_app.services.unit_of_work import UnitOfWork
from crm_app.services.workspace import Workspace
from crm_app.storage.file_rows import (
    FileRow,
    add_file,
    find_file,
    known_among,
    take_expired,
    waiting_of,
)
from crm_app.storage.file_store import FileStore, Incoming

UNATTACHED = timedelta(days=1)
MAX_WAITING = 100
MAX_WAITING_BYTES = 500_000_000
_BATCH = 500


class TooManyWaiting(Invalid):
    """Somebody sends files and attaches none."""

    code = "too_many_files"


@dataclass(frozen=True)
class FileInfo:
    id: UUID
    name: str
    size: int
    media_type: str
    sha256: str


def require_room(workspace: Workspace, actor: Actor) -> None:
    """Before a single byte is read: somebody who may put it into some record, and has not sent too much already."""
    with workspace.reading(actor) as work:
        if not _has_place(work):
            raise Forbidden("There is no field for files in any record that you may create or change.")
        count, size = waiting_of(work.connection, work.who.user_id)
    if count >= MAX_WAITING or size >= MAX_WAITING_BYTES:
        raise TooManyWaiting("You have sent many files without saving a record with them. They go away after a day.")


class Upload:
    """One file of one actor: written piece by piece, then kept or discarded."""

    def __init__(self, workspace: Workspace, actor: Actor, name: str) -> None:
        self._workspace = workspace
        self._actor = actor
        self._name = checked_name(name)
        self._coming: Incoming = workspace.files.incoming()

    def write(self, piece: bytes) -> None:
        if self._coming.size + len(piece) > MAX_BYTES:
            raise too_large()
        self._coming.write(piece)

    def keep(self) -> FileInfo:
        """Content first, row second: a crash between leaves a content without a row, which the sweep takes away."""
        kind = require_honest(self._name, self._coming)
        coming, now = self._coming, clock.now()
        stored = new_name()
        coming.finish(self._workspace.files.path(stored))
        with self._workspace.work(self._actor) as work:
            row = FileRow(
                id=new_id(),
                stored=stored,
                name=self._name,
                media_type=kind.media_type,
                size=coming.size,
                sha256=coming.sha256,
                uploader=work.who.user_id,
                created_at=now,
                expires_at=now + UNATTACHED,
            )
            add_file(work.connection, row)
        return _info(row)

    def discard(self) -> None:
        self._coming.discard()


def open_file(workspace: Workspace, actor: Actor, file_id: UUID | None) -> tuple[FileInfo, Path]:
    """What the actor may read. Anything else does not exist, for whatever reason."""
    with workspace.reading(actor) as work:
        row = find_file(work.connection, file_id) if file_id else None
        if row is None or not _is_readable(work, row):
            raise NotFound("There is no such file, or you may not see it.")
    path = workspace.files.path(row.stored)
    if not path.is_file():
        raise NotFound(f"The content of {row.name} is missing on this server's disk.")
    return _info(row), path


def _is_readable(work: UnitOfWork, row: FileRow) -> bool:
    """One's own until it is attached, if it can be; then whoever sees it in its field of its record as that is now."""
    if row.record is None:
        return row.uploader is not None and row.uploader == work.who.user_id and _has_place(work)
    try:
        record = get_record(work, RecordRef(row.object, row.record), names=False)
    except TrellisError:
        return False
    if row.field not in (work.fields(row.object) or {}):
        return False
    return any(item["id"] == str(row.id) for item in record.values.get(row.field) or ())


def _has_place(work: UnitOfWork) -> bool:
    """Whether any field of files is open to the actor for writing: a key may have less than its person."""
    return any(
        not editable_fields(work, each.name).isdisjoint(field.name for field in each.file_fields)
        for each in visible_objects(work)
        if may(work, "create", each.name) or may(work, "edit", each.name)
    )


def sweep(workspace: Workspace) -> int:
    """Takes away what nothing holds any more: rows first, so that no row ever names a content that is gone."""
    store, now = workspace.files, clock.now()
    swept = 0
    while True:
        with workspace.owned() as connection:
            gone = take_expired(connection, now, _BATCH)
        for stored in gone:
            store.remove(stored)
        swept += len(gone)
        if len(gone) < _BATCH:
            return swept + _sweep_strays(workspace, store)


def _sweep_strays(workspace: Workspace, store: FileStore) -> int:
    """What a crash left behind: pieces that never came to their end, and contents that no row names."""
    old = store.older_than(clock.now() - UNATTACHED)
    swept = 0
    while some := list(islice(old, _BATCH)):
        with workspace.owned() as connection:
            known = known_among(connection, [path.name for path in some])
        strays = [path for path in some if store.is_coming(path) or path.name not in known]
        for path in strays:
            path.unlink(missing_ok=True)
        swept += len(strays)
    return swept


def _info(row: FileRow) -> FileInfo:
    return FileInfo(row.id, row.name, row.size, row.media_type, row.sha256)
