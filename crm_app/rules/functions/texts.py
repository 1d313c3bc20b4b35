"""Text. Positions and lengths count code points; case follows Unicode; no text gets longer than `LONGEST_TEXT`."""

from typing import Any

from crm_app.fields.rule_type import INT, TEXT, list_of
from crm_app.rules.function import LONGEST_TEXT, MOST_PARTS, TEXTS, Parameter, RuleFunction, gives
from crm_app.rules.inputs import Inputs

# Unicode's White_Space, spelled out because databases and languages disagree on what blank means.
BLANK = (
    "\t\n\v\f\r \x85\xa0\u1680\u2000\u2001\u2002\u2003\u2004\u2005\u2006\u2007\u2008\u2009\u200a"
    "\u2028\u2029\u202f\u205f\u3000"
)

_TEXT = Parameter("text", TEXTS)
_COUNT = Parameter("count", ("int",))


def _lower(_inputs: Inputs, text: str) -> str:
    return text.lower()


def _upper(_inputs: Inputs, text: str) -> str:
    return text.upper()


def _trim(_inputs: Inputs, text: str) -> str:
    return text.strip(BLANK)


def _length(_inputs: Inputs, value: Any) -> int:
    return len(value)


def _left(_inputs: Inputs, text: str, count: int) -> str:
    return text[: max(count, 0)]


def _right(_inputs: Inputs, text: str, count: int) -> str:
    return text[max(len(text) - max(count, 0), 0) :]


def _substring(_inputs: Inputs, text: str, start: int, length: int = LONGEST_TEXT) -> str | None:
    if start == 0:
        return None
    first = start - 1 if start > 0 else max(len(text) + start, 0)
    return text[first : first + max(length, 0)]


def _replace(_inputs: Inputs, text: str, old: str, new: str) -> str | None:
    if not old:
        return text
    length = len(text) + text.count(old) * (len(new) - len(old))
    return text.replace(old, new) if length <= LONGEST_TEXT else None


def _split(_inputs: Inputs, text: str, separator: str) -> list[str] | None:
    if not text or not separator:
        return [text] if text else []
    return text.split(separator) if text.count(separator) < MOST_PARTS else None


def _join(_inputs: Inputs, parts: list[str | None], separator: str) -> str | None:
    known = [part for part in parts if part is not None]
    length = sum(map(len, known)) + len(separator) * max(len(known) - 1, 0)
    return separator.join(known) if length <= LONGEST_TEXT else None


def _of_text(name: str, python: Any, example: str, description: str, reading: str) -> RuleFunction:
    return RuleFunction(name, (_TEXT,), gives(TEXT), python, example, description, reading=reading)


FUNCTIONS = (
    _of_text("lower", _lower, "lower('ÄRA') = 'ära'", "The text in small letters.", "{0} in small letters"),
    _of_text("upper", _upper, "upper('eu') = 'EU'", "The text in capital letters.", "{0} in capital letters"),
    _of_text("trim", _trim, "trim('  a b ') = 'a b'", "The text without blanks around it.", "{0} without blanks"),
    RuleFunction(
        name="len",
        parameters=(Parameter("text", TEXTS, items=(*TEXTS, "int", "decimal", "date", "datetime", "bool")),),
        result=gives(INT),
        python=_length,
        example="len('four') = 4",
        description="How many characters a text has, or a list of values elements.",
        reading="the length of {0}",
    ),
    RuleFunction(
        name="left",
        parameters=(_TEXT, _COUNT),
        result=gives(TEXT),
        python=_left,
        example="left('DE-10115', 2) = 'DE'",
        description="So many characters from the start of the text.",
        reading="the first {1} characters of {0}",
    ),
    RuleFunction(
        name="right",
        parameters=(_TEXT, _COUNT),
        result=gives(TEXT),
        python=_right,
        example="right('DE-10115', 5) = '10115'",
        description="So many characters from the end of the text.",
        reading="the last {1} characters of {0}",
    ),
    RuleFunction(
        name="substring",
        parameters=(_TEXT, Parameter("start", ("int",)), Parameter("length", ("int",), is_optional=True)),
        result=gives(TEXT),
        python=_substring,
        example="substring('INV-2026-07', 5, 4) = '2026'",
        description="The text from a character on, 1 being the first and -1 the last; nothing where the start is 0.",
    ),
    RuleFunction(
        name="replace",
        parameters=(_TEXT, Parameter("old", TEXTS), Parameter("new", TEXTS)),
        result=gives(TEXT),
        python=_replace,
        example="replace('a-b-c', '-', '.') = 'a.b.c'",
        description="The text with each occurrence of one text replaced by another.",
        reading="{0} with {1} replaced by {2}",
    ),
    RuleFunction(
        name="split",
        parameters=(_TEXT, Parameter("separator", TEXTS)),
        result=gives(list_of(TEXT)),
        python=_split,
        example="'b' in split('a,b', ',')",
        description="The parts of the text between separators, as a list of at most 1,000.",
        reading="the parts of {0} between {1}",
    ),
    RuleFunction(
        name="join",
        parameters=(Parameter("list", (), items=TEXTS), Parameter("separator", TEXTS)),
        result=gives(TEXT),
        python=_join,
        example="join(['a', 'b'], ', ') = 'a, b'",
        description="The texts of a list as one, a separator between them.",
        reading="{0} joined by {1}",
    ),
)
