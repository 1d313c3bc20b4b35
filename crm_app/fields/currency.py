from collections.abc import Mapping
from dataclasses import replace
from decimal import Decimal
from typing import Any, cast

from pydantic import Field

from crm_app.fields.field_type import ORDERED, Column, FieldConfig, FieldType, FieldValueError
from crm_app.fields.number_rules import grouped, parse_decimal, plain, to_places
from crm_app.fields.rule_type import MONEY
from crm_app.kernel.money import Money

CODE_LENGTH = 3


class CurrencyConfig(FieldConfig):
    currency: str = Field(
        default="USD",
        pattern="^[A-Z]{3}$",
        title="Currency",
        description="The code of the currency that an amount is in when it names none, such as EUR.",
    )
    fixed: bool = Field(
        default=False,
        title="Only this currency",
        description="Refuses amounts in any other currency, and rules that compare with one.",
    )
    decimals: int = Field(default=2, ge=0, le=6, title="Decimals", description="How many digits stand after the point.")


def is_currency_code(text: str) -> bool:
    return len(text) == CODE_LENGTH and text.isascii() and text.isalpha() and text.isupper()


def _parse(raw: object, config: CurrencyConfig) -> Money:
    """A bare amount is in the field's own currency; `1200 EUR` or `{"amount": …, "currency": …}` names another."""
    amount: object = raw
    currency = config.currency
    if isinstance(raw, Money):
        amount, currency = raw.amount, raw.currency
    elif isinstance(raw, Mapping):
        parts = cast("Mapping[str, object]", raw)
        if set(parts) - {"amount", "currency"} or "amount" not in parts:
            raise FieldValueError("Money is written as an amount, or as an 'amount' with a 'currency'.")
        amount, currency = parts["amount"], str(parts.get("currency", currency))
    elif isinstance(raw, str) and len(words := raw.split()) == 2:  # noqa: PLR2004 - an amount and a code
        amount, currency = words
    if not is_currency_code(currency):
        raise FieldValueError(f"'{currency[:20]}' is not a currency code such as USD.")
    if config.fixed and currency != config.currency:
        raise FieldValueError(f"Amounts here are in {config.currency}, not in {currency}.")
    return Money(to_places(parse_decimal(amount), config.decimals), currency)


def _dump(value: Money, config: CurrencyConfig) -> dict[str, str]:
    return {"amount": f"{value.amount:.{config.decimals}f}", "currency": value.currency}


def _text(value: Money, config: CurrencyConfig) -> str:
    places = 0 if value.amount == value.amount.to_integral_value() else config.decimals
    return f"{grouped(value.amount, places)} {value.currency}"


def _split(value: Money | None) -> tuple[Any, ...]:
    return (None, None) if value is None else (value.amount, value.currency)


def _join(amount: Decimal | None, currency: str | None) -> Money | None:
    return None if amount is None or currency is None else Money(amount, currency)


def _edit(value: Money, config: CurrencyConfig) -> str:
    """What a form shows: the bare amount when it is in the field's own currency."""
    return plain(value.amount) if value.currency == config.currency else f"{plain(value.amount)} {value.currency}"


FIELD_TYPE = FieldType(
    name="currency",
    label="Currency",
    widget="currency",
    description="An exact amount of money with its currency.",
    config=CurrencyConfig,
    parse=_parse,
    dump=_dump,
    text=_text,
    edit=_edit,
    split=_split,
    join=_join,
    rule_type=lambda config: replace(MONEY, currency=config.currency * config.fixed, usual=config.currency),
    columns=(Column("numeric"), Column("text", "__currency")),
    operators=ORDERED,
    examples=("1054", "99.95", "1,200 EUR", {"amount": "5.00", "currency": "GBP"}),
    hostile=("fifty", "1.999", "10 dollars", {"amount": 1, "x": 2}, True, "NaN"),
    is_numeric=True,
)
