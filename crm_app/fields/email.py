import re

from crm_app.fields.field_type import FieldType, FieldValueError
from crm_app.fields.rule_type import TEXT
from crm_app.fields.text_rules import clean_text

MAX_LENGTH = 254
_SHAPE = re.compile(r"[^@\s,;<>\"]{1,64}@[^@\s,;<>\"]+\.[^@\s,;<>\".]{2,}")


def _parse(raw: object, _config: object) -> str:
    text = clean_text(raw, max_length=MAX_LENGTH).strip()
    if not _SHAPE.fullmatch(text):
        raise FieldValueError(f"'{text[:60]}' is not an email address.")
    return text


FIELD_TYPE = FieldType(
    name="email",
    label="Email",
    widget="email",
    description="One email address.",
    parse=_parse,
    rule_type=lambda _config: TEXT,
    examples=("ann@example.com", "j.o'brien+crm@sub.example.org"),
    hostile=("nobody", "a@b", "a@b.c\nBcc: x@y.zz", "<script>@x.yy", 5, "a@b.com,c@d.com"),
)
