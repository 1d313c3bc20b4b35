"""What files hold, as one short text: two checkouts with the same text behave the same."""

import hashlib
from collections.abc import Iterable, Iterator
from pathlib import Path

_NOT_SOURCES = {"__pycache__", "external"}


def fingerprint(root: Path, files: Iterable[str], folders: Iterable[str]) -> str:
    """Changes when a named file, or any file below a named folder, is added, removed or changed."""
    digest = hashlib.sha256()
    for file in _sources(root, files, folders):
        digest.update(str(file.relative_to(root)).encode() + b"\0")
        digest.update(hashlib.sha256(file.read_bytes()).digest())
    return digest.hexdigest()


def _sources(root: Path, files: Iterable[str], folders: Iterable[str]) -> Iterator[Path]:
    for name in files:
        if (root / name).exists():
            yield root / name
    for name in folders:
        for file in sorted((root / name).rglob("*")):
            if file.is_file() and not _NOT_SOURCES.intersection(file.relative_to(root).parts):
                yield file
