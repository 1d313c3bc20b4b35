from crm_app.fields.field_type import EQUALITY, Column, FieldType
from crm_app.fields.own_objects import USER_OBJECT
from crm_app.fields.relation import parse_record_id
from crm_app.fields.rule_type import ref

FIELD_TYPE = FieldType(
    name="user",
    label="User",
    widget="user",
    description="Points at a person who works here.",
    parse=parse_record_id,
    dump=lambda value, _config: str(value),
    rule_type=lambda _config: ref(USER_OBJECT),
    columns=(Column("uuid"),),
    operators=EQUALITY,
    examples=("0190a5c0-0000-7000-8000-000000000001",),
    hostile=("me", 7, None.__class__.__name__, {"id": 1}),
    is_relation=True,
    target=USER_OBJECT,
)
