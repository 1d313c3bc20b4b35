from pydantic import Field

from crm_app.fields.field_type import FieldConfig, FieldType
from crm_app.fields.rule_type import TEXT
from crm_app.fields.text_rules import clean_text


class LongTextConfig(FieldConfig):
    max_length: int = Field(
        default=20_000, ge=1, le=1_000_000, title="Most characters", description="Longer text is refused."
    )


def _parse(raw: object, config: LongTextConfig) -> str:
    return clean_text(raw, max_length=config.max_length)


FIELD_TYPE = FieldType(
    name="long_text",
    label="Long text",
    widget="long_text",
    description="Several lines of plain text, such as notes.",
    config=LongTextConfig,
    parse=_parse,
    rule_type=lambda _config: TEXT,
    operators=("contains", "is_empty", "is_not_empty"),
    examples=("One line", "Two\nlines"),
    hostile=("a\x00b", "\udfff", 5, {"a": 1}),
    is_sortable=False,
)
