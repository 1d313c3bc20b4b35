import re

from crm_app.fields.field_type import FieldType, FieldValueError
from crm_app.fields.rule_type import TEXT
from crm_app.fields.text_rules import clean_text

MAX_LENGTH = 40
MIN_DIGITS = 3
_SHAPE = re.compile(r"\+?[\d\s().\-/]+(\s*(x|ext\.?)\s*\d+)?", re.ASCII | re.IGNORECASE)


def _parse(raw: object, _config: object) -> str:
    text = clean_text(raw, max_length=MAX_LENGTH).strip()
    if not _SHAPE.fullmatch(text) or sum(char.isdigit() for char in text) < MIN_DIGITS:
        raise FieldValueError(f"'{text}' is not a phone number.")
    return text


FIELD_TYPE = FieldType(
    name="phone",
    label="Phone",
    widget="phone",
    description="A phone number, kept as it was written.",
    parse=_parse,
    rule_type=lambda _config: TEXT,
    examples=("+1 (555) 010-2345", "030 901820", "555-0100 ext 12"),
    hostile=("call me", "javascript:alert(1)", 5, "1", ["+1"]),
)
