"""JSON 5, as far as test cases use it: bare keys, single quotes, trailing commas. Numbers are whole or decimal."""

import re
from decimal import Decimal
from typing import Any

from tests.conformance import pratt
from tests.conformance.source import Unreadable
from tests.conformance.zen_grammar import unescaped

_TOKEN = re.compile(
    r"(?P<gap>\s+)|(?P<number>-?\d+(?:\.\d+)?(?:[eE][+-]?\d+)?)|(?P<text>'(?:[^'\\]|\\.)*'|\"(?:[^\"\\]|\\.)*\")"
    r"|(?P<word>[A-Za-z_$][\w$]*)|(?P<mark>[\[\]{}:,])"
)
_CONSTANTS = {"true": True, "false": False, "null": None}


def read(text: str) -> Any:
    found, rest = _value(pratt.tokens_of(_TOKEN, text), 0)
    del rest
    return found


def _value(tokens: list[pratt.Token], at: int) -> tuple[Any, int]:
    kind, text = tokens[at]
    if kind == "number":
        number = Decimal(text)
        return (int(number) if number == number.to_integral_value() else number), at + 1
    if kind == "text":
        return unescaped(text[1:-1]), at + 1
    if kind == "word":
        return _CONSTANTS[text], at + 1
    if text == "[":
        return _items(tokens, at + 1)
    if text == "{":
        return _entries(tokens, at + 1)
    raise Unreadable(f"`{text}` can't stand here")


def _items(tokens: list[pratt.Token], at: int) -> tuple[list[Any], int]:
    found: list[Any] = []
    while tokens[at][1] != "]":
        value, at = _value(tokens, at)
        found.append(value)
        at += tokens[at] == ("mark", ",")
    return found, at + 1


def _entries(tokens: list[pratt.Token], at: int) -> tuple[dict[str, Any], int]:
    found: dict[str, Any] = {}
    while tokens[at] != ("mark", "}"):
        kind, key = tokens[at]
        found[unescaped(key[1:-1]) if kind == "text" else key], at = _value(tokens, at + 2)
        at += tokens[at] == ("mark", ",")
    return found, at + 1
