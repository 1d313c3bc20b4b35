"""Where in a JSON text a path such as `fields/3/label` or `fields/amount/label` is."""

import json
import re
from collections.abc import Sequence
from typing import Any, cast

_SIGN = re.compile(r'"(?:[^"\\]|\\.)*"|[{}\[\]:,]|[^\s{}\[\]:,"]+')


def line_of(text: str, path: Sequence[str]) -> int:
    """The line, from 1, of what the path leads to, or of the last part of it that there is. A part names a key, an
    index, or the item of a list that has that `name`. The text is JSON that can be read.
    """
    steps: list[str] = []
    value: Any = json.loads(text)
    lines = _lines(text)
    found = 1
    for part in path:
        if isinstance(value, list):
            items = cast("list[Any]", value)
            at = int(part) if part.isdecimal() else _named(items, part)
            if not 0 <= at < len(items):
                break
            value, part = items[at], str(at)  # noqa: PLW2901 - the index is what the item is known by
        elif isinstance(value, dict) and part in value:
            value = cast("dict[str, Any]", value)[part]
        else:
            break
        steps.append(part)
        found = lines.get(tuple(steps), found)
    return found


def _named(items: list[Any], name: str) -> int:
    for index, item in enumerate(items):
        if isinstance(item, dict) and cast("dict[str, Any]", item).get("name") == name:
            return index
    return -1


def _lines(text: str) -> dict[tuple[str, ...], int]:
    """The line of every value, by its path."""
    found: dict[tuple[str, ...], int] = {}
    path: list[str] = []
    in_list: list[bool] = []
    line, end, is_key = 1, 0, False
    for match in _SIGN.finditer(text):
        line += text.count("\n", end, match.start())
        end, sign = match.start(), match.group()
        if sign in "}]":
            in_list.pop()
            path.pop()
            is_key = False
        elif sign == ",":
            is_key = not in_list[-1]
            path[-1] = path[-1] if is_key else str(int(path[-1]) + 1)
        elif is_key:
            path[-1], is_key = json.loads(sign), False
        elif sign != ":":
            found.setdefault(tuple(path), line)
            if sign in "{[":
                is_key = sign == "{"
                in_list.append(not is_key)
                path.append("0")
    return found
