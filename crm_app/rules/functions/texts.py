"""Text. Positions and lengths count code points; case follows Unicode."""

from typing import Any

from crm_app.fields.rule_type import INT, TEXT, RuleType
from crm_app.rules.function import TEXTS, Parameter, RuleFunction
from crm_app.rules.inputs import Inputs

# Unicode's White_Space, spelled out because databases and languages disagree on what blank means.
BLANK = (
    "\t\n\v\f\r \x85\xa0\u1680\u2000\u2001\u2002\u2003\u2004\u2005\u2006\u2007\u2008\u2009\u200a"
    "\u2028\u2029\u202f\u205f\u3000"
)

_TEXT = (Parameter("text", TEXTS),)


def _text(_types: tuple[RuleType, ...]) -> RuleType:
    return TEXT


def _lower(_inputs: Inputs, text: str) -> str:
    return text.lower()


def _upper(_inputs: Inputs, text: str) -> str:
    return text.upper()


def _trim(_inputs: Inputs, text: str) -> str:
    return text.strip(BLANK)


def _length(_inputs: Inputs, text: Any) -> int:
    return len(text)


FUNCTIONS = (
    RuleFunction(
        name="lower",
        parameters=_TEXT,
        result=_text,
        python=_lower,
        example="lower('ÄRA') = 'ära'",
        description="The text in small letters.",
        reading="{0} in small letters",
    ),
    RuleFunction(
        name="upper",
        parameters=_TEXT,
        result=_text,
        python=_upper,
        example="upper('eu') = 'EU'",
        description="The text in capital letters.",
        reading="{0} in capital letters",
    ),
    RuleFunction(
        name="trim",
        parameters=_TEXT,
        result=_text,
        python=_trim,
        example="trim('  a b ') = 'a b'",
        description="The text without blanks at either end.",
        reading="{0} without blanks around it",
    ),
    RuleFunction(
        name="len",
        parameters=_TEXT,
        result=lambda _types: INT,
        python=_length,
        example="len('four') = 4",
        description="How many characters the text has.",
        reading="the number of characters of {0}",
    ),
)
