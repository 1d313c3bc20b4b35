"""What every field type promises, tested for each one that is registered, the day it appears."""

from typing import Any

import pytest

from crm_app.definitions.field import FieldDefinition
from crm_app.definitions.field_guide import PAGE, guide_page
from crm_app.fields.catalog import FIELD_TYPES
from crm_app.fields.field_type import FieldType, FieldValueError, is_blank
from crm_app.storage.shape import to_columns

CONFIGS: dict[str, dict[str, Any]] = {
    "select": {"options": [{"name": "first", "label": "First"}, {"name": "second", "label": "Second"}]},
    "multi_select": {"options": [{"name": "first", "label": "First"}, {"name": "second", "label": "Second"}]},
    "relation": {"object": "company"},
    "many_to_many": {"object": "company"},
    "formula": {"formula": "lower(name)"},
    "rollup": {"relation": "f_many_to_many", "function": "count"},
}
ALL = list(FIELD_TYPES)
EXAMPLES = [(kind, example) for kind in ALL for example in kind.examples]
HOSTILE = [(kind, example) for kind in ALL for example in kind.hostile]


def field_of(kind: FieldType) -> FieldDefinition:
    return FieldDefinition(name="f", label="F", type=kind.name, config=CONFIGS.get(kind.name, {}))


@pytest.mark.parametrize(("kind", "raw"), EXAMPLES, ids=lambda value: getattr(value, "name", repr(value)[:30]))
def test_an_example_survives_storage_json_and_reading_again(kind: FieldType, raw: Any) -> None:
    field = field_of(kind)
    value = field.parse(raw)
    stored = to_columns({"f": field}, {"f": value})
    assert tuple(stored) == field.columns
    assert kind.is_linked or kind.is_computed or kind.join(*stored.values()) == value
    assert field.parse(field.dump(value)) == value
    assert isinstance(field.text(value), str)
    assert field.parse(field.edit(value)) == value


@pytest.mark.parametrize(("kind", "raw"), HOSTILE, ids=lambda value: getattr(value, "name", repr(value)[:30]))
def test_a_hostile_value_is_refused_with_a_sentence(kind: FieldType, raw: Any) -> None:
    with pytest.raises(FieldValueError) as refused:
        field_of(kind).parse(raw)
    assert str(refused.value).endswith(".")
    assert len(str(refused.value)) < 400


@pytest.mark.parametrize("kind", ALL, ids=lambda kind: kind.name)
def test_a_type_says_what_it_is(kind: FieldType) -> None:
    assert kind.label
    assert kind.description.endswith(".")
    assert kind.operators
    assert kind.examples
    assert kind.hostile
    assert kind.rule_type(field_of(kind).settings).kind != "null"


def test_the_guide_page_is_what_the_types_say() -> None:
    assert PAGE.read_text(encoding="utf-8") == guide_page(), "run ./trellis schemas"


@pytest.mark.parametrize("kind", ALL, ids=lambda kind: kind.name)
def test_no_value_is_no_value(kind: FieldType) -> None:
    field = field_of(kind)
    assert all(is_blank(raw) for raw in (None, "", "  ", []))
    assert (field.dump(None), field.text(None)) == (None, "")
    assert set(to_columns({"f": field}, {"f": None}).values()) == ({None} if field.columns else set())
