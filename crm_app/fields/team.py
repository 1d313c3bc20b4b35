from crm_app.fields.field_type import EQUALITY, Column, FieldType
from crm_app.fields.own_objects import TEAM_OBJECT
from crm_app.fields.relation import parse_record_id
from crm_app.fields.rule_type import ref

FIELD_TYPE = FieldType(
    name="team",
    label="Team",
    widget="team",
    description="Points at a team of people who work here.",
    parse=parse_record_id,
    dump=lambda value, _config: str(value),
    rule_type=lambda _config: ref(TEAM_OBJECT),
    columns=(Column("uuid"),),
    operators=EQUALITY,
    examples=("0190a5c0-0000-7000-8000-000000000001",),
    hostile=("North", 7, "' or 1=1", {"id": 1}),
    is_relation=True,
    target=TEAM_OBJECT,
)
