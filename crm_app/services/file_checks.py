"""Is a file what its name says? A name alone decides how it is sent later, so the content has to agree with it."""

import unicodedata
from typing import Any, cast

import puremagic

from crm_app.fields.file import MAX_BYTES, MAX_NAME
from crm_app.fields.file_kinds import FILE_KINDS, FileKind, extension_of
from crm_app.kernel.errors import Invalid, TrellisError
from crm_app.services.pictures import MAX_PIXELS, pixels_of
from crm_app.storage.file_store import Incoming

_SURE = 0.3
_guesses: Any = cast("Any", puremagic).magic_string  # its types are half there
_WIDE_TEXT = (b"\xff\xfe", b"\xfe\xff")
_MARKUP = (b"<!doctype", b"<html", b"<svg", b"<?xml", b"<script", b"<body", b"<head")
_MARKS = frozenset(mark for kind in FILE_KINDS.values() for mark in kind.marks) | {".exe", ".elf", ".dll"}


class BadUpload(Invalid):
    """The file can't be taken."""

    code = "bad_file"


class FileTooLarge(TrellisError):
    """Longer than any file that is taken; the rest of it was not read."""

    code, status = "too_large", 413


def too_large() -> FileTooLarge:
    return FileTooLarge(f"A file has at most {MAX_BYTES // 1_000_000} MB.")


def checked_name(raw: str) -> str:
    """The name as it is shown and saved under. It never becomes a path here, but it may become one elsewhere."""
    name = unicodedata.normalize("NFC", raw).strip()
    if not 1 <= len(name) <= MAX_NAME:
        raise BadUpload(f"A file needs a name of 1 to {MAX_NAME} characters.")
    if any(char in '/\\:*?"<>|' or not char.isprintable() for char in name):
        raise BadUpload("The name of a file can't hold slashes, \\ : * ? \" < > | or characters that can't be seen.")
    kind_of(name)
    return name


def kind_of(name: str) -> FileKind:
    extension = extension_of(name)
    if extension not in FILE_KINDS:
        shown = f"Files of the kind '.{extension[:20]}' are" if extension else "A file without an extension is"
        raise BadUpload(f"{shown} not taken. Known: {', '.join(FILE_KINDS)}.")
    return FILE_KINDS[extension]


def require_honest(name: str, coming: Incoming) -> FileKind:
    """Refuses what is empty, and what is something else than its extension says."""
    kind = kind_of(name)
    if not coming.size:
        raise BadUpload(f"{name} is empty.")
    is_so = _is_marked(kind, coming) if kind.marks else _is_text(kind, coming)
    if not is_so or (kind.holds and kind.holds not in coming.content()):
        raise _dishonest(name)
    if kind.is_shown:
        _require_bearable(name, kind, coming)
    return kind


def _dishonest(name: str) -> BadUpload:
    return BadUpload(f"{name} is not what its name says: its content is no .{extension_of(name)}.")


def _require_bearable(name: str, kind: FileKind, coming: Incoming) -> None:
    """Pages show it, so it must not take a browser's whole memory."""
    with coming.reading() as file:
        pixels = pixels_of(file, kind.media_type)
    if pixels is None:
        raise _dishonest(name)
    if pixels > MAX_PIXELS:
        raise BadUpload(f"{name} has too many pixels: a picture has at most {MAX_PIXELS // 1_000_000} million.")


def _is_marked(kind: FileKind, coming: Incoming) -> bool:
    return bool(kind.marks & _names(coming.head, 0.0))


def _is_text(kind: FileKind, coming: Incoming) -> bool:
    """Text has no NUL (but in UTF-16), is not known as anything else, and is markup only where its name says so."""
    if coming.has_nul and not coming.head.startswith(_WIDE_TEXT):
        return False
    if _MARKS & _names(coming.head, _SURE):
        return False
    start = coming.head.lstrip(b"\xef\xbb\xbf \t\r\n").lower()
    return kind.is_markup or not start.startswith(_MARKUP)


def _names(head: bytes, confidence: float) -> set[str]:
    try:
        return {found.extension for found in _guesses(head) if found.confidence >= confidence}
    except (puremagic.PureError, ValueError):
        return set()
