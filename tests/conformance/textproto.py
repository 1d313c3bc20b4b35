"""Reads protocol buffers in text form: every field is a list of what was given for it."""

import re
from typing import Any

from tests.conformance import pratt
from tests.conformance.source import Unreadable

Message = dict[str, list[Any]]
_TOKEN = re.compile(
    r"(?P<gap>\s+|#[^\n]*)|(?P<text>\"(?:[^\"\\\n]|\\.)*\"|'(?:[^'\\\n]|\\.)*')"
    r"|(?P<number>[-+]?(?:0[xX][0-9a-fA-F]+|(?:\d+\.?\d*|\.\d+)(?:[eE][+-]?\d+)?|inf\b|nan\b|infinity\b)[fF]?)"
    r"|(?P<extension>\[[\w./-]+\])|(?P<word>[A-Za-z_]\w*)|(?P<mark>[{}<>\[\]:,;-])"
)
_ESCAPES = {"a": "\a", "b": "\b", "f": "\f", "n": "\n", "r": "\r", "t": "\t", "v": "\v"}
_ESCAPE = re.compile(rb"\\(?:([0-7]{1,3})|[xX]([0-9a-fA-F]{1,2})|u([0-9a-fA-F]{4})|U([0-9a-fA-F]{8})|(.))", re.DOTALL)


def read(text: str) -> Message:
    reader = _Reader(pratt.tokens_of(_TOKEN, text))
    return reader.message("")


def unescaped(text: str) -> str:
    """Escapes are of bytes, which are UTF-8; what is not stays half of a character."""

    def byte(found: re.Match[bytes]) -> bytes:
        octal, hexadecimal, short, long, mark = found.groups()
        if octal or hexadecimal:
            return bytes([int(octal or hexadecimal, 8 if octal else 16) & 255])
        if short or long:
            return chr(int(short or long, 16)).encode("utf-8", "surrogatepass")
        return _ESCAPES.get(mark.decode("latin-1"), "").encode() or mark

    return _ESCAPE.sub(byte, text.encode()).decode("utf-8", "surrogateescape")


class _Reader:
    def __init__(self, tokens: list[pratt.Token]) -> None:
        self.tokens, self.at = tokens, 0

    def peek(self) -> pratt.Token:
        return self.tokens[self.at] if self.at < len(self.tokens) else pratt.END

    def take(self) -> pratt.Token:
        self.at += 1
        return self.tokens[self.at - 1]

    def accept(self, *marks: str) -> bool:
        if self.peek()[0] == "mark" and self.peek()[1] in marks:
            self.at += 1
            return True
        return False

    def message(self, close: str) -> Message:
        found: Message = {}
        while self.peek() != pratt.END and not (close and self.accept(close)):
            kind, name = self.take()
            if kind not in {"word", "extension"}:
                raise Unreadable(f"`{name}` is no field")
            self.accept(":")
            found.setdefault(name, []).extend(self._values())
            self.accept(",", ";")
        return found

    def _values(self) -> list[Any]:
        if not self.accept("["):
            return [self._value()]
        values: list[Any] = []
        while not self.accept("]"):
            values.append(self._value())
            self.accept(",")
        return values

    def _value(self) -> Any:
        if self.accept("{"):
            return self.message("}")
        if self.accept("<"):
            return self.message(">")
        if self.accept("-"):
            return "-" + self.take()[1]
        kind, text = self.take()
        if kind != "text":
            return text
        parts = [text[1:-1]]
        while self.peek()[0] == "text":
            parts.append(self.take()[1][1:-1])
        return unescaped("".join(parts))
