"""Patterns of text. RE2 decides, which never backtracks."""

# pyright: reportUnknownMemberType=false, reportMissingTypeStubs=false

from functools import lru_cache
from typing import Any

import re2

from crm_app.fields.rule_type import BOOL
from crm_app.rules.function import TEXTS, Parameter, RuleFunction, Written, gives
from crm_app.rules.inputs import Inputs
from crm_app.rules.pattern import BadPattern, translated


@lru_cache(maxsize=1000)
def _compiled(pattern: str) -> Any:
    options = re2.Options()
    options.log_errors = False
    return re2.compile(pattern, options)


def _refusal(pattern: str) -> str | None:
    try:
        translated(pattern)
        _compiled(pattern)
    except BadPattern as error:
        return str(error)
    except re2.error:
        return "it is no pattern"
    return None


def _matches(_inputs: Inputs, text: str, pattern: str) -> bool:
    return _compiled(pattern).search(text) is not None


_PATTERN = Written("text", "a pattern", _refusal, ("^[a-z]+$", r"\d", "a|b", "[^a]", "^.?$"))

FUNCTIONS = (
    RuleFunction(
        name="matches",
        parameters=(Parameter("text", TEXTS), Parameter("pattern", ("text",), written=_PATTERN)),
        result=gives(BOOL),
        python=_matches,
        example=r"matches('DE-10115', '^[A-Z]{2}-\d{5}$')",
        description="Whether the pattern (RE2) is found anywhere in the text; `^` and `$` are its ends.",
        reading="{0} matches {1}",
    ),
)
