"""Numbers and amounts. Exact; rounding is half away from zero."""

from dataclasses import replace
from typing import Any

from crm_app.fields.rule_type import DECIMAL, RuleType
from crm_app.kernel.money import Money
from crm_app.rules import exact
from crm_app.rules.function import AMOUNTS, Parameter, RuleFunction
from crm_app.rules.inputs import Inputs

MOST_PLACES = 10


def _same(types: tuple[RuleType, ...]) -> RuleType:
    return types[0]


def _rounded_type(types: tuple[RuleType, ...]) -> RuleType:
    return types[0] if types[0].kind == "money" else replace(DECIMAL, nullable=types[0].nullable)


def _round(_inputs: Inputs, value: Any, places: int = 0) -> Any:
    if isinstance(value, Money):
        return Money(exact.rounded(value.amount, places), value.currency)
    return exact.rounded(value, places)


def _absolute(_inputs: Inputs, value: Any) -> Any:
    return Money(abs_exact(value.amount), value.currency) if isinstance(value, Money) else abs_exact(value)


def abs_exact(value: Any) -> Any:
    """`abs` of a Decimal would round to the thread's context."""
    return value if value >= 0 else exact.minus(0, value)


FUNCTIONS = (
    RuleFunction(
        name="round",
        parameters=(
            Parameter("number", AMOUNTS),
            Parameter("places", ("int",), is_optional=True, is_literal=True, highest=MOST_PLACES),
        ),
        result=_rounded_type,
        python=_round,
        example="round(2.345, 2) = 2.35",
        description="The number or amount to so many decimals (0 to 10), half away from zero.",
    ),
    RuleFunction(
        name="abs",
        parameters=(Parameter("number", AMOUNTS),),
        result=_same,
        python=_absolute,
        example="abs(-3) = 3",
        description="The number or amount without its sign.",
        reading="{0} without its sign",
    ),
)
