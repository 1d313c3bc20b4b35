"""Values of several parts, such as an address. Each part has a stored column of its own, after one for the whole."""

from collections.abc import Mapping
from typing import Any, Self

from crm_app.fields.field_type import Column, FieldPart


class Compound(str):
    """The one line of text that rules, text filters and searches see, and the parts behind it."""

    __slots__ = ("parts",)
    parts: Mapping[str, Any]

    def __new__(cls, text: str, parts: Mapping[str, Any]) -> Self:
        made = super().__new__(cls, text)
        made.parts = parts
        return made

    def __eq__(self, other: object) -> bool:
        return str.__eq__(self, other) is True and (not isinstance(other, Compound) or self.parts == other.parts)

    def __ne__(self, other: object) -> bool:
        return not self == other

    __hash__ = str.__hash__


def columns_of(parts: tuple[FieldPart, ...]) -> tuple[Column, ...]:
    return (Column("text"), *(Column(part.kind, f"__{part.name}") for part in parts))


def split(parts: tuple[FieldPart, ...], value: Compound | None) -> tuple[Any, ...]:
    if value is None:
        return (None,) * (len(parts) + 1)
    return (str.__str__(value), *(value.parts[part.name] for part in parts))


def joined(parts: tuple[FieldPart, ...], text: str, *stored: Any) -> Compound:
    return Compound(text, {part.name: value for part, value in zip(parts, stored, strict=True)})
