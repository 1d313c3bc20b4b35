"""Reads FEEL, the expression language of DMN. Names may hold blanks, so those that are known are looked for first."""

from collections.abc import Iterable, Mapping
from decimal import Decimal
from typing import ClassVar

from tests.conformance import feel_tokens, pratt
from tests.conformance.source import (
    Attr,
    Call,
    Cond,
    Each,
    Fn,
    Index,
    Items,
    Lit,
    Obj,
    Op,
    Range,
    Source,
    Test,
    Unreadable,
    Untranslatable,
    Var,
)

_CONSTANTS = {"true": True, "false": False, "null": None}
_TESTS = {"<": "<", "<=": "<=", ">": ">", ">=": ">=", "=": "=", "!=": "!="}
_RESERVED = {"if", "then", "else", "for", "return", "some", "every", "satisfies", "in", "and", "or", "between",
             "instance", "of", "function", "true", "false", "null", "not"}  # fmt: skip


class _Parser(pratt.Parser):
    binary: ClassVar[Mapping[str, tuple[int, str]]] = {
        "or": (10, "or"), "and": (20, "and"), "=": (30, "="), "!=": (30, "!="), "<": (30, "<"), "<=": (30, "<="),
        ">": (30, ">"), ">=": (30, ">="), "+": (50, "+"), "-": (50, "-"), "*": (60, "*"), "/": (60, "/"),
        "**": (70, "^"),
    }  # fmt: skip
    is_end = False

    def special_infix(self, left: Source, tightness: int) -> Source | None:
        if tightness > 30:
            return None
        if self.accept("between"):
            low = self.infix(40)
            self.expect("and")
            return Op("between", (left, low, self.infix(40)))
        if self.accept("in"):
            return Call(" in", (left, self._in()))
        if self.accept("instance"):
            raise Untranslatable("a question for the type of a value")
        return None

    def _in(self) -> Source:
        """One test, or several in parentheses."""
        start = self.at
        if self.accept("("):
            try:
                tests = [self.test()]
                while self.accept(","):
                    tests.append(self.test())
                self.expect(")")
                return Test(tuple(tests))
            except Unreadable:
                self.at = start
        return Test((self.test(),))

    def test(self) -> Source:
        """What a value is tested with; the value is `?`."""
        sign = self.peek()[1] if self.peek()[0] == "mark" else ""
        if sign in _TESTS:
            self.take()
            return Op(_TESTS[sign], (Var("?"), self.infix(40)))
        return Call(" matches", (Var("?"), self.infix(40)))

    def unary_tests(self) -> Source:
        """A cell of a decision table."""
        if [text for _kind, text in self.tokens] == ["-"]:
            return Lit(value=True)
        if self.peek() == ("word", "not") and self.peek(1)[1] == "(":
            self.at += 2
            inner = self._tests()
            self.expect(")")
            return Op("not", (inner,))
        return self._tests()

    def _tests(self) -> Source:
        tests = [self.test()]
        while self.accept(","):
            tests.append(self.test())
        return Test(tuple(tests))

    def prefix(self) -> Source:
        if self.peek() == ("mark", "-"):
            self.take()
            return Op("neg", (self.infix(75),))
        return super().prefix()

    def postfix(self, base: Source) -> Source:
        while True:
            if self.accept("."):
                base = Attr(base, self._name())
            elif self.peek() == ("mark", "[") and not self.is_end:
                base = self._filter(base)
            elif self.peek() == ("mark", "(") and isinstance(base, (Fn, Call)):
                base = Call(" apply", (base, *self._arguments()[0]))
            else:
                return base

    def _name(self) -> str:
        """A property: `start included` and `time offset` have a blank."""
        words = [self.take()[1]]
        while self.peek()[0] == "word" and self.peek()[1] in {"included", "offset"}:
            words.append(self.take()[1])
        return " ".join(words)

    def _end(self) -> Source:
        """The far end of an interval, which a bracket turned outwards may close."""
        self.is_end = True
        found = self.expression()
        self.is_end = False
        return found

    def _filter(self, base: Source) -> Source:
        self.take()
        inner = self.expression()
        self.expect("]")
        is_place = isinstance(inner, Lit) or (isinstance(inner, Op) and inner.name == "neg")
        if is_place:
            return Index(base, inner)
        return Each("filter", base, "item", inner)

    def primary(self) -> Source:
        kind, text = self.take()
        if kind == "number":
            number = Decimal(text)
            return Lit(int(number) if number == number.to_integral_value() else number)
        if kind == "text":
            return Lit(feel_tokens.unescaped(text[1:-1]))
        if kind == "at":
            return Call("@", (Lit(feel_tokens.unescaped(text[2:-1])),))
        if kind in {"word", "name"}:
            return self._word(kind, text)
        return self._bracketed(text)

    def _word(self, kind: str, text: str) -> Source:
        if kind == "word" and text in _CONSTANTS:
            return Lit(_CONSTANTS[text])
        if kind == "word" and text in {"if", "for", "some", "every", "function"}:
            return _CONSTRUCTS[text](self)
        if self.peek() == ("mark", "("):
            values, named = self._arguments()
            return Call(text, values, named)
        if text in _RESERVED and kind == "word":
            raise Unreadable(f"`{text}` can't stand here")
        return Var(text)

    def _arguments(self) -> tuple[tuple[Source, ...], dict[str, Source]]:
        self.expect("(")
        values: list[Source] = []
        named: dict[str, Source] = {}
        while not self.accept(")"):
            if name := self._parameter():
                named[name] = self.expression()
            else:
                values.append(self.expression())
            if not self.accept(","):
                self.expect(")")
                break
        return tuple(values), named

    def _parameter(self) -> str:
        """`start position:`, if that is what stands here."""
        ahead = 0
        while self.peek(ahead)[0] in {"word", "name"}:
            ahead += 1
        if not ahead or self.peek(ahead) != ("mark", ":"):
            return ""
        name = " ".join(self.take()[1] for _ in range(ahead))
        self.take()
        return name

    def condition(self) -> Source:
        condition = self.expression()
        self.expect("then")
        then = self.expression()
        self.expect("else")
        return Cond(condition, then, self.expression())

    def loop(self, kind: str, last: str) -> Source:
        bindings = [self._binding()]
        while self.accept(","):
            bindings.append(self._binding())
        self.expect(last)
        body = self.expression()
        for alias, source in reversed(bindings):
            body = Each(kind, source, alias, body)
        return body

    def _binding(self) -> tuple[str, Source]:
        alias = self.take()[1]
        self.expect("in")
        source = self.expression()
        if self.accept(".."):
            return alias, Range(source, self.expression())
        return alias, source

    def function(self) -> Source:
        self.expect("(")
        params: list[str] = []
        while not self.accept(")"):
            kind, text = self.take()
            if text == ":":
                self._skip_type()
            elif kind in {"word", "name"}:
                params.append(text)
        if self.peek() == ("word", "external"):
            raise Untranslatable("a function of the host")
        return Fn(tuple(params), self.expression())

    def _skip_type(self) -> None:
        depth = 0
        while self.peek() != pratt.END and (depth or self.peek()[1] not in {",", ")"}):
            depth += {"<": 1, ">": -1}.get(self.take()[1], 0)

    def _bracketed(self, text: str) -> Source:
        if text == "{":
            return self._context()
        if text not in {"(", "[", "]"}:
            raise Unreadable(f"`{text}` can't stand here")
        if text == "[" and self.accept("]"):
            return Items(())
        if text == "(" and (bounded := self._bound()) is not None:
            return bounded
        first = self.expression()
        if self.accept(".."):
            high = self._end()
            close = self.take()[1]
            return Range(first, high, includes_low=text == "[", includes_high=close == "]")
        if text != "[":
            self.expect(")")
            return first
        rest = self.listed("]") if self.accept(",") else ()
        if not rest:
            self.accept("]")
        return Items((first, *rest))

    def _bound(self) -> Source | None:
        """`(>= 10)`, an interval of one end."""
        sign = self.peek()[1] if self.peek()[0] == "mark" else ""
        if sign not in _TESTS:
            return None
        self.take()
        end = self.infix(40)
        self.expect(")")
        low, high = (end, None) if sign in {">", ">="} else (None, end) if sign in {"<", "<="} else (end, end)
        return Range(low, high, includes_low=sign in {">=", "="}, includes_high=sign in {"<=", "="})

    def _context(self) -> Source:
        entries: list[tuple[str, Source]] = []
        while not self.accept("}"):
            kind, text = self.take()
            words = [feel_tokens.unescaped(text[1:-1]) if kind == "text" else text]
            while not self.accept(":"):
                words.append(self.take()[1])
                if self.peek() == pratt.END:
                    raise Unreadable("an object has no end")
            entries.append((" ".join(words), self.expression()))
            if not self.accept(","):
                self.expect("}")
                break
        return Obj(tuple(entries))


_CONSTRUCTS = {
    "if": _Parser.condition,
    "for": lambda parser: parser.loop("map", "return"),
    "some": lambda parser: parser.loop("any", "satisfies"),
    "every": lambda parser: parser.loop("all", "satisfies"),
    "function": _Parser.function,
}


def parse(text: str, names: Iterable[str]) -> Source:
    return _Parser(feel_tokens.tokens_of(text, names)).whole()


def parse_tests(text: str, names: Iterable[str]) -> Source:
    parser = _Parser(feel_tokens.tokens_of(text, names))
    found = parser.unary_tests()
    if parser.peek() != pratt.END:
        raise Unreadable(f"`{parser.peek()[1]}` can't stand here")
    return found
