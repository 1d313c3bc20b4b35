from crm_app.fields.field_type import EQUALITY, Column, FieldType
from crm_app.fields.own_objects import TERRITORY_OBJECT
from crm_app.fields.relation import parse_record_id
from crm_app.fields.rule_type import ref

FIELD_TYPE = FieldType(
    name="territory",
    label="Territory",
    widget="territory",
    description="Says to which territory a record belongs.",
    parse=parse_record_id,
    dump=lambda value, _config: str(value),
    rule_type=lambda _config: ref(TERRITORY_OBJECT),
    columns=(Column("uuid"),),
    operators=EQUALITY,
    examples=("0190a5c0-0000-7000-8000-000000000001",),
    hostile=("North", 7, "' or 1=1", {"id": 1}),
    is_relation=True,
    target=TERRITORY_OBJECT,
)
