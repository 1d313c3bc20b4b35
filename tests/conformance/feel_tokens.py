"""The words of FEEL. Names may hold blanks, so those that are known are looked for first."""

import re
from collections.abc import Iterable

from tests.conformance import pratt
from tests.conformance.source import (
    Unreadable,
)

_TOKEN = re.compile(
    r"(?P<gap>\s+|//[^\n]*|/\*.*?\*/)|(?P<number>\d+(?:\.(?!\.)\d+)?(?:[eE][+-]?\d+)?|\.\d+(?:[eE][+-]?\d+)?)"
    r"|(?P<at>@\"(?:[^\"\\]|\\.)*\")|(?P<text>\"(?:[^\"\\]|\\.)*\")"
    r"|(?P<word>[^\W\d][\w']*)|(?P<mark>\*\*|\.\.|!=|<=|>=|->|[-+*/=<>.,()\[\]{}:?|])",
    re.DOTALL,
)


BUILT_IN = (
    "date and time", "years and months duration", "string length", "upper case", "lower case", "substring before",
    "substring after", "starts with", "ends with", "string join", "list contains", "insert before", "index of",
    "distinct values", "list replace", "get value", "get entries", "context put", "context merge", "day of year",
    "day of week", "month of year", "week of year", "round up", "round down", "round half up", "round half down",
    "met by", "overlaps before", "overlaps after", "finished by", "started by", "start included", "end included",
    "time offset",
)  # fmt: skip


def tokens_of(text: str, names: Iterable[str]) -> list[pratt.Token]:
    """`names` are those with blanks or other marks in them."""
    known = sorted(names, key=len, reverse=True)
    alternatives = "|".join(r"\s+".join(re.escape(part) for part in name.split()) for name in known)
    named = re.compile(rf"(?:{alternatives})(?!\w)") if known else None
    found: list[pratt.Token] = []
    at = 0
    while at < len(text):
        match = named.match(text, at) if named is not None else None
        if match is not None and (at == 0 or not text[at - 1].isalnum()):
            found.append(("name", " ".join(match.group().split())))
        else:
            match = _TOKEN.match(text, at)
            if match is None:
                raise Unreadable(f"{text[at : at + 20]!r} can't be read")
            if match.lastgroup != "gap":
                found.append((match.lastgroup or "", match.group()))
        at = match.end()
    return found


def unescaped(text: str) -> str:
    marks = {"n": "\n", "t": "\t", "r": "\r", "b": "\b", "f": "\f"}

    def mark(found: re.Match[str]) -> str:
        if found[1]:
            return chr(int(found[1], 16))
        return marks.get(found[2], found[2])

    joined = re.sub(r"\\(?:u([0-9A-Fa-f]{4})|U([0-9A-Fa-f]{6}))", lambda f: chr(int(f[1] or f[2], 16)), text)
    return re.sub(r"\\(?:u([0-9A-Fa-f]{4})|(.))", mark, joined).encode("utf-16", "surrogatepass").decode("utf-16")
