"""A field of one currency is not compared with another: the rule is refused when it is saved."""

from collections.abc import Mapping

import pytest

from crm_app.fields.catalog import FIELD_TYPES
from crm_app.fields.currency import CurrencyConfig
from crm_app.fields.field_type import FieldValueError
from crm_app.rules.check import check
from crm_app.rules.errors import RuleError
from crm_app.rules.scope import FieldInfo

MONEY = FIELD_TYPES.get("currency")
FIXED, OPEN = CurrencyConfig(currency="USD", fixed=True), CurrencyConfig(currency="USD")


class Budgets:
    def fields(self, object: str, /) -> Mapping[str, FieldInfo] | None:  # noqa: A002 - the product's word
        types = {"budget": MONEY.rule_type(FIXED), "bid": MONEY.rule_type(OPEN)}
        return {name: FieldInfo(name, kind) for name, kind in types.items()} if object == "plan" else None


@pytest.mark.parametrize(
    "rule", ["budget > 0 EUR", "budget in [1 EUR]", "budget between 0 USD and 5 EUR", "budget + 1 EUR > budget"]
)
def test_a_known_currency_meets_no_other(rule: str) -> None:
    with pytest.raises(RuleError, match="USD and EUR are different currencies"):
        check(rule, "plan", Budgets())


@pytest.mark.parametrize("rule", ["budget > 0 USD", "convert(budget, 'EUR') > 0 EUR", "bid > 0 EUR", "bid > budget"])
def test_what_may_be_of_one_currency_is_compared(rule: str) -> None:
    assert check(rule, "plan", Budgets()).text == rule


def test_amounts_of_another_currency_are_refused() -> None:
    assert str(MONEY.parse("5", FIXED)) == "5.00 USD"
    with pytest.raises(FieldValueError, match="Amounts here are in USD, not in EUR"):
        MONEY.parse("5 EUR", FIXED)
