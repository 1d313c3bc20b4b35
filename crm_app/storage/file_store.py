"""The content of files, outside of the database: random names in two levels of folders, whole or not there at all."""

import errno
import hashlib
import os
import shutil
from collections.abc import Generator, Iterator
from contextlib import contextmanager, suppress
from datetime import datetime
from pathlib import Path
from typing import BinaryIO

from crm_app.kernel.errors import TrellisError
from crm_app.kernel.ids import new_name

# What is left for the database, which often shares the disk.
RESERVE_BYTES = 200_000_000
HEAD_BYTES = 4_096
_COMING = "coming"
_FULL = {errno.ENOSPC, errno.EDQUOT}


class NoSpace(TrellisError):
    """The disk has no room for more files."""

    code, status = "no_space", 507


class Incoming:
    """A file on its way in; it is nowhere to be found until `finish`."""

    def __init__(self, path: Path, file: BinaryIO) -> None:
        self._path = path
        self._file = file
        self._hash = hashlib.sha256()
        self.size = 0
        self.head = b""
        self.has_nul = False

    @property
    def sha256(self) -> str:
        return self._hash.hexdigest()

    def write(self, chunk: bytes) -> None:
        with _said_plainly():
            self._file.write(chunk)
        self._hash.update(chunk)
        self.size += len(chunk)
        self.has_nul = self.has_nul or b"\x00" in chunk
        if len(self.head) < HEAD_BYTES:
            self.head = (self.head + chunk)[:HEAD_BYTES]

    @contextmanager
    def reading(self) -> Generator[BinaryIO]:
        """From its start, for looking at a part of it."""
        self._file.flush()
        with self._path.open("rb") as file:
            yield file

    def content(self) -> bytes:
        """All of it, for looking inside; its size was checked while it came."""
        self._file.flush()
        return self._path.read_bytes()

    def finish(self, to: Path) -> None:
        """On the disk for certain, and only then under its name."""
        with _said_plainly():
            self._file.flush()
            os.fsync(self._file.fileno())
            self._file.close()
            to.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
            self._path.replace(to)
            _sync_folder(to.parent)

    def discard(self) -> None:
        """After `finish` it does nothing."""
        self._file.close()
        self._path.unlink(missing_ok=True)


class FileStore:
    def __init__(self, root: Path) -> None:
        self.root = root

    def incoming(self) -> Incoming:
        with _said_plainly():
            folder = self.root / _COMING
            folder.mkdir(mode=0o700, parents=True, exist_ok=True)
            if shutil.disk_usage(folder).free < RESERVE_BYTES:
                raise _no_space()
            path = folder / new_name()
            descriptor = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
        return Incoming(path, os.fdopen(descriptor, "wb"))

    def path(self, stored: str) -> Path:
        """`stored` is a name that was made here, never one that came from outside."""
        return self.root / stored[:2] / stored[2:4] / stored

    def remove(self, stored: str) -> None:
        self.path(stored).unlink(missing_ok=True)

    def older_than(self, moment: datetime) -> Iterator[Path]:
        """Every content, and every piece of one that never came to its end."""
        for path in self.root.rglob("*"):
            with suppress(FileNotFoundError):
                if path.is_file() and path.stat().st_mtime < moment.timestamp():
                    yield path

    def is_coming(self, path: Path) -> bool:
        return path.parent.name == _COMING


def _sync_folder(folder: Path) -> None:
    descriptor = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)


def _no_space() -> NoSpace:
    return NoSpace(
        "There is no space left for files on the server's disk. Tell whoever looks after it; nothing was saved."
    )


@contextmanager
def _said_plainly() -> Generator[None]:
    try:
        yield
    except OSError as error:
        if error.errno not in _FULL:
            raise
        raise _no_space() from error
