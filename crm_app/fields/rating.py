import re
from decimal import Decimal

from pydantic import Field

from crm_app.fields.field_type import ORDERED, Column, FieldConfig, FieldType, FieldValueError
from crm_app.fields.number_rules import parse_decimal, whole
from crm_app.fields.rule_type import INT

_OF = re.compile(r"(\d{1,2})\s*(?:/|of)\s*(\d{1,2})", re.ASCII)


class RatingConfig(FieldConfig):
    max: int = Field(default=5, ge=2, le=10, title="Best", description="The best rating, shown as so many stars.")


def _parse(raw: object, config: RatingConfig) -> int:
    """A number, or `4 of 5` as exports write it."""
    match = _OF.fullmatch(raw.strip()) if isinstance(raw, str) else None
    fits = match is None or int(match[2]) == config.max
    value = parse_decimal(match[1] if match else raw) if fits else Decimal(0)
    if not 1 <= value <= config.max or value != int(value):
        raise FieldValueError(f"A rating is a whole number from 1 to {config.max}.")
    return int(value)


FIELD_TYPE = FieldType(
    name="rating",
    label="Rating",
    widget="rating",
    description="A number of stars.",
    config=RatingConfig,
    parse=_parse,
    text=lambda value, config: f"{value} of {config.max}",
    join=whole,
    rule_type=lambda _config: INT,
    columns=(Column("numeric"),),
    operators=ORDERED,
    examples=(3, "5", "4 of 5", "1/5"),
    hostile=(0, 6, "2.5", "-1", "4 of 6", "★★★", True, "NaN", "1e400", [1]),
    is_numeric=True,
)
