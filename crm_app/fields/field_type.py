"""The promise of a field type: everything the house needs to know of it, in one frozen value."""

import json
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any, Literal

from pydantic import BaseModel, ConfigDict

from crm_app.fields.rule_type import RuleType

SqlKind = Literal[
    "text", "numeric", "bigint", "boolean", "date", "time", "timestamptz", "interval", "uuid", "text[]", "jsonb"
]
Operator = Literal[
    "eq",
    "ne",
    "lt",
    "le",
    "gt",
    "ge",
    "in",
    "not_in",
    "contains",
    "contains_none",
    "starts_with",
    "ends_with",
    "is_empty",
    "is_not_empty",
]

EQUALITY: tuple[Operator, ...] = ("eq", "ne", "in", "not_in", "is_empty", "is_not_empty")
ORDERED: tuple[Operator, ...] = ("eq", "ne", "lt", "le", "gt", "ge", "is_empty", "is_not_empty")
TEXTUAL: tuple[Operator, ...] = ("contains", "eq", "ne", "starts_with", "ends_with", "is_empty", "is_not_empty")


class FieldConfig(BaseModel):
    """A field type's own settings in a definition."""

    model_config = ConfigDict(frozen=True, extra="forbid")


class FieldValueError(ValueError):
    """The value does not fit the field; the message is a sentence for the person who typed it."""


@dataclass(frozen=True)
class FieldPart:
    """One part of a value of several, such as an address's city, in a stored column of its own. `autofill` is what a
    browser calls it, so that it can fill it in.
    """

    name: str
    label: str
    kind: SqlKind = "text"
    autofill: str = "off"
    is_multiline: bool = False


@dataclass(frozen=True)
class Column:
    """One stored column: the field's name plus `suffix`."""

    kind: SqlKind
    suffix: str = ""


def _identity(value: Any, _config: Any) -> Any:
    return value


def _as_text(value: Any, _config: Any) -> str:
    return str(value)


def _only(value: Any) -> tuple[Any, ...]:
    return (value,)


def _first(*columns: Any) -> Any:
    return columns[0]


@dataclass(frozen=True)
class FieldType:
    """`parse` takes what a form, JSON body or CSV cell holds and returns the stored Python value (`None` when empty) or
    raises `FieldValueError`; `dump` makes JSON of that value; `text` is what a person reads, and `edit`
    what an input of a form and a cell of a CSV file hold, as the JSON says where it is `None`; `parse` takes it back.
    None of them is called with `None`. `is_relation`: it points at one record, by a column; `is_linked`: at any number
    of them, by a table of links instead of a column; `target` is the product's own object that values point at. A field
    that `is_generated` gets its values from the product alone; one that `is_computed` has none stored: they are worked
    out when they are read. `split` and `join` spread a value over `columns`.
    `parts` are those of a value that is an object in JSON; `schema` is its JSON Schema, where that doesn't follow from
    the rule type. `variant` is the type itself under a config with which it is stored or read in another way.
    """

    name: str
    label: str
    widget: str
    parse: Callable[[Any, Any], Any]
    rule_type: Callable[[Any], RuleType]
    examples: tuple[Any, ...]
    hostile: tuple[Any, ...]
    description: str
    config: type[FieldConfig] = FieldConfig
    columns: tuple[Column, ...] = (Column("text"),)
    dump: Callable[[Any, Any], Any] = _identity
    text: Callable[[Any, Any], str] = _as_text
    edit: Callable[[Any, Any], str] | None = None
    split: Callable[[Any], tuple[Any, ...]] = _only
    join: Callable[..., Any] = _first
    parts: tuple[FieldPart, ...] = ()
    schema: Mapping[str, Any] | None = None
    operators: tuple[Operator, ...] = TEXTUAL
    is_numeric: bool = False
    is_sortable: bool = True
    is_relation: bool = False
    is_linked: bool = False
    target: str = ""
    is_generated: bool = False
    is_computed: bool = False
    variant: "Callable[[Any], FieldType] | None" = None


def cell_of_json(dumped: Any) -> str:
    """A CSV cell: plain words, JSON for anything with parts."""
    match dumped:
        case str():
            return dumped
        case bool():
            return "true" if dumped else "false"
        case list() if all(isinstance(item, str) for item in dumped):  # pyright: ignore[reportUnknownVariableType]
            return "; ".join(dumped)  # pyright: ignore[reportUnknownArgumentType]
        case list() | dict():
            return json.dumps(dumped, ensure_ascii=False)
        case _:
            return str(dumped)


def is_blank(raw: Any) -> bool:
    """Empty text, an empty list and null all mean 'no value'."""
    return raw is None or raw == [] or (isinstance(raw, str) and not raw.strip())
