"""Random well-typed rules, as Hypothesis draws them."""

from collections.abc import Callable, Iterator, Sequence
from itertools import product
from typing import Any, TypeVar

from hypothesis import strategies as st

from crm_app.fields.rule_type import Kind, RuleType
from crm_app.rules.function import Parameter, RuleFunction
from crm_app.rules.library import FUNCTIONS
from crm_app.rules.literals import scalar_type
from crm_app.rules.tree import (
    Arithmetic,
    Between,
    Call,
    Comparison,
    Context,
    Emptiness,
    If,
    ListOf,
    Literal,
    Membership,
    Name,
    Negative,
    Node,
    Not,
    Quantifier,
    TextTest,
    logic,
)
from tests.unit.rules.vocabulary import COMPARED, LITERALS, ORDERED, ROOTED, SIGNS, fields_of, named

T = TypeVar("T")
Frame = tuple[str, str]  # object and alias


class Writer:
    """Draws one expression of a kind. Each method is one production."""

    def __init__(self, below: Callable[[int], int]) -> None:
        self._below = below
        self._frames: list[Frame] = [("deal", "")]
        self._quantifiers = 0

    def pick(self, choices: Sequence[T]) -> T:
        return choices[self._below(len(choices))]

    def of(self, kind: str, depth: int) -> Node:
        if depth <= 0 or self._below(6) == 0:
            return self._leaf(kind)
        return self.pick(_PRODUCTIONS.get(kind, (Writer._leaf_of,)))(self, kind, depth - 1)

    def _leaf_of(self, kind: str, _depth: int) -> Node:
        return self._leaf(kind)

    def _leaf(self, kind: str) -> Node:
        paths = self._paths(kind)
        if kind in LITERALS and (not paths or self.pick(range(4)) == 0):
            value = self.pick(LITERALS[kind])
            return Literal(value=value, type=scalar_type(value))
        if kind in ROOTED and self.pick(range(8)) == 0:
            return Name(root="vars", name=ROOTED[kind])
        return self.pick(paths)

    def _paths(self, kind: str) -> list[Node]:
        """Fields in reach, over at most two hops."""
        nearest = max(level for level, frame in enumerate(self._frames) if not frame[1])
        found: list[Node] = []
        for level, (owner, alias) in enumerate(self._frames):
            if alias or level == nearest:
                found += fields_of(kind, owner, Name(name=alias) if alias else None, 2)
        if kind in {"date", "datetime", "user"}:
            found.append(Context(name={"date": "today", "datetime": "now", "user": "me"}[kind]))
        found += [Name(root="old", name=name) for name in named("deal", kind)]
        return found

    def comparison(self, _kind: str, depth: int) -> Node:
        kind = self.pick(COMPARED)
        sign = self.pick(SIGNS if kind in ORDERED else SIGNS[:2])
        if kind == "enum":
            return Comparison(operator=sign, left=self._field("enum"), right=self._leaf("enum"))
        other = self.pick(("int", "decimal")) if kind in {"int", "decimal"} else kind
        return Comparison(operator=sign, left=self.of(kind, depth), right=self.of(other, depth))

    def _field(self, kind: str) -> Node:
        return self.pick(self._paths(kind))

    def junction(self, _kind: str, depth: int) -> Node:
        count = self.pick((2, 2, 3))
        return logic(self.pick(("and", "or")), [self.of("bool", depth) for _ in range(count)])

    def negation(self, _kind: str, depth: int) -> Node:
        return Not(operand=self.of("bool", depth))

    def between(self, _kind: str, depth: int) -> Node:
        kind = self.pick(ORDERED)
        parts = [self.of(kind, depth - 1) for _ in range(3)]
        return Between(operand=parts[0], low=parts[1], high=parts[2], is_negated=self.pick((True, False)))

    def membership(self, _kind: str, depth: int) -> Node:
        negated = self.pick((True, False))
        if self.pick(range(3)) == 0 and (lists := self._lists()):
            source, item = self.pick(lists)
            return Membership(operand=self._field(item), items=source, is_negated=negated)
        kind = self.pick(("int", "money", "text", "enum", "date", "user", "duration"))
        items = tuple(self.of(kind, depth - 1) for _ in range(self.pick((1, 2, 3, 0))))
        operand = self._field("enum") if kind == "enum" else self.of(kind, depth - 1)
        return Membership(operand=operand, items=ListOf(items=items), is_negated=negated)

    def text_test(self, _kind: str, depth: int) -> Node:
        test, negated = self.pick(("contains", "starts with", "ends with")), self.pick((True, False))
        if self.pick(range(4)) == 0 and (tags := self._paths("list")):
            return TextTest(operator="contains", left=self.pick(tags), right=self._leaf("enum"), is_negated=negated)
        return TextTest(operator=test, left=self.of("text", depth), right=self.of("text", depth), is_negated=negated)

    def emptiness(self, _kind: str, depth: int) -> Node:
        choices = [source for source, _item in self._lists()] + self._paths("list")
        if choices and self.pick(range(3)) == 0:
            operand = self.pick(choices)
        else:
            operand = self.of(self.pick((*ORDERED, "bool", "user")), depth)
        return Emptiness(operand=operand, is_negated=self.pick((True, False)))

    def choice(self, kind: str, depth: int) -> Node:
        then, otherwise = self._mixed(kind, depth), self._mixed(kind, depth)
        return If(condition=self.of("bool", depth), then=then, otherwise=otherwise)

    def _lists(self) -> list[tuple[Node, str]]:
        """Fields that hold records, with the kind of their elements."""
        return [(node, "user") for node in self._paths("users")] + [(node, "deal") for node in self._paths("deals")]

    def quantified(self, kind: str, depth: int) -> Node:
        lists = self._lists()
        if self._quantifiers >= 3 or not lists:
            return self._leaf(kind)
        source, owner = self.pick(lists)
        alias = self.pick(("", "x", "y", "z")[: 1 + 3])
        if any(frame[1] == alias != "" for frame in self._frames):
            alias = ""
        self._frames.append((owner, alias))
        self._quantifiers += 1
        node = self._over(kind, source, alias, min(depth, 2))
        self._frames.pop()
        self._quantifiers -= 1
        return node

    def _over(self, kind: str, source: Node, alias: str, depth: int) -> Node:
        where = self.of("bool", depth) if self.pick((True, False)) else None
        if kind == "bool":
            name = self.pick(("any", "all"))
            is_bare = name == "any" and self.pick(range(3)) == 0
            body = None if is_bare else self.of("bool", depth)
            return Quantifier(name=name, source=source, alias=alias, where=where, body=body)
        if kind == "int" and self.pick((True, False)):
            return Quantifier(name="count", source=source, alias=alias, where=where)
        if kind == "decimal":
            body = self.of(self.pick(("int", "decimal")), depth)
            return Quantifier(name="avg", source=source, alias=alias, where=where, body=body)
        names = {"int": ("sum", "min", "max"), "money": ("sum", "min", "max", "avg"), "duration": ("sum", "avg", "max")}
        name = self.pick(names.get(kind, ("min", "max")))
        return Quantifier(name=name, source=source, alias=alias, where=where, body=self.of(kind, depth))

    def sum_or_product(self, kind: str, depth: int) -> Node:
        other = self.pick(("int", "decimal")) if kind == "decimal" else kind
        operator = self.pick("+-*/%" if kind in {"int", "decimal"} else "+-")
        if kind == "decimal" and other == "int" and self.pick((True, False)):
            return Arithmetic(operator=operator, left=self.of("int", depth), right=self.of("decimal", depth))
        return Arithmetic(operator=operator, left=self.of(kind, depth), right=self.of(other, depth))

    def scaled(self, _kind: str, depth: int) -> Node:
        number = self.of(self.pick(("int", "decimal")), depth)
        return Arithmetic(operator=self.pick("*/"), left=self.of("money", depth), right=number)

    def ratio(self, _kind: str, depth: int) -> Node:
        return Arithmetic(operator="/", left=self.of("money", depth), right=self.of("money", depth))

    def joined(self, _kind: str, depth: int) -> Node:
        return Arithmetic(operator="&", left=self.of("text", depth), right=self.of("text", depth))

    def moved(self, kind: str, depth: int) -> Node:
        return Arithmetic(operator=self.pick("+-"), left=self.of(kind, depth), right=self.of("duration", depth))

    def distance(self, _kind: str, depth: int) -> Node:
        kind = self.pick(("date", "datetime"))
        return Arithmetic(operator="-", left=self.of(kind, depth), right=self.of(kind, depth))

    def repeated(self, _kind: str, depth: int) -> Node:
        return Arithmetic(operator="*", left=self.of("duration", depth), right=self.of("int", depth))

    def negative(self, kind: str, depth: int) -> Node:
        return Negative(operand=self.of(kind, depth))

    def called(self, kind: str, depth: int) -> Node:
        return self.call_of(*self.pick(CALLS[kind]), depth)

    def call_of(self, function: RuleFunction, kinds: Sequence[str], depth: int) -> Node:
        """One argument per kind; those that may be left out or given again sometimes are."""
        if function.repeats:
            kinds = [*kinds, *(kinds[-1:] if self.pick(range(3)) == 0 else ())]
        elif function.parameters[-1].is_optional and self.pick((True, False)):
            kinds = kinds[:-1]
        arguments = [
            self._argument(function.parameters[min(position, len(function.parameters) - 1)], kind, depth)
            for position, kind in enumerate(kinds)
        ]
        return Call(name=function.name, arguments=tuple(arguments))

    def _argument(self, parameter: Parameter, kind: str, depth: int) -> Node:
        if parameter.parts:
            return self.pick([path for path in self._paths("text") if getattr(path, "name", "") in PLACES])
        if parameter.is_field:
            return Name(name=self.pick(named("deal", kind)))
        if parameter.written is not None:
            value = self.pick(parameter.written.examples)
            return Literal(value=value, type=scalar_type(value))
        if kind == "list":
            return self._texts(depth)
        return self._field(kind) if kind == "enum" else self._mixed(kind, depth)

    def _texts(self, depth: int) -> Node:
        if depth > 0 and self.pick((True, False)):
            return Call(name="split", arguments=(self.of("text", depth - 1), self.of("text", depth - 1)))
        items = tuple(self.of("text", depth - 1) for _ in range(self.pick((1, 2, 3))))
        return self.pick((*self._paths("list"), ListOf(items=items)))

    def _mixed(self, kind: str, depth: int) -> Node:
        """Whole numbers stand where decimals may."""
        return self.of(self.pick(("int", "decimal")) if kind == "decimal" else kind, depth)


def _calls() -> dict[str, list[tuple[RuleFunction, tuple[str, ...]]]]:
    """Every function with every choice of kinds for its arguments, by the kind of its result."""
    found: dict[str, list[tuple[RuleFunction, tuple[str, ...]]]] = {}
    for function in FUNCTIONS:
        for kinds in _choices(function):
            typed = tuple(Literal(value=None, type=RuleType(kind)) for kind in kinds)
            result = function.result(typed).kind
            named_kinds = tuple(_NAMED.get(kind, kind) for kind in kinds)
            found.setdefault(_NAMED.get(result, result), []).append((function, named_kinds))
    return found


def _choices(function: RuleFunction) -> Iterator[tuple[Kind, ...]]:
    lists: dict[bool, tuple[Kind, ...]] = {True: ("list",), False: ()}
    offered = [(*part.kinds, *lists[bool(part.items)]) for part in function.parameters]
    if function.repeats:
        for kind in offered[0]:
            alike: list[Kind] = [kind, kind]
            yield tuple(alike)
    else:
        yield from product(*offered)


PLACES = {"office", "home"}
_NAMED: dict[str, str] = {"ref": "user"}
CALLS = _calls()
Production = Callable[[Writer, str, int], Node]
_ANY: tuple[Production, ...] = (Writer.choice, Writer.called)
_COMPUTED: tuple[Production, ...] = (*_ANY, Writer.sum_or_product, Writer.negative, Writer.quantified)
_TESTS: tuple[Production, ...] = (
    *(Writer.comparison, Writer.comparison, Writer.junction, Writer.negation, Writer.between),
    *(Writer.membership, Writer.text_test, Writer.emptiness, Writer.quantified),
)
_PRODUCTIONS: dict[str, tuple[Production, ...]] = {
    "bool": (*_ANY, *_TESTS),
    "int": (*_COMPUTED, Writer.called),
    "decimal": (*_COMPUTED, Writer.called, Writer.ratio),
    "money": (*_COMPUTED, Writer.called, Writer.scaled),
    "text": (*_ANY, Writer.joined, Writer.called, Writer.quantified),
    "date": (*_ANY, Writer.moved, Writer.quantified),
    "datetime": (*_ANY, Writer.moved, Writer.quantified),
    "time": (*_ANY, Writer.quantified),
    "duration": (*_COMPUTED, Writer.distance, Writer.repeated),
    "user": _ANY,
}


@st.composite
def expressions(draw: Callable[[st.SearchStrategy[Any]], Any], depth: int = 4) -> Node:
    """Trees as the parser makes them: without types."""
    return expression(lambda count: draw(st.integers(0, count - 1)), depth)


def expression(below: Callable[[int], int], depth: int = 4) -> Node:
    """`below` gives whole numbers below its argument: Hypothesis, or a seeded generator where speed counts."""
    writer = Writer(below)
    return writer.of(writer.pick(("bool", "bool", *COMPARED[:9])), depth)
