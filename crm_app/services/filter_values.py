"""The value of a filter's condition, as an address holds it → as the field's rules compare it."""

from typing import Any, cast

from crm_app.definitions.field import FieldDefinition
from crm_app.fields.field_type import FieldValueError
from crm_app.kernel.ids import parse_id
from crm_app.kernel.times import with_zone
from crm_app.services.record_query import Condition
from crm_app.services.unit_of_work import UnitOfWork

WORDS = ("contains", "starts_with", "ends_with")


def parsed_value(work: UnitOfWork, field: FieldDefinition, condition: Condition) -> Any:
    value = condition.value
    if field.field_type.is_linked:
        return _linked_ids(field, value)
    if condition.operator in WORDS and field.type != "multi_select":
        if not isinstance(value, str):
            raise FieldValueError("Expected text.")
        return value
    if field.target == "user" and value == "me":
        return work.who.user_id
    if condition.operator in ("in", "not_in"):
        items = value.split(",") if isinstance(value, str) else value
        if not isinstance(items, (list, tuple)):
            raise FieldValueError("Expected a list of values.")
        return [_compared(field, item) for item in items]  # pyright: ignore[reportUnknownVariableType]
    if field.rule_type.kind == "datetime" and isinstance(value, str):
        value = with_zone(value.strip(), work.who.time_zone)
    parsed = _compared(field, value)
    return parsed[0] if field.type == "multi_select" and len(parsed) == 1 else parsed


def _linked_ids(field: FieldDefinition, value: Any) -> list[Any]:
    """The records that a list of links is to hold, or not; several are separated by commas."""
    items = field.parse(value.replace(",", ";") if isinstance(value, str) else value)
    if not isinstance(items, list) or not items:
        raise FieldValueError("Expected the ids of records.")
    return cast("list[Any]", items)


def _compared(field: FieldDefinition, value: Any) -> Any:
    """As rules compare it: of a relation to several objects only the id, which says it all."""
    if not field.is_to_any:
        return field.parse(value)
    return (parse_id(value) if isinstance(value, str) else None) or field.parse(value).id
