import re
from datetime import date, datetime

from crm_app.fields.field_type import ORDERED, Column, FieldType, FieldValueError
from crm_app.fields.rule_type import DATE

_SHAPE = re.compile(r"\d{4}-\d{2}-\d{2}", re.ASCII)


def _parse(raw: object, _config: object) -> date:
    if isinstance(raw, date) and not isinstance(raw, datetime):
        return raw
    text = raw.strip() if isinstance(raw, str) else ""
    if not _SHAPE.fullmatch(text):
        raise FieldValueError(f"'{str(raw)[:40]}' is not a date; write it as 2026-01-31.")
    try:
        return date.fromisoformat(text)
    except ValueError:
        raise FieldValueError(f"{text} is not in the calendar.") from None


FIELD_TYPE = FieldType(
    name="date",
    label="Date",
    widget="date",
    description="A calendar day, without time or time zone.",
    parse=_parse,
    dump=lambda value, _config: value.isoformat(),
    text=lambda value, _config: value.isoformat(),
    rule_type=lambda _config: DATE,
    columns=(Column("date"),),
    operators=ORDERED,
    examples=("2026-01-31", "2024-02-29"),
    hostile=("2023-02-29", "31/01/2026", "0000-00-00", "yesterday", 20260131, "2026-1-1"),
)
