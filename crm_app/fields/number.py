from decimal import Decimal

from pydantic import Field

from crm_app.fields.field_type import ORDERED, Column, FieldConfig, FieldType, FieldValueError
from crm_app.fields.number_rules import grouped, parse_decimal, plain, to_places, whole
from crm_app.fields.rule_type import DECIMAL, INT, RuleType

SAFE_INTEGER = 2**53


class NumberConfig(FieldConfig):
    decimals: int = Field(
        default=0,
        ge=0,
        le=10,
        title="Decimals",
        description="How many digits stand after the point; 0 for whole numbers.",
    )
    minimum: Decimal | None = Field(default=None, title="Least", description="A smaller number is refused.")
    maximum: Decimal | None = Field(default=None, title="Greatest", description="A greater number is refused.")
    grouping: bool = Field(default=True, title="Group digits", description="Shows 1,234 instead of 1234.")


def _parse(raw: object, config: NumberConfig) -> int | Decimal:
    value = to_places(parse_decimal(raw), config.decimals)
    if config.minimum is not None and value < config.minimum:
        raise FieldValueError(f"Must be at least {plain(config.minimum)}.")
    if config.maximum is not None and value > config.maximum:
        raise FieldValueError(f"Must be at most {plain(config.maximum)}.")
    return int(value) if config.decimals == 0 else value


def _dump(value: int | Decimal, _config: NumberConfig) -> int | str:
    """Integers beyond 2⁵³ and decimals travel as text, because JSON readers round them."""
    return value if isinstance(value, int) and abs(value) <= SAFE_INTEGER else str(value)


def _text(value: int | Decimal, config: NumberConfig) -> str:
    return grouped(Decimal(value), config.decimals) if config.grouping else plain(Decimal(value))


def _rule_type(config: NumberConfig) -> RuleType:
    return INT if config.decimals == 0 else DECIMAL


FIELD_TYPE = FieldType(
    name="number",
    label="Number",
    widget="number",
    description="A whole or decimal number, exact.",
    config=NumberConfig,
    parse=_parse,
    dump=_dump,
    text=_text,
    edit=lambda value, _config: f"{value:f}" if isinstance(value, Decimal) else str(value),
    join=whole,
    rule_type=_rule_type,
    columns=(Column("numeric"),),
    operators=ORDERED,
    examples=("0", 42, "-1,234"),
    hostile=("NaN", "Infinity", "1e400", "12abc", "١٢", True, [1], "1_000"),
    is_numeric=True,
)
