"""Numbers and amounts. Exact; rounding is half away from zero."""

from collections.abc import Callable
from dataclasses import replace
from decimal import ROUND_CEILING, ROUND_DOWN, ROUND_FLOOR, Decimal
from typing import Any

from crm_app.fields.rule_type import DECIMAL, INT, RuleType
from crm_app.kernel.money import Money
from crm_app.rules import exact
from crm_app.rules.function import AMOUNTS, Parameter, RuleFunction, like_the_first, whole_number
from crm_app.rules.inputs import Inputs
from crm_app.rules.tree import Node

MOST_PLACES = 10
_NUMBER = Parameter("number", AMOUNTS)


def _rounded_type(arguments: tuple[Node, ...]) -> RuleType:
    found = arguments[0].type
    return found if found.kind == "money" else replace(DECIMAL, nullable=found.nullable)


def _whole_type(arguments: tuple[Node, ...]) -> RuleType:
    found = arguments[0].type
    return found if found.kind == "money" else replace(INT, nullable=found.nullable)


def _round(_inputs: Inputs, value: Any, places: int = 0) -> Any:
    if isinstance(value, Money):
        return Money(exact.rounded(value.amount, places), value.currency)
    return exact.rounded(value, places)


def _to_whole(direction: str) -> Callable[..., Any]:
    def apply(_inputs: Inputs, value: Any) -> Any:
        if isinstance(value, Money):
            return Money(value.amount.to_integral_value(direction, exact.EXACT), value.currency)
        return int(Decimal(value).to_integral_value(direction, exact.EXACT))

    return apply


def _absolute(_inputs: Inputs, value: Any) -> Any:
    return Money(abs_exact(value.amount), value.currency) if isinstance(value, Money) else abs_exact(value)


def abs_exact(value: Any) -> Any:
    """`abs` of a Decimal would round to the thread's context."""
    return value if value >= 0 else exact.minus(0, value)


def _whole(name: str, direction: str, example: str, description: str, reading: str) -> RuleFunction:
    return RuleFunction(name, (_NUMBER,), _whole_type, _to_whole(direction), example, description, reading=reading)


FUNCTIONS = (
    RuleFunction(
        name="round",
        parameters=(
            _NUMBER,
            Parameter("places", ("int",), is_optional=True, written=whole_number(0, MOST_PLACES)),
        ),
        result=_rounded_type,
        python=_round,
        example="round(2.345, 2) = 2.35",
        description="The number or amount to so many decimals (0 to 10), half away from zero.",
    ),
    _whole("floor", ROUND_FLOOR, "floor(-2.5) = -3", "The greatest whole number not above it.", "{0} rounded down"),
    _whole("ceil", ROUND_CEILING, "ceil(2.1) = 3", "The least whole number not below it.", "{0} rounded up"),
    _whole("trunc", ROUND_DOWN, "trunc(-2.9) = -2", "The number without its decimals.", "{0} without decimals"),
    RuleFunction(
        name="abs",
        parameters=(_NUMBER,),
        result=like_the_first,
        python=_absolute,
        example="abs(-3) = 3",
        description="The number or amount without its sign.",
        reading="{0} without its sign",
    ),
)
