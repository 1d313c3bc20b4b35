"""A value of one field type as a value of another: through what a person would read, or what the API says."""

from collections.abc import Iterator, Mapping
from datetime import date, datetime, time
from typing import Any, cast
from zoneinfo import ZoneInfo

from crm_app.definitions.field import FieldDefinition
from crm_app.fields.choices import ChoiceConfig
from crm_app.fields.field_type import FieldType, FieldValueError, is_blank
from crm_app.kernel.times import on_clock

_NOT_CONVERTED = frozenset({"auto_number", "file"})


def can_retype(old: FieldDefinition, new: FieldDefinition) -> bool:
    return converts(old.field_type) and converts(new.field_type)


def converts(kind: FieldType) -> bool:
    """What points at records, is numbered or is kept elsewhere is no value that could be written differently."""
    is_kept_here = bool(kind.columns) and kind.name not in _NOT_CONVERTED
    return is_kept_here and not kind.is_relation and not kind.is_generated


def retyped(old: FieldDefinition, new: FieldDefinition, value: Any, zone: ZoneInfo) -> Any:
    """Raises `FieldValueError` with the reason of the first way of writing it, when none fits."""
    refusal: FieldValueError | None = None
    for candidate in _candidates(old, new, value, zone):
        if is_blank(candidate):
            return None
        try:
            return new.parse(candidate)
        except FieldValueError as error:
            refusal = refusal or error
    raise refusal or FieldValueError(f"{old.label} has no other way to be written.")


def _candidates(old: FieldDefinition, new: FieldDefinition, value: Any, zone: ZoneInfo) -> Iterator[Any]:
    if isinstance(value, datetime) and new.type == "date":
        yield on_clock(value, zone.key).date()
        return
    if isinstance(value, date) and not isinstance(value, datetime) and new.type == "datetime":
        yield datetime.combine(value, time(), zone)
        return
    said, read = old.dump(value), old.text(value)
    if isinstance(said, Mapping):
        said = _amount(old, new, cast("Mapping[str, Any]", said))
    as_text = new.field_type.rule_type(new.settings).kind == "text"
    if as_text:
        is_read = isinstance(old.settings, ChoiceConfig) or isinstance(said, bool) or not isinstance(said, str | int)
        yield read if is_read else str(said)
        return
    if said is not None:
        yield said
        if isinstance(said, str | int):
            yield str(said)
    yield read


def _amount(old: FieldDefinition, new: FieldDefinition, said: Mapping[str, Any]) -> Any:
    """Money in the field's own currency is also a number; in another one, its currency would be lost."""
    own = getattr(old.settings, "currency", None)
    if new.field_type.is_numeric and new.type != "currency" and said.get("currency") == own:
        return said.get("amount")
    return None if new.type != "currency" else said
