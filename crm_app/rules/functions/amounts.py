"""Money."""

import re
from datetime import date
from decimal import Decimal

from crm_app.fields.rule_type import DECIMAL, TEXT, RuleType
from crm_app.kernel.money import Money
from crm_app.rules import exact
from crm_app.rules.function import DAYS, Parameter, RuleFunction, Written, gives
from crm_app.rules.inputs import Inputs
from crm_app.rules.literals import money_type
from crm_app.rules.tree import Literal, Node
from crm_app.rules.zones import local_day

_CODE = re.compile("[A-Z]{3}")
_MONEY = Parameter("money", ("money",))


def _refusal(text: str) -> str | None:
    return None if _CODE.fullmatch(text) else "currencies are written as codes such as 'EUR'"


_CURRENCY = Parameter(
    "currency", ("text",), written=Written("text", "the code of a currency", _refusal, ("EUR", "USD", "GBP"))
)


def _converted_type(arguments: tuple[Node, ...]) -> RuleType:
    currency = arguments[1].value if isinstance(arguments[1], Literal) else None
    return RuleType("money", currency=money_type(str(currency)).currency if currency else "")


def _amount(_inputs: Inputs, money: Money) -> Decimal:
    return money.amount


def _currency(_inputs: Inputs, money: Money) -> str:
    return money.currency


def _convert(inputs: Inputs, money: Money, currency: str, moment: date | None = None) -> Money | None:
    """Through the workspace's own currency; rounded as any quotient."""
    day = inputs.today if moment is None else local_day(inputs, moment)
    if day is None:
        return None
    if money.currency == currency:
        return money
    own, wanted = inputs.worth(money.currency, day), inputs.worth(currency, day)
    if own is None or wanted is None:
        return None
    amount = exact.quotient(exact.times(money.amount, own), wanted)
    return None if amount is None else Money(amount, currency)


FUNCTIONS = (
    RuleFunction(
        name="amount",
        parameters=(_MONEY,),
        result=gives(DECIMAL),
        python=_amount,
        example="amount(50000 EUR) = 50000",
        description="The number of an amount of money.",
        reading="the number of {0}",
    ),
    RuleFunction(
        name="currency",
        parameters=(_MONEY,),
        result=gives(TEXT),
        python=_currency,
        example="currency(50000 EUR) = 'EUR'",
        description="The code of the currency of an amount.",
        reading="the currency of {0}",
    ),
    RuleFunction(
        name="convert",
        parameters=(_MONEY, _CURRENCY, Parameter("date", DAYS, is_optional=True)),
        result=_converted_type,
        python=_convert,
        example="convert(10 EUR, 'EUR') = 10 EUR",
        description=(
            "The amount in another currency, at the exchange rate of today or of the date; nothing where a rate "
            "is missing."
        ),
        reading="{0} in {1}",
        needs=frozenset({"today", "rates"}),
    ),
)
