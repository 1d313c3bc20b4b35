"""The kinds of files that are taken, by extension: what each is sent as, and what its content must look like."""

from dataclasses import dataclass
from typing import Literal

FileGroup = Literal[
    "image", "pdf", "document", "spreadsheet", "presentation", "text", "mail", "archive", "audio", "video"
]


@dataclass(frozen=True)
class FileKind:
    """`marks` are names by which the first bytes may be known; with none, the content is text. `holds` must be found
    somewhere in it. `is_markup`: a browser would run it as a page.
    """

    group: FileGroup
    media_type: str
    marks: frozenset[str] = frozenset()
    holds: bytes = b""
    is_markup: bool = False
    is_shown: bool = False


def _marked(group: FileGroup, media_type: str, *marks: str, holds: bytes = b"", is_shown: bool = False) -> FileKind:
    return FileKind(group, media_type, frozenset(marks), holds, is_shown=is_shown)


_OFFICE = "application/vnd.openxmlformats-officedocument"
_ODF = "application/vnd.oasis.opendocument"
_OLE = (".doc", ".xls", ".ppt", ".msg", ".msi")
_ZIP = (".zip", ".docx")
_JPEG = _marked("image", "image/jpeg", ".jpg", ".jpeg", is_shown=True)
_TIFF = _marked("image", "image/tiff", ".tif", ".tiff")
_HTML = FileKind("text", "text/html", is_markup=True)

FILE_KINDS: dict[str, FileKind] = {
    "png": _marked("image", "image/png", ".png", is_shown=True),
    "jpg": _JPEG,
    "jpeg": _JPEG,
    "gif": _marked("image", "image/gif", ".gif", is_shown=True),
    "webp": _marked("image", "image/webp", ".webp", is_shown=True),
    "bmp": _marked("image", "image/bmp", ".bmp"),
    "tif": _TIFF,
    "tiff": _TIFF,
    "svg": FileKind("image", "image/svg+xml", holds=b"<svg", is_markup=True),
    "pdf": _marked("pdf", "application/pdf", ".pdf"),
    "doc": _marked("document", "application/msword", *_OLE),
    "docx": _marked("document", f"{_OFFICE}.wordprocessingml.document", *_ZIP, holds=b"word/"),
    "odt": _marked("document", f"{_ODF}.text", *_ZIP, holds=f"mimetype{_ODF}.text".encode()),
    "rtf": _marked("document", "application/rtf", ".rtf"),
    "xls": _marked("spreadsheet", "application/vnd.ms-excel", *_OLE),
    "xlsx": _marked("spreadsheet", f"{_OFFICE}.spreadsheetml.sheet", *_ZIP, holds=b"xl/"),
    "ods": _marked("spreadsheet", f"{_ODF}.spreadsheet", *_ZIP, holds=f"mimetype{_ODF}.spreadsheet".encode()),
    "csv": FileKind("spreadsheet", "text/csv"),
    "tsv": FileKind("spreadsheet", "text/tab-separated-values"),
    "ppt": _marked("presentation", "application/vnd.ms-powerpoint", *_OLE),
    "pptx": _marked("presentation", f"{_OFFICE}.presentationml.presentation", *_ZIP, holds=b"ppt/"),
    "odp": _marked("presentation", f"{_ODF}.presentation", *_ZIP, holds=f"mimetype{_ODF}.presentation".encode()),
    "txt": FileKind("text", "text/plain"),
    "log": FileKind("text", "text/plain"),
    "md": FileKind("text", "text/markdown"),
    "json": FileKind("text", "application/json"),
    "xml": FileKind("text", "application/xml", is_markup=True),
    "html": _HTML,
    "htm": _HTML,
    "ics": FileKind("text", "text/calendar", holds=b"BEGIN:VCALENDAR"),
    "vcf": FileKind("text", "text/vcard", holds=b"BEGIN:VCARD"),
    "eml": FileKind("mail", "message/rfc822"),
    "msg": _marked("mail", "application/vnd.ms-outlook", *_OLE),
    "zip": _marked("archive", "application/zip", *_ZIP),
    "gz": _marked("archive", "application/gzip", ".gz"),
    "7z": _marked("archive", "application/x-7z-compressed", ".7z"),
    "mp3": _marked("audio", "audio/mpeg", ".mp3", ".mpga"),
    "wav": _marked("audio", "audio/wav", ".wav"),
    "ogg": _marked("audio", "audio/ogg", ".ogg"),
    "flac": _marked("audio", "audio/flac", ".flac"),
    "mp4": _marked("video", "video/mp4", ".mp4"),
    "mov": _marked("video", "video/quicktime", ".mov"),
    "webm": _marked("video", "video/webm", ".webm"),
}


def extension_of(name: str) -> str:
    """In lower case and without the dot; empty where there is none."""
    stem, dot, extension = name.rpartition(".")
    return extension.lower() if dot and stem else ""


def extensions_of(groups: tuple[FileGroup, ...]) -> list[str]:
    """Of all groups where none is named."""
    return [extension for extension, kind in FILE_KINDS.items() if not groups or kind.group in groups]


def is_shown_inline(media_type: str) -> bool:
    """Whether a browser may show it in a page: pictures that hold no script."""
    return any(kind.is_shown for kind in FILE_KINDS.values() if kind.media_type == media_type)
