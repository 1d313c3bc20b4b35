import json
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any, cast

from pydantic import Field

from crm_app.fields.field_type import Column, FieldConfig, FieldType, FieldValueError
from crm_app.fields.rule_type import JSON
from crm_app.fields.text_rules import clean_text
from crm_app.kernel import strict_json
from crm_app.kernel.errors import Invalid

SAFE_NUMBER = 2**53
MAX_SHOWN = 1_000


class JsonConfig(FieldConfig):
    max_bytes: int = Field(
        default=16_384,
        ge=2,
        le=262_144,
        title="Most bytes",
        description="How long the JSON may be when it is written without spaces.",
    )


@dataclass(frozen=True, eq=False)
class Json:
    """An object or a list. Two are equal when they are written alike: in JSON `true` is not `1`."""

    value: dict[str, Any] | list[Any]

    def __str__(self) -> str:
        return json.dumps(self.value, ensure_ascii=False, separators=(",", ":"), sort_keys=True)

    def __eq__(self, other: object) -> bool:
        return isinstance(other, Json) and str(self) == str(other)

    def __hash__(self) -> int:
        return hash(str(self))


def _parse(raw: object, config: JsonConfig) -> Json | None:
    """Text is read as JSON; an object or a list is taken as it is. Both are strict: see `_refuse`. An empty
    list is no value, as in every field.
    """
    if isinstance(raw, Json):
        return raw
    value = _read(raw, config) if isinstance(raw, str) else raw
    if not isinstance(value, (dict, list)):
        raise FieldValueError("JSON has to be an object, such as {}, or a list, such as [].")
    if not value and isinstance(value, list):
        return None
    found = Json(cast("dict[str, Any] | list[Any]", value))
    _refuse(found.value)
    size = len(str(found).encode())
    if size > config.max_bytes:
        raise FieldValueError(f"At most {config.max_bytes:,} bytes of JSON fit; this has {size:,}.")
    return found


def _read(text: str, config: JsonConfig) -> Any:
    try:
        return strict_json.loads(clean_text(text, max_length=2 * config.max_bytes))
    except Invalid as error:
        raise FieldValueError(f"This is not JSON. {error}") from None


def _refuse(value: object) -> None:
    """Nesting over 32 levels, text that is no text, and numbers that programs would round."""
    level: list[object] = [value]
    for _ in range(strict_json.MAX_DEPTH):
        level = [part for each in level for part in _inside(each)]
        if not level:
            return
    raise FieldValueError(f"The JSON is nested deeper than {strict_json.MAX_DEPTH} levels.")


def _inside(value: object) -> Iterator[object]:
    match value:
        case dict():
            for key, part in cast("dict[object, object]", value).items():
                clean_text(key, max_length=1_000)
                yield part
        case list():
            yield from cast("list[object]", value)
        case str():
            clean_text(value, max_length=SAFE_NUMBER)
        case None | bool():
            pass
        case int() | float() if abs(value) <= SAFE_NUMBER:
            pass
        case int() | float():
            raise FieldValueError("A number beyond ±2⁵³ is written as text, because JSON readers round it.")
        case _:
            raise FieldValueError(f"JSON has no {type(value).__name__}.")


def _text(value: Json, _config: object) -> str:
    text = str(value)
    return text if len(text) <= MAX_SHOWN else text[:MAX_SHOWN] + "…"


def _edit(value: Json, _config: object) -> str:
    return json.dumps(value.value, ensure_ascii=False, indent=2)


FIELD_TYPE = FieldType(
    name="json",
    label="JSON",
    widget="json",
    description="An object or a list in JSON, for what other programs keep here. Rules only ask whether it is empty.",
    config=JsonConfig,
    parse=_parse,
    dump=lambda value, _config: value.value,
    text=_text,
    edit=_edit,
    split=lambda value: (None if value is None else value.value,),
    join=Json,
    schema={"type": ["object", "array"]},
    rule_type=lambda _config: JSON,
    columns=(Column("jsonb"),),
    operators=("is_empty", "is_not_empty"),
    examples=('{"a": [1, 2.5, true, null]}', {"b": {"c": "<script>"}}, [1], "{}"),
    hostile=(
        "{",
        "5",
        '"text"',
        '{"a": 1, "a": 2}',
        '{"a": NaN}',
        '{"a": 1e999}',
        '{"a": 9007199254740993}',
        '{"a": "\\u0000"}',
        '{"a": "\\ud800"}',
        "[" * 40 + "]" * 40,
        {"a": "x" * 20_000},
        7,
        True,
    ),
    is_sortable=False,
)
