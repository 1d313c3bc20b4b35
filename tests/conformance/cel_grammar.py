"""Reads CEL, the Common Expression Language."""

import re
from collections.abc import Mapping
from decimal import Decimal
from typing import ClassVar

from tests.conformance import pratt
from tests.conformance.source import (
    Attr,
    Call,
    Cond,
    Each,
    Index,
    Items,
    Lit,
    Obj,
    Op,
    Source,
    Unreadable,
    Untranslatable,
    Var,
)

_QUOTED = r"\"\"\"(?:[^\\]|\\.)*?\"\"\"|'''(?:[^\\]|\\.)*?'''|\"(?:[^\"\\\n]|\\.)*\"|'(?:[^'\\\n]|\\.)*'"
_RAW = r"\"\"\".*?\"\"\"|'''.*?'''|\"[^\"\n]*\"|'[^'\n]*'"
_TOKEN = re.compile(
    rf"(?P<gap>\s+|//[^\n]*)|(?P<bytes>[bB][rR]?(?:{_QUOTED})|[rR][bB](?:{_RAW}))|(?P<raw>[rR](?:{_RAW}))"
    rf"|(?P<text>{_QUOTED})"
    r"|(?P<double>(?:\d+\.\d+|\.\d+)(?:[eE][+-]?\d+)?|\d+[eE][+-]?\d+)|(?P<uint>(?:0[xX][0-9a-fA-F]+|\d+)[uU])"
    r"|(?P<int>0[xX][0-9a-fA-F]+|\d+)|(?P<word>[A-Za-z_]\w*)|(?P<quoted>`[\w.\-/ ]+`)"
    r"|(?P<mark>&&|\|\||==|!=|<=|>=|[-+*/%<>?:.,()\[\]{}!])",
    re.DOTALL,
)
_EACH = {"all": "all", "exists": "any", "exists_one": "one", "existsOne": "one", "filter": "filter", "map": "map"}
_CONSTANTS = {"true": True, "false": False, "null": None}
_ESCAPES = {"a": "\a", "b": "\b", "f": "\f", "n": "\n", "r": "\r", "t": "\t", "v": "\v"}
_ESCAPE = re.compile(r"\\(?:[xX]([0-9a-fA-F]{2})|u([0-9a-fA-F]{4})|U([0-9a-fA-F]{8})|([0-3][0-7]{2})|(.))", re.DOTALL)


class _Parser(pratt.Parser):
    binary: ClassVar[Mapping[str, tuple[int, str]]] = {
        "||": (20, "or"), "&&": (30, "and"), "==": (40, "="), "!=": (40, "!="), "<": (40, "<"), "<=": (40, "<="),
        ">": (40, ">"), ">=": (40, ">="), "in": (40, "in"), "+": (50, "+"), "-": (50, "-"), "*": (60, "*"),
        "/": (60, "/"), "%": (60, "%"),
    }  # fmt: skip

    def special_infix(self, left: Source, tightness: int) -> Source | None:
        if tightness <= 10 and self.accept("?"):
            then = self.infix(20)
            self.expect(":")
            return Cond(left, then, self.infix(10))
        return None

    def prefix(self) -> Source:
        if self.peek()[0] == "mark":
            if self.accept("!"):
                return Op("not", (self.infix(70),))
            if self.accept("-"):
                return Op("neg", (self.infix(70),))
        return super().prefix()

    def postfix(self, base: Source) -> Source:
        while True:
            if self.accept("."):
                if self.accept("?"):
                    raise Untranslatable("a value that may be missing")
                base = self._member(base, self.take()[1].strip("`"))
            elif self.accept("["):
                if self.accept("?"):
                    raise Untranslatable("a value that may be missing")
                index = self.expression()
                self.expect("]")
                base = Index(base, index)
            elif self.peek() == ("mark", "{") and isinstance(base, (Var, Attr)):
                raise Untranslatable("a message as a value")
            else:
                return base

    def _member(self, base: Source, name: str) -> Source:
        if not self.accept("("):
            return Attr(base, name)
        values = self.listed(")")
        if name in _EACH and len(values) == 2 and isinstance(values[0], Var):
            return Each(_EACH[name], base, values[0].name, values[1])
        if name == "map" and len(values) == 3 and isinstance(values[0], Var):
            kept = Each("filter", base, values[0].name, values[1])
            return Each("map", kept, values[0].name, values[2])
        qualified = _qualified(base)
        if qualified in {"math", "strings", "base64", "optional", "cel", "proto", "net", "sets", "lists"}:
            return Call(f"{qualified}.{name}", values)
        return Call(f".{name}", (base, *values))

    def primary(self) -> Source:
        kind, text = self.take()
        if kind in {"int", "uint"}:
            return Lit(int(text.rstrip("uU"), 16 if text[:2].lower() == "0x" else 10))
        if kind == "double":
            number = Decimal(text)
            return Lit(number.quantize(Decimal("1.0")) if number == number.to_integral_value() else number)
        if kind == "text":
            return Lit(unescaped(_bare(text)))
        if kind == "raw":
            return Lit(_bare(text[1:]))
        if kind == "bytes":
            raise Untranslatable("bytes")
        if kind == "word":
            return self._word(text)
        return self._bracketed(text)

    def _word(self, text: str) -> Source:
        if text in _CONSTANTS:
            return Lit(_CONSTANTS[text])
        if text == "in":
            raise Unreadable("`in` can't stand here")
        if self.accept("("):
            return Call(text, self.listed(")"))
        return Var(text)

    def _bracketed(self, text: str) -> Source:
        if text == ".":
            return self._word(self.take()[1])
        if text == "(":
            inner = self.expression()
            self.expect(")")
            return inner
        if text == "[":
            if self.peek()[1] == "?":
                raise Untranslatable("a value that may be missing")
            return Items(self.listed("]"))
        if text == "{":
            return self._map()
        raise Unreadable(f"`{text}` can't stand here")

    def _map(self) -> Source:
        entries: list[tuple[object, Source]] = []
        while not self.accept("}"):
            if self.accept("?"):
                raise Untranslatable("a value that may be missing")
            key = self.expression()
            self.expect(":")
            entries.append((key.value if isinstance(key, Lit) else key, self.expression()))
            if not self.accept(","):
                self.expect("}")
                break
        return Obj(tuple(entries))


def _qualified(base: Source) -> str:
    return base.name if isinstance(base, Var) else ""


def _bare(text: str) -> str:
    return text[3:-3] if text[:3] in {'"""', "'''"} and len(text) >= 6 else text[1:-1]


def unescaped(text: str) -> str:
    def mark(found: re.Match[str]) -> str:
        code = found[1] or found[2] or found[3]
        if code or found[4]:
            return chr(int(code, 16) if code else int(found[4], 8))
        return _ESCAPES.get(found[5], found[5])

    return _ESCAPE.sub(mark, text)


def parse(text: str) -> Source:
    return _Parser(pratt.tokens_of(_TOKEN, text)).whole()
