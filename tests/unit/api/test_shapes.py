"""Every field type has a JSON Schema that its own examples fit."""

from typing import Any

import orjson
import pytest
from jsonschema import Draft202012Validator

from crm_app.api.encoding import JSON_OPTIONS, is_written_as_is
from crm_app.api.shapes import read_shape, written_shape
from crm_app.definitions.field import FieldDefinition
from crm_app.fields.catalog import FIELD_TYPES
from crm_app.fields.field_type import FieldType

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
