"""Filter operators in words, and the sentence that a filter's chip shows."""

from crm_app.definitions.field import FieldDefinition
from crm_app.fields.choices import ChoiceConfig
from crm_app.services.record_query import Condition

_WORDS = {
    "eq": "is",
    "ne": "is not",
    "lt": "is less than",
    "le": "is at most",
    "gt": "is more than",
    "ge": "is at least",
    "in": "is any of",
    "not_in": "is none of",
    "contains": "contains",
    "contains_none": "doesn't contain",
    "starts_with": "starts with",
    "ends_with": "ends with",
    "is_empty": "is empty",
    "is_not_empty": "is not empty",
}
_WORD_TESTS = frozenset({"contains", "starts_with", "ends_with"})
_CALENDAR = {"lt": "is before", "le": "is on or before", "gt": "is after", "ge": "is on or after"}
_OF_MANY = frozenset({"in", "not_in"})
_CLOCK = {**_CALENDAR, "le": "is at or before", "ge": "is at or after"}
_ORDER_WORDS = {"date": _CALENDAR, "datetime": _CALENDAR, "time": _CLOCK}
WITHOUT_VALUE = frozenset({"is_empty", "is_not_empty"})


def operator_words(field: FieldDefinition, operator: str) -> str:
    return _ORDER_WORDS.get(field.field_type.widget, {}).get(operator) or _WORDS.get(operator, operator)


def offered_operators(field: FieldDefinition) -> list[tuple[str, str]]:
    """What the filter form offers: one value each, so those of many values stay with views and addresses."""
    return [(name, operator_words(field, name)) for name in field.field_type.operators if name not in _OF_MANY]


def chip_text(field: FieldDefinition, condition: Condition, reference_name: str) -> str:
    words = f"{field.label} {operator_words(field, condition.operator)}"
    if condition.operator in WITHOUT_VALUE:
        return words
    return f"{words} {reference_name or _value_words(field, condition)}"


def _value_words(field: FieldDefinition, condition: Condition) -> str:
    value = str(condition.value or "")
    if isinstance(field.settings, ChoiceConfig):
        return ", ".join(field.settings.label_of(part) for part in value.split(","))
    try:
        return value if condition.operator in _WORD_TESTS else field.text(field.parse(value))
    except ValueError:
        return value
