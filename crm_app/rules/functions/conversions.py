"""From one type to another."""

import re
from datetime import date, datetime, time
from decimal import Decimal
from typing import Any

from crm_app.fields.rule_type import DECIMAL, TEXT
from crm_app.kernel.money import Money
from crm_app.kernel.times import clock_text
from crm_app.rules import exact
from crm_app.rules.function import NUMBERS, TEXTS, Parameter, RuleFunction, gives
from crm_app.rules.functions.texts import BLANK
from crm_app.rules.inputs import Inputs
from crm_app.rules.literals import written

# Read by Python and PostgreSQL alike. More digits than this are a text, not a number that somebody wrote.
NUMBER_TEXT = r"([+-]?[0-9]{1,100}([.][0-9]{1,100})?)"
_NUMBER = re.compile(NUMBER_TEXT)


def _text(_inputs: Inputs, value: Any) -> str:
    match value:
        case bool():
            return "true" if value else "false"
        case int() | Decimal():
            return _digits(Decimal(value))
        case Money():
            return f"{_digits(value.amount)} {value.currency}"
        case datetime() | date():
            return written(value)[1:]
        case time():
            return clock_text(value)
        case _:
            return value


def _digits(value: Decimal) -> str:
    return f"{exact.trimmed(value):f}" if value else "0"


def _number(_inputs: Inputs, value: Any) -> Decimal | None:
    if not isinstance(value, str):
        return Decimal(value)
    match = _NUMBER.fullmatch(value.strip(BLANK))
    return Decimal(match[1]) if match else None


FUNCTIONS = (
    RuleFunction(
        name="text",
        parameters=(Parameter("value", ("bool", *NUMBERS, "money", *TEXTS, "date", "datetime", "time")),),
        result=gives(TEXT),
        python=_text,
        example="text(2.50) = '2.5'",
        description="The value as text: digits without needless zeros, dates as `2026-01-31`, times in UTC.",
        reading="{0} as text",
    ),
    RuleFunction(
        name="number",
        parameters=(Parameter("value", (*TEXTS, *NUMBERS)),),
        result=gives(DECIMAL),
        python=_number,
        example="number(' 12.50 ') = 12.5",
        description="The number that the text says, with a point before decimals; nothing for any other text.",
        reading="the number in {0}",
    ),
)
