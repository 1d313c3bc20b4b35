import re

from crm_app.fields.field_type import EQUALITY, FieldType, FieldValueError
from crm_app.fields.rule_type import TEXT

_SHAPE = re.compile(r"#(?:[0-9a-f]{3}|[0-9a-f]{6})", re.ASCII)


def _parse(raw: object, _config: object) -> str:
    """`#1f77b4`, or the short `#abc`; kept long and in lower case."""
    text = raw.strip().lower() if isinstance(raw, str) else ""
    if not _SHAPE.fullmatch(text):
        raise FieldValueError(f"'{str(raw)[:40]}' is not a color; write it as #1f77b4.")
    return text if len(text) > len("#abc") else "#" + "".join(digit * 2 for digit in text[1:])


FIELD_TYPE = FieldType(
    name="color",
    label="Color",
    widget="color",
    description="A color, written as `#rrggbb`.",
    parse=_parse,
    rule_type=lambda _config: TEXT,
    operators=EQUALITY,
    examples=("#1f77b4", "#FFF"),
    hostile=("red", "#12", "#1f77b4;x:y", "url(#a)", "#GGGGGG", "1f77b4", 0x1F77B4, ["#fff"], "#١٢٣"),
)
