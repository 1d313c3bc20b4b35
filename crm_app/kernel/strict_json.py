"""JSON from outside: bounded in size and depth, without NaN, Infinity or duplicate keys."""

import json
from typing import Any

from crm_app.kernel.errors import Invalid

MAX_BYTES = 1_000_000
MAX_DEPTH = 32


class BadJson(Invalid):
    """The text is not JSON that the product accepts."""

    code = "bad_json"


def _pairs(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    result = dict(pairs)
    if len(result) != len(pairs):
        keys = [key for key, _ in pairs]
        double = next(key for key in keys if keys.count(key) > 1)
        raise BadJson(f"The key '{double}' appears twice in one JSON object.")
    return result


def _constant(name: str) -> Any:
    raise BadJson(f"{name} is not a JSON number.")


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
    if text.count("[") + text.count("{") > max_depth and _depth(text) > max_depth:
        raise BadJson(f"The JSON is nested deeper than {max_depth} levels.")
    try:
        return json.loads(text, object_pairs_hook=_pairs, parse_constant=_constant)
    except json.JSONDecodeError as error:
        raise BadJson(f"Line {error.lineno}, column {error.colno}: {error.msg}.") from None
