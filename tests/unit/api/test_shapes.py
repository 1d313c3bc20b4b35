"""Every field type has a JSON Schema that its own examples fit."""

from typing import Any

import orjson
import pytest
from jsonschema import Draft202012Validator

from crm_app.api.encoding import JSON_OPTIONS, is_written_as_is
from crm_app.api.shapes import read_shape, written_shape
from crm_app.definitions.computed_field import ComputedField
from crm_app.definitions.field import FieldDefinition
from crm_app.fields.catalog import FIELD_TYPES
from crm_app.fields.field_type import FieldType
from crm_app.fields.rule_type import MONEY

CONFIGS: dict[str, dict[str, Any]] = {
    "select": {"options": [{"name": "first", "label": "First"}, {"name": "second", "label": "Second"}]},
    "multi_select": {"options": [{"name": "first", "label": "First"}, {"name": "second", "label": "Second"}]},
    "relation": {"object": "company"},
    "many_to_many": {"object": "company"},
    "formula": {"formula": "1 + 1"},
    "rollup": {"relation": "deal_company"},
}


@pytest.mark.parametrize("field_type", list(FIELD_TYPES), ids=lambda each: each.name)
def test_what_is_answered_fits_its_schema(field_type: FieldType) -> None:
    field = FieldDefinition(name="it", label="It", type=field_type.name, config=CONFIGS.get(field_type.name, {}))
    schema = read_shape(field)
    Draft202012Validator.check_schema(schema)
    Draft202012Validator.check_schema(written_shape(field))
    for example in (*field_type.examples, None):
        answered = None if example is None else field.dump(field.parse(example))
        Draft202012Validator(schema).validate(answered)
        Draft202012Validator(written_shape(field)).validate(answered)


@pytest.mark.parametrize("field_type", list(FIELD_TYPES), ids=lambda each: each.name)
def test_a_value_that_is_written_as_it_is_stored_reads_the_same(field_type: FieldType) -> None:
    field = FieldDefinition(name="it", label="It", type=field_type.name, config=CONFIGS.get(field_type.name, {}))
    if is_written_as_is(field):
        for example in field_type.examples:
            value = field.parse(example)
            assert orjson.dumps(value, option=JSON_OPTIONS) == orjson.dumps(field.dump(value), option=JSON_OPTIONS)


def test_what_is_worked_out_says_so_and_what_it_gives() -> None:
    own = FieldDefinition(name="it", label="It", type="formula", config={"formula": "amount * 2"})
    result = FieldDefinition(name="it", label="It", type="currency", config={"currency": "EUR"})
    schema = read_shape(ComputedField.of(own, result, MONEY))
    assert schema["readOnly"] is True
    assert schema["x-result"] == {"type": "currency", "label": "Amount in EUR"}
    Draft202012Validator(schema).validate({"amount": "1.00", "currency": "EUR"})
    assert "readOnly" not in read_shape(result)
