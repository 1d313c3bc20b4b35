"""What the readers of the three languages share: tokens, and operators by how tightly they bind."""

import re
from collections.abc import Mapping, Sequence
from typing import ClassVar

from tests.conformance.source import Op, Source, Unreadable

Token = tuple[str, str]
END: Token = ("end", "")


def tokens_of(pattern: re.Pattern[str], text: str, *, skipped: Sequence[str] = ("gap",)) -> list[Token]:
    found: list[Token] = []
    at = 0
    while at < len(text):
        match = pattern.match(text, at)
        if match is None or match.end() == at:
            raise Unreadable(f"{text[at : at + 20]!r} can't be read")
        if match.lastgroup not in skipped:
            found.append((match.lastgroup or "", match.group()))
        at = match.end()
    return found


class Parser:
    """`binary` says how tightly each infix operator binds, and its name among ours."""

    binary: ClassVar[Mapping[str, tuple[int, str]]] = {}
    right_associative: ClassVar[frozenset[str]] = frozenset()

    def __init__(self, tokens: Sequence[Token]) -> None:
        self.tokens = tokens
        self.at = 0

    def whole(self) -> Source:
        found = self.expression()
        if self.peek() != END:
            raise Unreadable(f"`{self.peek()[1]}` can't stand here")
        return found

    def peek(self, ahead: int = 0) -> Token:
        place = self.at + ahead
        return self.tokens[place] if place < len(self.tokens) else END

    def take(self) -> Token:
        self.at += 1
        return self.tokens[self.at - 1] if self.at <= len(self.tokens) else END

    def accept(self, *texts: str) -> str:
        kind, text = self.peek()
        if text in texts and kind not in {"text", "end"}:
            self.at += 1
            return text
        return ""

    def expect(self, text: str) -> None:
        if not self.accept(text):
            raise Unreadable(f"expected `{text}`, found `{self.peek()[1]}`")

    def expression(self) -> Source:
        return self.infix(0)

    def infix(self, tightness: int) -> Source:
        left = self.prefix()
        while True:
            kind, text = self.peek()
            found = self.binary.get(text) if kind in {"mark", "word"} else None
            if found is None or found[0] < tightness:
                special = self.special_infix(left, tightness)
                if special is None:
                    return left
                left = special
                continue
            self.take()
            right = self.infix(found[0] if text in self.right_associative else found[0] + 1)
            left = self.joined(found[1], left, right)

    def joined(self, name: str, left: Source, right: Source) -> Source:
        return Op(name, (left, right))

    def special_infix(self, _left: Source, _tightness: int) -> Source | None:
        return None

    def prefix(self) -> Source:
        return self.postfix(self.primary())

    def postfix(self, base: Source) -> Source:
        return base

    def primary(self) -> Source:
        raise NotImplementedError

    def listed(self, close: str) -> tuple[Source, ...]:
        """Expressions separated by commas, up to and with the closing bracket."""
        found: list[Source] = []
        while not self.accept(close):
            found.append(self.expression())
            if not self.accept(","):
                self.expect(close)
                break
        return tuple(found)
