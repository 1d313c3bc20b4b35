"""Choosing between values."""

from typing import Any

from crm_app.fields.rule_type import RuleType
from crm_app.rules.function import SCALARS, Parameter, RuleFunction
from crm_app.rules.inputs import Inputs


def _same(types: tuple[RuleType, ...]) -> RuleType:
    """All arguments have one type by now; the result is never null if one of them never is."""
    required = [each for each in types if not each.nullable]
    return required[0] if required else types[0]


def _coalesce(_inputs: Inputs, *values: Any) -> Any:
    return next((value for value in values if value is not None), None)


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
)
