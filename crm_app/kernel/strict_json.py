"""JSON from outside: bounded in size and depth, without NaN, Infinity, numbers like it or duplicate keys."""

import json
import math
from collections import Counter
from typing import Any

from crm_app.kernel.errors import Invalid

MAX_BYTES = 1_000_000
MAX_DEPTH = 32
MAX_DIGITS = 4_000


class BadJson(Invalid):
    """The text is not JSON that the product accepts."""

    code = "bad_json"


def _pairs(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    result = dict(pairs)
    if len(result) != len(pairs):
        double = next(key for key, count in Counter(key for key, _ in pairs).items() if count > 1)
        raise BadJson(f"The key {double[:60]!a} appears twice in one JSON object.")
    return result


def _constant(name: str) -> Any:
    raise BadJson(f"{name} is not a JSON number.")


def _integer(text: str) -> int:
    if len(text) > MAX_DIGITS:
        raise BadJson(f"The JSON holds a number of {len(text):,} digits; at most {MAX_DIGITS:,} are accepted.")
    return int(text)


def _number(text: str) -> float:
    found = float(text)
    if math.isinf(found):
        raise BadJson(f"The number {text[:30]} is too large.")
    return found


def _depth(text: str) -> int:
    deepest = level = 0
    in_string = escaped = False
    for char in text:
        if in_string:
            in_string = escaped or char != '"'
            escaped = char == "\\" and not escaped
        elif char == '"':
            in_string = True
        elif char in "[{":
            level += 1
            deepest = max(deepest, level)
        elif char in "]}":
            level -= 1
    return deepest


def loads(data: bytes | str, *, max_bytes: int = MAX_BYTES, max_depth: int = MAX_DEPTH) -> Any:
    """Parses, or raises `BadJson` with the line and column."""
    raw = data.encode() if isinstance(data, str) else data
    if len(raw) > max_bytes:
        raise BadJson(f"The JSON is {len(raw):,} bytes; at most {max_bytes:,} are accepted.")
    try:
        text = raw.decode("utf-8")
    except UnicodeDecodeError as error:
        raise BadJson(f"The JSON is not UTF-8: byte {error.start} is {raw[error.start]:#04x}.") from None
    if text.startswith("\ufeff"):
        raise BadJson("The JSON starts with a byte order mark. Save it as UTF-8 without one.")
    if text.count("[") + text.count("{") > max_depth and _depth(text) > max_depth:
        raise BadJson(f"The JSON is nested deeper than {max_depth} levels.")
    try:
        return json.loads(
            text, object_pairs_hook=_pairs, parse_constant=_constant, parse_int=_integer, parse_float=_number
        )
    except json.JSONDecodeError as error:
        raise BadJson(f"Line {error.lineno}, column {error.colno}: {error.msg}.") from None
