"""Choosing between values."""

from collections.abc import Callable
from dataclasses import replace
from typing import Any

from crm_app.fields.rule_type import RuleType
from crm_app.rules.aggregates import CONCLUSIONS
from crm_app.rules.function import ORDERED, SCALARS, Parameter, RuleFunction
from crm_app.rules.inputs import Inputs
from crm_app.rules.tree import Node


def _same(arguments: tuple[Node, ...]) -> RuleType:
    """All arguments have one type by now; the result is never null if one of them never is."""
    required = [each.type for each in arguments if not each.type.nullable]
    return required[0] if required else arguments[0].type


def _extreme_type(arguments: tuple[Node, ...]) -> RuleType:
    """Amounts of two currencies have no least one."""
    found = _same(arguments)
    return replace(found, nullable=True) if found.kind == "money" else found


def _coalesce(_inputs: Inputs, *values: Any) -> Any:
    return next((value for value in values if value is not None), None)


def _extreme(name: str) -> Callable[..., Any]:
    conclude = CONCLUSIONS[name]

    def choose(_inputs: Inputs, *values: Any) -> Any:
        return conclude(list(values))

    return choose


def _of_values(name: str, example: str, description: str, reading: str) -> RuleFunction:
    return RuleFunction(
        name=name,
        parameters=(Parameter("value", ORDERED), Parameter("other", ORDERED)),
        result=_extreme_type,
        python=_extreme(name),
        example=example,
        description=description,
        takes_null=True,
        repeats=True,
        reading=reading,
    )


FUNCTIONS = (
    RuleFunction(
        name="coalesce",
        parameters=(Parameter("value", SCALARS),),
        result=_same,
        python=_coalesce,
        example="coalesce(null, 'none') = 'none'",
        description="The first of the values that is not empty.",
        reading="the first of {all} that is not empty",
        takes_null=True,
        repeats=True,
    ),
    _of_values("min", "min(3, 1, 2) = 1", "The least of the values, empty ones left out.", "the smallest of {all}"),
    _of_values("max", "max(1, 3, 2) = 3", "The greatest of the values, empty ones left out.", "the largest of {all}"),
)
