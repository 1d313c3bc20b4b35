from pydantic import Field

from crm_app.fields.field_type import FieldConfig, FieldType
from crm_app.fields.rule_type import TEXT
from crm_app.fields.text_rules import clean_text


class TextConfig(FieldConfig):
    max_length: int = Field(default=255, ge=1, le=4000, title="Most characters", description="Longer text is refused.")


def _parse(raw: object, config: TextConfig) -> str:
    text = str(raw) if isinstance(raw, int) and not isinstance(raw, bool) else raw
    return clean_text(text, max_length=config.max_length)


FIELD_TYPE = FieldType(
    name="text",
    label="Text",
    widget="text",
    description="One line of text, such as a name.",
    config=TextConfig,
    parse=_parse,
    rule_type=lambda _config: TEXT,
    examples=("Acme", "O'Brien & Søn", "日本"),
    hostile=("a\x00b", "\ud800", "x" * 256, {"$ne": 1}, ["a"], True),
)
