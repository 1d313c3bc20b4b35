"""How a condition is said, and how the opposite of it is."""

from typing import Protocol

from crm_app.fields.rule_type import Kind
from crm_app.rules.tree import (
    Between,
    Call,
    Comparison,
    Emptiness,
    ListOf,
    Literal,
    Member,
    Membership,
    Name,
    Node,
    Not,
    TextTest,
)
from crm_app.rules.value_words import listed

Verbs = dict[str, tuple[str, str]]
_EQUAL: Verbs = {"=": ("is", "is not"), "!=": ("is not", "is")}
_SIZES: Verbs = {
    "<": ("is less than", "is not less than"),
    "<=": ("is at most", "is not at most"),
    ">": ("is more than", "is not more than"),
    ">=": ("is at least", "is not at least"),
}
_MOMENTS: Verbs = {
    "<": ("is before", "is not before"),
    "<=": ("is at or before", "is not at or before"),
    ">": ("is after", "is not after"),
    ">=": ("is at or after", "is not at or after"),
}
_DAYS: Verbs = {
    **_MOMENTS,
    "<=": ("is on or before", "is not on or before"),
    ">=": ("is on or after", "is not on or after"),
}
_LETTERS: Verbs = {
    "<": ("sorts before", "does not sort before"),
    "<=": ("sorts at or before", "does not sort at or before"),
    ">": ("sorts after", "does not sort after"),
    ">=": ("sorts at or after", "does not sort at or after"),
}
_ORDERS: dict[str, Verbs] = {"date": _DAYS, "datetime": _MOMENTS, "time": _MOMENTS, "text": _LETTERS, "enum": _LETTERS}
_TEXT_TESTS: Verbs = {
    "contains": ("contains", "does not contain"),
    "starts with": ("starts with", "does not start with"),
    "ends with": ("ends with", "does not end with"),
}


class Reader(Protocol):
    def of(self, node: Node, /) -> str: ...

    def condition(self, node: Node, /) -> str: ...

    def within(self, node: Node, /) -> str: ...


def verb(operator: str, kind: Kind, *, is_negated: bool = False) -> str:
    """Of a comparison or a test of text, between values of that kind."""
    words = (_EQUAL | _ORDERS.get(kind, _SIZES) | _TEXT_TESTS).get(operator)
    return words[is_negated] if words else operator


def said(node: Node, reader: Reader, *, is_negated: bool = False) -> str:
    match node:
        case Not(operand=operand):
            return said(operand, reader, is_negated=not is_negated)
        case Comparison(operator=operator, left=left, right=right):
            kind = left.type.kind if left.type.kind != "null" else right.type.kind
            return f"{reader.within(left)} {verb(operator, kind, is_negated=is_negated)} {reader.within(right)}"
        case TextTest() | Membership() | Between() | Emptiness():
            return _own(node, reader, is_negated=is_negated != node.is_negated)
        case Name() | Member():
            return f"{reader.of(node)} is {'no' if is_negated else 'yes'}"
        case _:
            return f"it is not so that {reader.within(node)}" if is_negated else reader.condition(node)


def _own(node: TextTest | Membership | Between | Emptiness, reader: Reader, *, is_negated: bool) -> str:
    """Of tests that can say their opposite themselves."""
    match node:
        case TextTest():
            return _text_test(node, reader, is_negated=is_negated)
        case Membership():
            return _membership(node, reader, is_negated=is_negated)
        case Between(operand=operand, low=low, high=high):
            ends = f"between {reader.within(low)} and {reader.within(high)}"
            return f"{reader.within(operand)} is {_not(is_negated)}{ends}"
        case Emptiness(operand=operand):
            return f"{reader.within(operand)} is {_not(is_negated)}empty"


def _not(is_negated: bool) -> str:
    return "not " if is_negated else ""


def _text_test(node: TextTest, reader: Reader, *, is_negated: bool) -> str:
    left, ending = node.left, ""
    if isinstance(left, Call) and left.name == "lower" and _is_lower(node.right):
        left, ending = left.arguments[0], " in any case"
    word = verb(node.operator, left.type.kind, is_negated=is_negated)
    return f"{reader.within(left)} {word} {reader.within(node.right)}{ending}"


def _is_lower(node: Node) -> bool:
    return isinstance(node, Literal) and isinstance(node.value, str) and node.value == node.value.lower()


def _membership(node: Membership, reader: Reader, *, is_negated: bool) -> str:
    operand = reader.within(node.operand)
    if not isinstance(node.items, ListOf):
        return f"{operand} is {_not(is_negated)}among {reader.within(node.items)}"
    items = [reader.within(item) for item in node.items.items]
    if len(items) == 1:
        return f"{operand} is {_not(is_negated)}{items[0]}"
    return f"{operand} is {'none' if is_negated else 'one'} of {listed(items, 'or') or 'nothing'}"
