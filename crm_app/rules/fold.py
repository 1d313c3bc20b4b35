"""Precedence: turns `operand operator operand …`, as the grammar found them, into a tree."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass

from crm_app.rules.errors import RuleError
from crm_app.rules.tree import (
    COMPARISONS,
    TEXT_TESTS,
    Arithmetic,
    Between,
    Comparison,
    Emptiness,
    Membership,
    Name,
    Negative,
    Node,
    Not,
    Span,
    TextTest,
    logic,
)

_SUMS = ("+", "-", "&")
_PRODUCTS = ("*", "/", "%")
_NEGATABLE = ("in", "between", *TEXT_TESTS)


@dataclass(frozen=True)
class Operator:
    """`word` has single spaces and no `not`, which is `is_negated`. A prefix stands before its operand."""

    word: str
    span: Span
    is_negated: bool = False
    is_prefix: bool = False


Piece = Operator | Node


def fold(pieces: Sequence[Piece]) -> Node:
    """Loosest first: or, and, not, comparisons (which don't chain), sums, products, minus."""
    cursor = _Cursor(pieces)
    tree = _disjunction(cursor)
    if (left := cursor.peek()) is not None:
        raise _unexpected(left)
    return tree


class _Cursor:
    def __init__(self, pieces: Sequence[Piece]) -> None:
        self._pieces = pieces
        self._at = 0

    def peek(self) -> Piece | None:
        return self._pieces[self._at] if self._at < len(self._pieces) else None

    def take(self) -> Piece:
        self._at += 1
        return self._pieces[self._at - 1]

    def infix(self, words: Sequence[str]) -> Operator | None:
        """Takes the next piece if it is one of these operators."""
        piece = self.peek()
        if isinstance(piece, Operator) and not piece.is_prefix and piece.word in words:
            self._at += 1
            return piece
        return None

    def prefix(self, word: str) -> Operator | None:
        piece = self.peek()
        if isinstance(piece, Operator) and piece.is_prefix and piece.word == word:
            self._at += 1
            return piece
        return None


def _unexpected(piece: Piece) -> RuleError:
    if not isinstance(piece, Operator):
        return RuleError("An operator is missing before this.", piece.span, expected="an operator")
    if piece.word in COMPARISONS or piece.word in _NEGATABLE or piece.word == "is":
        return RuleError(
            "Comparisons don't chain: join two with `and`, or put one in parentheses.",
            piece.span,
            found=piece.word,
        )
    return RuleError(f"`{piece.word}` can't stand here.", piece.span, found=piece.word)


def _chain(cursor: _Cursor, word: str, below: Callable[[_Cursor], Node]) -> Node:
    terms = [below(cursor)]
    while cursor.infix((word,)):
        terms.append(below(cursor))
    return logic(word, terms, (terms[0].span[0], terms[-1].span[1]))


def _disjunction(cursor: _Cursor) -> Node:
    return _chain(cursor, "or", _conjunction)


def _conjunction(cursor: _Cursor) -> Node:
    return _chain(cursor, "and", _negation)


def _negation(cursor: _Cursor) -> Node:
    if found := cursor.prefix("not"):
        operand = _negation(cursor)
        return Not(operand=operand, span=(found.span[0], operand.span[1]))
    return _comparison(cursor)


def _comparison(cursor: _Cursor) -> Node:
    left = _sum(cursor)
    operator = cursor.infix((*COMPARISONS, *_NEGATABLE, "is"))
    return left if operator is None else _compared(cursor, left, operator)


def _compared(cursor: _Cursor, left: Node, operator: Operator) -> Node:
    word, negated, start = operator.word, operator.is_negated, left.span[0]
    right = _sum(cursor)
    span = (start, right.span[1])
    if word == "is":
        return _emptiness(left, operator, right, span)
    if word in COMPARISONS:
        return Comparison(operator=word, left=left, right=right, span=span)
    if word == "in":
        return Membership(operand=left, items=right, is_negated=negated, span=span)
    if word in TEXT_TESTS:
        return TextTest(operator=word, left=left, right=right, is_negated=negated, span=span)
    if cursor.infix(("and",)) is None:
        raise RuleError("`between` needs two ends: `between 1 and 5`.", span, expected="and")
    high = _sum(cursor)
    return Between(operand=left, low=right, high=high, is_negated=negated, span=(start, high.span[1]))


def _emptiness(left: Node, operator: Operator, right: Node, span: Span) -> Node:
    """`empty` is a word only here; anywhere else it may be a field's name."""
    if right != Name(name="empty"):
        raise RuleError("After `is` stands `empty` or `not empty`.", right.span, expected="empty", suggestion="=")
    return Emptiness(operand=left, is_negated=operator.is_negated, span=span)


def _left(cursor: _Cursor, words: Sequence[str], below: Callable[[_Cursor], Node]) -> Node:
    node = below(cursor)
    while operator := cursor.infix(words):
        right = below(cursor)
        span = (node.span[0], right.span[1])
        node = Arithmetic(operator=operator.word, left=node, right=right, span=span)
    return node


def _sum(cursor: _Cursor) -> Node:
    return _left(cursor, _SUMS, _product)


def _product(cursor: _Cursor) -> Node:
    return _left(cursor, _PRODUCTS, _unary)


def _unary(cursor: _Cursor) -> Node:
    if found := cursor.prefix("-"):
        operand = _unary(cursor)
        return Negative(operand=operand, span=(found.span[0], operand.span[1]))
    if found := cursor.prefix("not"):
        raise RuleError("`not` here needs parentheses around it and what it negates.", found.span, found="not")
    piece = cursor.take()
    assert isinstance(piece, Node)  # noqa: S101 - the grammar puts an operand after every operator
    return piece
