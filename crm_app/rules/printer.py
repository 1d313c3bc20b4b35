"""The canonical text of a tree: one meaning, one text. Parsing it gives the same tree."""

from crm_app.rules.literals import written
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

# How tightly a construct binds; an operand that binds looser than its place stands in parentheses.
_ANY, _OR, _AND, _NOT, _COMPARISON, _SUM, _PRODUCT, _UNARY, _PRIMARY = range(9)
_SUMS = ("+", "-", "&")


def print_rule(node: Node) -> str:
    return _text(node, _ANY)


def _text(node: Node, place: int) -> str:
    text, binding = _written(node)
    return f"({text})" if binding < place else text


def _written(node: Node) -> tuple[str, int]:
    match node:
        case Literal(value=value):
            return written(value), _PRIMARY
        case Context(name=name):
            return name, _PRIMARY
        case Name() | Call() | Quantifier() | Decision():
            return _named(node), _PRIMARY
        case Member(base=base, name=name) | Part(base=base, name=name):
            return f"{_base(base)}.{name}", _PRIMARY
        case ListOf(items=items):
            return f"[{_listed(items)}]", _UNARY
        case _:
            return _operation(node)


def _operation(node: Node) -> tuple[str, int]:
    match node:
        case Logic(operator=operator, terms=terms):
            binding = _OR if operator == "or" else _AND
            return f" {operator} ".join(_text(term, binding + 1) for term in terms), binding
        case Not(operand=operand):
            return f"not {_text(operand, _NOT)}", _NOT
        case Negative(operand=operand):
            return f"-{_text(operand, _UNARY)}", _UNARY
        case Arithmetic(operator=operator, left=left, right=right):
            binding = _SUM if operator in _SUMS else _PRODUCT
            return f"{_text(left, binding)} {operator} {_text(right, binding + 1)}", binding
        case If(condition=condition, then=then, otherwise=otherwise):
            parts = [_text(part, _ANY) for part in (condition, then, otherwise)]
            return "if {} then {} else {}".format(*parts), _ANY
        case _:
            return _test(node), _COMPARISON


def _test(node: Node) -> str:
    match node:
        case Comparison(operator=operator, left=left, right=right):
            return f"{_text(left, _SUM)} {operator} {_text(right, _SUM)}"
        case TextTest(operator=operator, left=left, right=right, is_negated=is_negated):
            return f"{_text(left, _SUM)} {'not ' * is_negated}{operator} {_text(right, _SUM)}"
        case Membership(operand=operand, items=items, is_negated=is_negated):
            return f"{_text(operand, _SUM)} {'not ' * is_negated}in {_text(items, _SUM)}"
        case Between(operand=operand, low=low, high=high, is_negated=is_negated):
            ends = f"{_text(low, _SUM)} and {_text(high, _SUM)}"
            return f"{_text(operand, _SUM)} {'not ' * is_negated}between {ends}"
        case Emptiness(operand=operand, is_negated=is_negated):
            return f"{_text(operand, _SUM)} is {'not ' * is_negated}empty"
        case _:
            raise TypeError(type(node).__name__)


def _base(base: Node) -> str:
    """A literal can't be followed by a dot, so it gets parentheses although it binds tightest."""
    return f"({_text(base, _ANY)})" if isinstance(base, Literal) else _text(base, _PRIMARY)


def _named(node: Name | Call | Quantifier | Decision) -> str:
    if isinstance(node, Decision):
        return f"decision({written(node.name)})"
    if isinstance(node, Call):
        return f"{node.name}({_listed(node.arguments)})"
    return _quantifier(node) if isinstance(node, Quantifier) else _name(node)


def _name(node: Name) -> str:
    if node.root == "steps":
        return f"steps.{node.step}.{node.name}"
    if node.root in {"old", "vars"}:
        return f"{node.root}.{node.name}"
    return f"{node.alias}.{node.name}" if node.alias and node.root == "record" else node.name


def _listed(items: tuple[Node, ...]) -> str:
    return ", ".join(_text(item, _ANY) for item in items)


def _quantifier(node: Quantifier) -> str:
    text = _text(node.source, _ANY)
    text += f" as {node.alias}" if node.alias else ""
    text += f" where {_text(node.where, _ANY)}" if node.where is not None else ""
    text += f": {_text(node.body, _ANY)}" if node.body is not None else ""
    return f"{node.name}({text})"
