from pydantic import Field

from crm_app.fields.field_type import FieldConfig, FieldType
from crm_app.fields.rule_type import TEXT
from crm_app.fields.text_rules import clean_text

MAX_LENGTH = 40


class AutoNumberConfig(FieldConfig):
    prefix: str = Field(
        default="",
        pattern=r"^[A-Za-z0-9 ._/#-]{0,20}$",
        title="Prefix",
        description="What stands before the number, such as INV-.",
    )
    digits: int = Field(
        default=4,
        ge=1,
        le=12,
        title="Digits",
        description="Shorter numbers are filled up with zeros; longer ones grow.",
    )


def _parse(raw: object, _config: AutoNumberConfig) -> str:
    """Of what was given earlier, perhaps with another prefix: nobody gives one by hand."""
    return clean_text(raw, max_length=MAX_LENGTH).strip()


def numbered(config: AutoNumberConfig, number: int) -> str:
    return f"{config.prefix}{number:0{config.digits}d}"


FIELD_TYPE = FieldType(
    name="auto_number",
    label="Auto-number",
    widget="text",
    description=(
        "A number that each record gets when it is created, by whatever way, and keeps. None is given twice, even when "
        "many people create records at once; a creation that fails leaves a gap. Nobody can set or change it. Records "
        "that exist when the field is added are numbered in the order of their creation; where there are many of them, "
        "in the moments after."
    ),
    config=AutoNumberConfig,
    parse=_parse,
    rule_type=lambda _config: TEXT,
    examples=("INV-0001", "42"),
    hostile=(5, "a\x00b", "\ud800", "x" * 41, ["INV-1"], {"n": 1}, True),
    is_generated=True,
)
