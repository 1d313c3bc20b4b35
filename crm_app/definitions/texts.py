"""What no text in a definition may hold: it is kept in PostgreSQL, printed on terminals and shown to everybody."""

import re
from collections.abc import Iterator, Mapping
from typing import Any, cast

Place = tuple[str, ...]

_NAMES = frozenset({"label", "plural", "related_label"})
_BROKEN = re.compile("[\x00\ud800-\udfff]")
_CONTROL = re.compile("[\x01-\x08\x0b\x0c\x0e-\x1f\x7f-\x9f]")
# What makes a line read otherwise than it is written; marks for a single character's direction are fine.
_MISLEADING = re.compile("[\t\n\r\u2028-\u202e\u2060-\u2069\ufeff]")
_MAX_SHOWN = 80


def text_problems(body: object) -> Iterator[tuple[Place, str]]:
    """Each place with a sentence. The body is no deeper than a definition may be."""
    level: list[tuple[Place, object]] = [((), body)]
    while level:
        inner: list[tuple[Place, object]] = []
        for place, value in level:
            if isinstance(value, str):
                yield from ((place, found) for found in _of_text(value, place))
            for key, part in _inside(value):
                yield from ((place, found) for found in _of_text(key, ()))
                inner.append(((*place, key), part))
        level = inner


def shown(text: str, most: int = _MAX_SHOWN) -> str:
    """As a line of a terminal or a page may hold it."""
    plain = text if text.isprintable() else text.encode("unicode_escape", "surrogatepass").decode()
    return plain if len(plain) <= most else f"{plain[:most]}…"


def _of_text(text: str, place: Place) -> Iterator[str]:
    if _BROKEN.search(text):
        yield "holds the NUL character or half of one (a lone surrogate), which can't be stored."
    elif _CONTROL.search(text):
        yield "holds a control character. Leave it out."
    elif place and place[-1] in _NAMES and _MISLEADING.search(text):
        yield "is a name: it has one line, and no characters that change the direction of what follows."


def _inside(value: object) -> Iterator[tuple[str, object]]:
    if isinstance(value, Mapping):
        yield from ((str(key), part) for key, part in cast("Mapping[object, Any]", value).items())
    elif isinstance(value, list | tuple):
        yield from ((str(index), part) for index, part in enumerate(cast("list[Any]", value)))
