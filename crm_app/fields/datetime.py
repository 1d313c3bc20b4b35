from datetime import UTC, datetime

from crm_app.fields.field_type import ORDERED, Column, FieldType, FieldValueError
from crm_app.fields.rule_type import DATETIME


def _parse(raw: object, _config: object) -> datetime:
    """An instant. Text without a zone is refused: the door that knows the person's time zone adds it."""
    value = raw
    if isinstance(raw, str):
        try:
            value = datetime.fromisoformat(raw.strip())
        except ValueError:
            value = None
    if not isinstance(value, datetime):
        raise FieldValueError(f"'{str(raw)[:40]}' is not a date and time; write it as 2026-01-31T09:00Z.")
    if value.tzinfo is None:
        raise FieldValueError("A date and time needs a time zone, such as 2026-01-31T09:00Z.")
    try:
        return value.astimezone(UTC)
    except OverflowError:
        raise FieldValueError(f"{value.isoformat()} is outside the calendar.") from None


FIELD_TYPE = FieldType(
    name="datetime",
    label="Date and time",
    widget="datetime",
    description="An instant, stored in UTC and shown in the reader's time zone.",
    parse=_parse,
    dump=lambda value, _config: value.isoformat().replace("+00:00", "Z"),
    text=lambda value, _config: value.strftime("%Y-%m-%d %H:%M"),
    rule_type=lambda _config: DATETIME,
    columns=(Column("timestamptz"),),
    operators=ORDERED,
    examples=("2026-01-31T09:00Z", "2026-03-29T02:30:00+02:00"),
    hostile=("2026-01-31T09:00", "9 o'clock", "0001-01-01T00:00+14:00", 0, "2026-13-01T00:00Z"),
)
