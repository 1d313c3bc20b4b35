from typing import Literal
from uuid import UUID

from pydantic import Field

from crm_app.fields.choices import API_NAME
from crm_app.fields.field_type import EQUALITY, Column, FieldConfig, FieldType, FieldValueError
from crm_app.fields.rule_type import RuleType, ref
from crm_app.kernel.ids import parse_id


class RelationConfig(FieldConfig):
    """`related_label` heads the list of these records on the target's page; `on_delete` says what happens to them."""

    object: str = Field(pattern=API_NAME, title="Object", description="What it points at.")
    related_label: str = Field(
        default="", max_length=100, title="Heading", description="What the list of these records is called over there."
    )
    on_delete: Literal["restrict", "clear"] = Field(
        default="clear", title="When the target is deleted", description="Empty this field, or refuse the deletion."
    )


def parse_record_id(raw: object, _config: object) -> UUID:
    identifier = raw if isinstance(raw, UUID) else parse_id(raw) if isinstance(raw, str) else None
    if identifier is None:
        raise FieldValueError(f"'{str(raw)[:40]}' is not the id of a record.")
    return identifier


def _rule_type(config: RelationConfig) -> RuleType:
    return ref(config.object)


FIELD_TYPE = FieldType(
    name="relation",
    label="Relation",
    widget="relation",
    description="Points at one record of an object.",
    config=RelationConfig,
    parse=parse_record_id,
    dump=lambda value, _config: str(value),
    rule_type=_rule_type,
    columns=(Column("uuid"),),
    operators=EQUALITY,
    examples=("0190a5c0-0000-7000-8000-000000000001",),
    hostile=("1", "' or 1=1", 7, {"id": 1}, ["0190a5c0-0000-7000-8000-000000000001"]),
    is_relation=True,
)
