from typing import Any, cast

from pydantic import Field

from crm_app.fields.field_type import Column, FieldConfig, FieldType, FieldValueError
from crm_app.fields.file_kinds import FileGroup
from crm_app.fields.rule_type import JSON
from crm_app.kernel.errors import Invalid
from crm_app.kernel.ids import parse_id
from crm_app.kernel.strict_json import loads

MAX_BYTES = 25_000_000
MAX_FILES = 20
MAX_NAME = 200
FileValue = list[dict[str, Any]]
_PARTS = {"id": str, "name": str, "size": int, "type": str}


class FileConfig(FieldConfig):
    """`kinds` are the groups of files that fit, all of them when empty; `max_bytes` is for each file."""

    many: bool = Field(default=False, title="Several files", description="Whether more than one file fits.")
    max_bytes: int = Field(
        default=MAX_BYTES, ge=1, le=MAX_BYTES, title="Largest file", description="How big each may be, such as 10 MB."
    )
    kinds: tuple[FileGroup, ...] = Field(
        default=(), title="Kinds", description="The groups of files that are taken; all of them when none is named."
    )


def _parse(raw: object, config: FileConfig) -> FileValue:
    """An id, several of them with semicolons between, a list, or what `dump` wrote. Whose the files are, how they are
    called and how big they are is not believed here: whoever saves the record looks that up.
    """
    items = _items(raw)
    found = {item["id"]: item for item in map(_item, items)}
    if len(found) > (MAX_FILES if config.many else 1):
        raise FieldValueError(f"At most {MAX_FILES} files fit." if config.many else "Only one file fits.")
    return list(found.values())


def _items(raw: object) -> list[object]:
    if isinstance(raw, str) and raw.lstrip().startswith(("[", "{")):
        try:
            raw = loads(raw)
        except (Invalid, ValueError):
            raise FieldValueError("Expected the ids of files.") from None
    if isinstance(raw, str):
        return [part.strip() for part in raw.split(";") if part.strip()]
    return cast("list[object]", raw) if isinstance(raw, list) else [raw]


def _item(raw: object) -> dict[str, Any]:
    """All four parts, empty where they are not known yet."""
    parts: dict[str, Any] = cast("dict[str, Any]", raw) if isinstance(raw, dict) else {"id": raw}
    identifier = parse_id(str(parts.get("id")))
    fits = all(type(value) is _PARTS.get(name) for name, value in parts.items() if name != "id")
    if identifier is None or not fits:
        raise FieldValueError(f"'{str(cast('object', raw))[:40]}' is not the id of a file.")
    known = {"name": "", "size": 0, "type": "", **parts}
    return {"id": str(identifier), **{name: known[name] for name in ("name", "size", "type")}}


def _dump(value: FileValue, config: FileConfig) -> Any:
    return value if config.many else value[0]


def _edit(value: FileValue, _config: FileConfig) -> str:
    return ";".join(item["id"] for item in value)


def _text(value: FileValue, _config: FileConfig) -> str:
    return "; ".join(item["name"] or "a file" for item in value)


FIELD_TYPE = FieldType(
    name="file",
    label="File",
    widget="file",
    description="One file, or several: documents, pictures, mails. They are sent first and then named by their ids.",
    config=FileConfig,
    parse=_parse,
    dump=_dump,
    edit=_edit,
    text=_text,
    rule_type=lambda _config: JSON,
    columns=(Column("jsonb"),),
    operators=("is_empty", "is_not_empty"),
    examples=("0190a5c0-0000-7000-8000-000000000001",),
    hostile=(
        "contract.pdf",
        "../../etc/passwd",
        7,
        True,
        {"name": "x"},
        ["x"],
        '[{"id": 1}]',
        "[",
        {"id": "x", "y": 1},
    ),
    is_sortable=False,
)
