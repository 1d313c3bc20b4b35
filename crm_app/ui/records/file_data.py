"""Files as forms and cells show them."""

from typing import Any, TypedDict

from crm_app.definitions.field import FieldDefinition
from crm_app.fields.file import MAX_FILES, FileConfig
from crm_app.fields.file_kinds import extensions_of, is_shown_inline
from crm_app.ui.address import file_path

FILES = "files"
_KILO, _MEGA = 1_000, 1_000_000


class FileHeld(TypedDict):
    id: str
    name: str
    size: int


class FilePick(TypedDict):
    """What a file field's input needs: the files that it holds, and what fits."""

    held: list[FileHeld]
    accept: str
    max_bytes: int
    max_files: int


class FileLink(TypedDict):
    """`picture` is an address that may be shown in a page; empty for anything but plain pictures."""

    name: str
    size: str
    href: str
    picture: str


NO_PICK = FilePick(held=[], accept="", max_bytes=0, max_files=0)


def size_text(size: int) -> str:
    if size < _KILO:
        return f"{size} bytes"
    return f"{size / _KILO:.0f} kB" if size < _MEGA else f"{size / _MEGA:.1f} MB".replace(".0 ", " ")


def file_pick(field: FieldDefinition, value: Any) -> FilePick:
    config = field.settings
    if not isinstance(config, FileConfig):
        return NO_PICK
    held = value if isinstance(value, list) else []
    return FilePick(
        held=[FileHeld(id=item["id"], name=item["name"], size=item["size"]) for item in held],
        accept=",".join(f".{extension}" for extension in extensions_of(config.kinds)),
        max_bytes=config.max_bytes,
        max_files=MAX_FILES if config.many else 1,
    )


def file_links(value: list[dict[str, Any]]) -> list[FileLink]:
    return [
        FileLink(
            name=item["name"],
            size=size_text(item["size"]),
            href=file_path(item["id"]),
            picture=f"{file_path(item['id'])}?inline" if is_shown_inline(item["type"]) else "",
        )
        for item in value
    ]
