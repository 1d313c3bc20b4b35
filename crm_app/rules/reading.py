"""What a rule says, as a sentence: `Amount is more than 50,000 EUR and Stage is Won`."""

from dataclasses import dataclass, replace

from crm_app.rules import reading_tests
from crm_app.rules.library import FUNCTIONS
from crm_app.rules.printer import print_rule
from crm_app.rules.scope import Scope
from crm_app.rules.tree import (
    Arithmetic,
    Between,
    Call,
    Comparison,
    Context,
    Decision,
    Emptiness,
    If,
    ListOf,
    Literal,
    Logic,
    Member,
    Membership,
    Name,
    Negative,
    Node,
    Not,
    Part,
    Quantifier,
    TextTest,
)
from crm_app.rules.value_words import Words, listed

_CONTEXT = {"me": "the current user", "today": "today", "now": "now"}
_SUMS = {"+": "plus", "-": "minus", "&": "followed by"}
_PRODUCTS = {"*": "times", "/": "divided by", "%": "modulo"}
_SHIFTS = {"+": "after", "-": "before"}
_TOTALS = {"sum": "sum", "min": "smallest", "max": "largest", "avg": "average"}


def reading(node: Node, words: Words | Scope, level: int = 0) -> str:
    """Of a typed tree, or of a part of one; `level` is that of the records around the part. Begins with a capital
    letter and ends without a full stop.
    """
    said = _Reader(words if isinstance(words, Words) else Words(words), level).of(node)
    return said[:1].upper() + said[1:]


@dataclass(frozen=True)
class _Reader:
    words: Words
    level: int

    def of(self, node: Node) -> str:
        match node:
            case Literal(value=value):
                return self.words.value(value, node.type)
            case Context(name=name):
                return _CONTEXT[name]
            case Name() | Member() | Part():
                return self._path(node)
            case Logic(operator=operator, terms=terms):
                said = [self.within(term) if isinstance(term, (Logic, If)) else self.condition(term) for term in terms]
                return listed(said, operator) if operator == "and" else " or ".join(said)
            case Not() | Comparison() | TextTest() | Membership() | Between() | Emptiness():
                return reading_tests.said(node, self)
            case _:
                return self._value(node)

    def condition(self, node: Node) -> str:
        """A field that is a condition by itself is asked whether it is."""
        said = self.of(node)
        return f"{said} is yes" if isinstance(node, (Name, Member)) else said

    def within(self, node: Node) -> str:
        """In brackets where the sentence would otherwise run on."""
        is_open = isinstance(node, (Logic, If, Not, Comparison, TextTest, Membership, Between, Emptiness))
        is_open = is_open or (isinstance(node, Quantifier) and node.name in {"any", "all"})
        return f"({self.condition(node)})" if is_open else self.of(node)

    def _value(self, node: Node) -> str:
        match node:
            case Negative(operand=operand):
                return f"minus {self.within(operand)}"
            case Arithmetic():
                return self._arithmetic(node)
            case If(condition=condition, then=then, otherwise=otherwise):
                return f"{self.within(then)} if {self.condition(condition)}, otherwise {self.within(otherwise)}"
            case ListOf(items=items):
                return listed([self.of(item) for item in items], "and") or "nothing"
            case Quantifier():
                return self._quantifier(node)
            case _:
                return self._asked(node)

    def _arithmetic(self, node: Arithmetic) -> str:
        left, right = node.left, node.right
        if node.operator in _SHIFTS and left.type.kind in {"date", "datetime"} and right.type.kind == "duration":
            return f"{self.within(right)} {_SHIFTS[node.operator]} {self.within(left)}"
        if node.operator in _PRODUCTS:
            return f"{self._factor(left)} {_PRODUCTS[node.operator]} {self._factor(right)}"
        said = f"({self.of(right)})" if isinstance(right, Arithmetic) else self.within(right)
        return f"{self.within(left)} {_SUMS[node.operator]} {said}"

    def _factor(self, node: Node) -> str:
        return f"({self.of(node)})" if isinstance(node, Arithmetic) else self.within(node)

    def _asked(self, node: Node) -> str:
        if isinstance(node, Part):
            return f"{self.of(node.base)}'s {node.name.replace('_', ' ')}"
        if isinstance(node, Decision):
            return f"the decision table “{node.name}”"
        return self._call(node) if isinstance(node, Call) else print_rule(node)

    def _call(self, node: Call) -> str:
        function = FUNCTIONS.find(node.name)
        arguments = [self.within(argument) for argument in node.arguments]
        if function is None or not function.reading:
            return f"{node.name}({', '.join(arguments)})"
        return function.reading.format(*arguments, all=listed(arguments, "and"))

    def _quantifier(self, node: Quantifier) -> str:
        source = self.of(node.source)
        inner = replace(self, level=node.level)
        where = f" (where {inner.condition(node.where)})" if node.where is not None else ""
        if node.name == "count":
            return f"the number of {source}{where}"
        if node.name in {"any", "all"}:
            if node.body is None:
                return f"there is at least one of {source}{where}"
            which = "at least one" if node.name == "any" else "every one"
            return f"for {which} of {source}{where}, {inner.condition(node.body)}"
        body = f"{inner.of(node.body)} of " if node.body is not None else ""
        of = "of " if node.name == "sum" or not body else ""
        return f"the {_TOTALS[node.name]} {of}{body}{source}{where}"

    def _path(self, node: Name | Member | Part) -> str:
        if isinstance(node, (Member, Part)):
            base = self.of(node.base)
            owner = f"{base}'" if base.endswith("s") else f"{base}'s"
            is_part = isinstance(node, Part)
            return f"{owner} {node.name.replace('_', ' ') if is_part else self.words.label(node.object, node.name)}"
        match node.root:
            case "vars":
                return f"the variable {node.name}"
            case "steps":
                return f"{node.name} of the step {node.step}"
            case "element":
                return "it" if node.level == self.level else node.name
            case "old":
                return f"{self.words.label(node.object, node.name)} before the change"
            case _:
                return self._field(node)

    def _field(self, node: Name) -> str:
        label = self.words.label(node.object, node.name)
        if node.level == self.level:
            return label
        return f"{label} of {node.alias or 'the one around it'}" if node.level else f"this record's {label}"
