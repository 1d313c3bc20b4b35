"""Settings that are lists of small parts, or parts by name, as rows: made from the schema of what one part may say.
What has more in it than a row can hold stays JSON.
"""

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from typing import Any, TypedDict, cast

from pydantic import BaseModel

from crm_app.definitions.settings import Setting
from crm_app.kernel.strict_json import BadJson, loads
from crm_app.ui.builder.setting_texts import choice_text
from crm_app.ui.inputs import Choice

ROWS = "rows"
KEY, PLAIN = "*", "="
_BY_FIELD = ("match", "values", "links", "files")
_CHOSEN = {"inputs": {"field"}, "order": {"field"}, "moves": {"list", "to"}}
_WHICH = {"links": "Record", "files": "Field of the record"}
_LABELS = {"required": "Required", "kind": "Kind", "path": "Path in the JSON", "field": "Kept in", "options": "Options"}
_LABELS_IN = {"moves": {"to": "To the record", "field": "In its field"}}
_FIRST = ("label",)
Schema = Mapping[str, Any]


class Column(TypedDict):
    """`kind` is `text`, `tick`, `choice`, or `words` for a list of them; `chosen_by` is what its choices are called."""

    name: str
    label: str
    kind: str
    is_required: bool
    default: Any
    chosen_by: str
    choices: list[Choice]


@dataclass(frozen=True)
class RowsSetting(Setting):
    """Of a list `is_list`; otherwise each row has the name of its part under `KEY`, and the value of a part that is no
    object under `PLAIN`.
    """

    columns: tuple[Column, ...] = ()
    is_list: bool = False


def with_rows(setting: Setting, model: type[BaseModel]) -> Setting:
    """The setting as rows, where its parts are small enough."""
    found = _columns(model, setting.path)
    if found is None:
        return setting
    kept = {**vars(setting), "kind": cast("Any", ROWS)}
    return RowsSetting(**kept, columns=tuple(found[1]), is_list=found[0])


def rows_text(setting: RowsSetting, value: Any) -> str | None:
    """The rows as JSON; nothing where they hold what no column is for."""
    if setting.is_list:
        rows = [cast("Any", row) for row in value] if isinstance(value, Sequence) else []
    else:
        parts = cast("Mapping[str, Any]", value or {})
        rows = [{KEY: key, **(part if isinstance(part, Mapping) else {PLAIN: part})} for key, part in parts.items()]
    is_said = all(isinstance(row, Mapping) for row in rows) and _is_known(setting, rows)
    return json.dumps(rows, ensure_ascii=False) if is_said else None


def rows_read(setting: RowsSetting, text: str) -> Any:
    """The list, or the parts by name, without defaults; a part without a name, or without its
    value, is still being written.
    """
    rows = loads(text) if text.strip() else []
    if not _is_known(setting, rows):
        return rows
    if not isinstance(rows, list) or not all(isinstance(row, dict) for row in cast("list[Any]", rows)):
        raise BadJson("These are no rows.")
    parts = [_part(setting, cast("Schema", row)) for row in cast("list[Any]", rows)]
    if setting.is_list:
        return parts or None
    named = [(str(part.pop(KEY, "")).strip(), part) for part in parts]
    named = [(name, part) for name, part in named if name and (PLAIN not in _names(setting) or part.get(PLAIN))]
    if double := next((name for at, (name, _) in enumerate(named) if name in dict(named[:at])), ""):
        raise BadJson(f"There are two rows for '{double[:50]}'.")
    return {name: part.get(PLAIN, part) for name, part in named} or None


def _is_known(setting: RowsSetting, rows: Any) -> bool:
    """Not so where it was written as JSON."""
    known = _names(setting)
    return not isinstance(rows, dict) and all(
        set(cast("Schema", row)) <= known for row in rows if isinstance(row, Mapping)
    )


def columns_for(setting: RowsSetting, choices: Any) -> list[Column]:
    """With what each may be chosen from: `choices` gives that by what it is called."""
    return [_with_choices(column, setting, choices(column["chosen_by"])) for column in setting.columns]


def _with_choices(column: Column, setting: RowsSetting, found: list[tuple[str, str]]) -> Column:
    if not found:
        return column
    given = [Choice(value=value, label=label, id="", is_chosen=False) for value, label in found]
    which = _WHICH.get(setting.path.rpartition("/")[2], "Variable")
    label = which if column["name"] == PLAIN and not setting.is_list else column["label"]
    return {**column, "kind": "choice", "choices": given, "label": label}


def _names(setting: RowsSetting) -> set[str]:
    return {column["name"] for column in setting.columns}


def _part(setting: RowsSetting, row: Schema) -> dict[str, Any]:
    return {
        column["name"]: row[column["name"]]
        for column in setting.columns
        if column["name"] in row
        if column["is_required"] or row[column["name"]] not in (column["default"], "", [], None)
    }


@cache
def _columns(model: type[BaseModel], name: str) -> tuple[bool, list[Column]] | None:
    whole = cast("Schema", model.model_json_schema())
    known = cast("Mapping[str, Schema]", whole.get("$defs", {}))
    prop = cast("Mapping[str, Schema]", whole.get("properties", {})).get(name, {})
    if prop.get("type") == "array":
        columns = _of_object(_resolved(cast("Schema", prop.get("items", {})), known), known) or []
        names = _CHOSEN.get(name, set[str]())
        labels = _LABELS_IN.get(name, {})
        found = [
            {
                **each,
                "label": labels.get(each["name"], each["label"]),
                "chosen_by": each["name"] if each["name"] in names else "",
            }
            for each in columns
        ]
        return (True, cast("list[Column]", found)) if found else None
    by_name = list(cast("Mapping[str, Schema]", prop.get("patternProperties", {})).values())
    if isinstance(any_name := prop.get("additionalProperties"), dict):
        by_name.append(cast("Schema", any_name))
    if prop.get("type") != "object" or len(by_name) != 1:
        return None
    value = _resolved(by_name[0], known)
    own = _of_object(value, known) if "properties" in value else _plain(value)
    if own is None:
        return None
    is_by_field = name in _BY_FIELD
    key = _column(KEY, {"type": "string", "title": "Field" if is_by_field else "Name"}, is_required=True)
    assert key is not None  # noqa: S101 - a text
    return False, [{**key, "chosen_by": "field" if is_by_field else ""}, *own]


def _plain(value: Schema) -> list[Column] | None:
    column = _column(PLAIN, {**value, "title": "Type" if "enum" in value else "Value"}, is_required=True)
    return None if column is None else [{**column, "chosen_by": "" if column["choices"] else "variable"}]


def _of_object(part: Schema, known: Mapping[str, Schema]) -> list[Column] | None:
    required = cast("Sequence[str]", part.get("required", ()))
    found = [
        _column(name, _resolved(each, known), is_required=name in required)
        for name, each in cast("Mapping[str, Schema]", part.get("properties", {})).items()
    ]
    columns = [column for column in found if column is not None]
    if not columns or len(columns) < len(found):
        return None
    return sorted(columns, key=lambda column: column["name"] not in _FIRST)


def _column(name: str, part: Schema, *, is_required: bool) -> Column | None:
    kinds = {"string": "text", "boolean": "tick", "array": "words"}
    kind = kinds.get(str(part.get("type")))
    items = cast("Schema", part.get("items", {}))
    if kind is None or (kind == "words" and items.get("type") != "string"):
        return None
    title = str(part.get("title", ""))
    return Column(
        name=name,
        label=title if name in (KEY, PLAIN) else _LABELS.get(name, name.replace("_", " ").capitalize()),
        kind="choice" if "enum" in part else kind,
        is_required=is_required,
        default=part.get("default"),
        chosen_by="",
        choices=[
            Choice(value=value, label=choice_text(value), id="", is_chosen=False)
            for value in cast("Sequence[str]", part.get("enum", ()))
        ],
    )


def _resolved(part: Schema, known: Mapping[str, Schema]) -> Schema:
    """With what stands beside the reference, such as a default."""
    name = str(part.get("$ref", "")).rpartition("/")[2]
    return {**known[name], **part} if name else part


def unsaid(setting: RowsSetting) -> Setting:
    """As JSON, for what rows can't say."""
    names = ("path", "label", "default", "is_required", "takes_text", "choices", "limits", "help")
    return Setting(kind="json", **{name: getattr(setting, name) for name in names})
