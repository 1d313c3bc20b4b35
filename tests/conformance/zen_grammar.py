"""Reads ZEN expressions: https://docs.gorules.io/developers/reference/zen."""

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
    Range,
    Slice,
    Source,
    Unreadable,
    Untranslatable,
    Var,
)

_TOKEN = re.compile(
    r"(?P<gap>\s+)|(?P<number>\d+(?:_?\d)*(?:\.(?!\.)\d+)?(?:[eE][+-]?\d+)?)|(?P<template>`(?:[^`\\]|\\.)*`)"
    r"|(?P<text>'(?:[^'\\]|\\.)*'|\"(?:[^\"\\]|\\.)*\")|(?P<word>not\s+in\b|[A-Za-z_$][\w$]*|\#)"
    r"|(?P<mark>\.\.|\?\?|==|!=|<=|>=|&&|\|\||[-+*/%^<>?:.,()\[\]{};=!])"
)
_EACH = {"map": "map", "filter": "filter", "some": "any", "all": "all", "none": "none", "one": "one", "count": "count",
         "flatMap": "flat"}  # fmt: skip
_ASKING = {"and", "or", "not", "in", "=", "!=", "<", "<=", ">", ">="}
_CONSTANTS = {"true": True, "false": False, "null": None}


class _Parser(pratt.Parser):
    binary: ClassVar[Mapping[str, tuple[int, str]]] = {
        "??": (15, "??"), "or": (20, "or"), "||": (20, "or"), "and": (30, "and"), "&&": (30, "and"),
        "==": (40, "="), "!=": (40, "!="), "<": (40, "<"), "<=": (40, "<="), ">": (40, ">"), ">=": (40, ">="),
        "in": (40, "in"), "+": (60, "+"), "-": (60, "-"), "*": (70, "*"), "/": (70, "/"), "%": (70, "%"),
        "^": (80, "^"),
    }  # fmt: skip
    right_associative = frozenset({"^", "??"})

    is_unary = False

    def unary_tests(self) -> Source:
        """Any of the tests that commas part; each is about `$`."""
        self.is_unary = True
        tests = [self._test()]
        while self.accept(","):
            tests.append(self._test())
        if self.peek() != pratt.END:
            raise Unreadable(f"`{self.peek()[1]}` can't stand here")
        return tests[0] if len(tests) == 1 else Op("or", tuple(tests))

    def _test(self) -> Source:
        start = self.at
        found = self.expression()
        is_about = any(text == "$" for _kind, text in self.tokens[start : self.at])
        if is_about or (isinstance(found, Op) and found.name in _ASKING):
            return found
        return Op("in" if isinstance(found, (Range, Items)) else "=", (Var("$"), found))

    def whole(self) -> Source:
        if ("mark", ";") in self.tokens or ("mark", "=") in self.tokens:
            raise Untranslatable("an assignment")
        return super().whole()

    def special_infix(self, left: Source, tightness: int) -> Source | None:
        if tightness <= 40 and re.fullmatch(r"not\s+in", self.peek()[1]) and self.peek()[0] == "word":
            self.take()
            return Op("not", (Op("in", (left, self.infix(41))),))
        if tightness <= 10 and self.accept("?"):
            then = self.infix(10)
            self.expect(":")
            return Cond(left, then, self.infix(10))
        return None

    def prefix(self) -> Source:
        kind, text = self.peek()
        if self.is_unary and (text in {"in", "<", "<=", ">", ">=", "==", "!="} or re.fullmatch(r"not\s+in", text)):
            return Var("$") if kind in {"mark", "word"} else super().prefix()
        if self.peek()[0] == "word" and self.accept("not"):
            return Op("not", (self.infix(35),))
        if self.peek()[0] == "mark":
            if self.accept("!"):
                return Op("not", (self.infix(75),))
            if self.accept("-"):
                return Op("neg", (self.infix(75),))
            if self.accept("+"):
                return self.infix(75)
        return super().prefix()

    def postfix(self, base: Source) -> Source:
        while True:
            if self.accept("."):
                name = self.take()[1]
                base = Call(f".{name}", (base, *self.listed(")"))) if self.accept("(") else Attr(base, name)
            elif self.accept("["):
                base = self._subscript(base)
            else:
                return base

    def _subscript(self, base: Source) -> Source:
        low = None if self.peek()[1] == ":" else self.infix(11)
        if self.accept(":"):
            high = None if self.peek()[1] == "]" else self.infix(11)
            self.expect("]")
            return Slice(base, low, high)
        self.expect("]")
        assert low is not None
        return Index(base, low)

    def primary(self) -> Source:
        kind, text = self.take()
        if kind == "number":
            return Lit(number(text))
        if kind == "text":
            return Lit(unescaped(text[1:-1]))
        if kind == "template":
            return _template(text[1:-1])
        if kind == "word":
            return self._word(text)
        return self._bracketed(text)

    def _word(self, text: str) -> Source:
        if text in _CONSTANTS:
            return Lit(_CONSTANTS[text])
        if self.peek() == ("mark", "("):
            return self._each(text) if text in _EACH else self._call(text)
        return Var(text)

    def _call(self, name: str) -> Source:
        self.take()
        return Call(name, self.listed(")"))

    def _each(self, name: str) -> Source:
        self.take()
        source, alias = self.expression(), "#"
        if self.accept("as"):
            alias = self.take()[1]
        if self.accept(")"):
            return Call(name, (source,))
        self.expect(",")
        body = self.expression()
        self.expect(")")
        if name == "contains" or _EACH[name] == "flat":
            raise Untranslatable("a list that is computed")
        return Each(_EACH[name], source, alias, body)

    def _bracketed(self, text: str) -> Source:
        if text == "{":
            return self._object()
        if text not in {"(", "["}:
            raise Unreadable(f"`{text}` can't stand here")
        if text == "[" and self.accept("]"):
            return Items(())
        first = self.expression()
        if self.accept(".."):
            high = self.expression()
            close = self.take()[1]
            return Range(first, high, includes_low=text == "[", includes_high=close == "]")
        if text == "(":
            self.expect(")")
            return first
        return Items((first, *(self.listed("]") if self.accept(",") else self.listed("]")[:0])))

    def _object(self) -> Source:
        entries: list[tuple[str, Source]] = []
        while not self.accept("}"):
            kind, text = self.take()
            if text == "[":
                raise Untranslatable("an object as a value")
            key = unescaped(text[1:-1]) if kind == "text" else text
            self.expect(":")
            entries.append((key, self.expression()))
            if not self.accept(","):
                self.expect("}")
                break
        return Obj(tuple(entries))


def number(text: str) -> int | Decimal:
    value = Decimal(text.replace("_", ""))
    return int(value) if value == value.to_integral_value() else value


def unescaped(text: str) -> str:
    marks = {"n": "\n", "t": "\t", "r": "\r"}
    return re.sub(r"\\([ntr'\"`])", lambda found: marks.get(found[1], found[1]), text)


def _template(text: str) -> Source:
    parts: list[Source] = []
    for at, part in enumerate(re.split(r"\$\{(.*?)\}", text)):
        if at % 2:
            parts.append(Call("string", (parse(part),)))
        elif part:
            parts.append(Lit(part))
    joined: Source = parts[0] if parts else Lit("")
    for part in parts[1:]:
        joined = Op("+", (joined, part))
    return joined


def parse_unary(text: str) -> Source:
    return _Parser(pratt.tokens_of(_TOKEN, text)).unary_tests()


def parse(text: str) -> Source:
    return _Parser(pratt.tokens_of(_TOKEN, text)).whole()
