from datetime import time

from crm_app.fields.field_type import ORDERED, Column, FieldType, FieldValueError
from crm_app.fields.rule_type import TIME
from crm_app.kernel.times import clock_text, time_of_day


def _parse(raw: object, _config: object) -> time:
    """A zone would make it an instant of some day, so it is refused."""
    found = time_of_day(raw.strip()) if isinstance(raw, str) else raw
    if not isinstance(found, time) or found.tzinfo is not None:
        raise FieldValueError(f"'{str(raw)[:40]}' is not a time of day; write it as 09:30.")
    if found.microsecond:
        raise FieldValueError("A time of day is precise to the second.")
    return found.replace(fold=0)


def _text(value: time, _config: object) -> str:
    return clock_text(value)


FIELD_TYPE = FieldType(
    name="time",
    label="Time of day",
    widget="time",
    description="A time on the clock, of no certain day and in no time zone.",
    parse=_parse,
    dump=_text,
    text=_text,
    edit=_text,
    rule_type=lambda _config: TIME,
    columns=(Column("time"),),
    operators=ORDERED,
    examples=("09:30", "9:05", "00:00", "23:59:59"),
    hostile=("24:00", "12:60", "09:30:00.5", "9", "9.30", "09:30Z", "09:30+01:00", "noon", 930, ["09:30"], "٠٩:٣٠"),
)
