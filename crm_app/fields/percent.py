from decimal import Decimal

from pydantic import Field

from crm_app.fields.field_type import ORDERED, Column, FieldConfig, FieldType
from crm_app.fields.number_rules import parse_decimal, plain, to_places
from crm_app.fields.rule_type import DECIMAL


class PercentConfig(FieldConfig):
    decimals: int = Field(
        default=2, ge=0, le=6, title="Decimals", description="How many digits may stand after the point."
    )


def _parse(raw: object, config: PercentConfig) -> Decimal:
    text = raw.strip().removesuffix("%").strip() if isinstance(raw, str) else raw
    return to_places(parse_decimal(text), config.decimals)


def _dump(value: Decimal, _config: PercentConfig) -> str:
    return str(value)


def _text(value: Decimal, _config: PercentConfig) -> str:
    return f"{plain(value)} %"


FIELD_TYPE = FieldType(
    name="percent",
    label="Percent",
    widget="number",
    description="A share of a hundred: 12.5 means 12.5 %.",
    config=PercentConfig,
    parse=_parse,
    dump=_dump,
    text=_text,
    edit=lambda value, _config: plain(value),
    rule_type=lambda _config: DECIMAL,
    columns=(Column("numeric"),),
    operators=ORDERED,
    examples=("0", "12.5", "100%"),
    hostile=("half", "NaN", "1e99", "%", True),
    is_numeric=True,
)
