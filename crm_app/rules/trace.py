"""Why a rule gave what it gave: the value of every part of it."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any

from crm_app.rules.inputs import Inputs
from crm_app.rules.printer import print_rule
from crm_app.rules.python import compile_rule
from crm_app.rules.rule import Rule
from crm_app.rules.tree import Decision, ListOf, Literal, Node, Quantifier, Span, children


@dataclass(frozen=True)
class Step:
    """One part: where it stands, its text, what it was and its node. `depth` is 0 for the whole rule."""

    span: Span
    text: str
    value: Any
    depth: int
    node: Node


def trace(rule: Rule, inputs: Inputs) -> list[Step]:
    """Every part, the whole first, also those that the answer did not need. What is inside a quantifier
    depends on the element and is left out; so are literals, which say it themselves, and the rows of decision tables.
    """
    return [
        Step(node.span, print_rule(node), compile_rule(node)(inputs), depth, node)
        for node, depth in parts_of(rule.tree)
    ]


def parts_of(node: Node, depth: int = 0) -> Iterator[tuple[Node, int]]:
    """What a trace tells of, and how deep it stands."""
    if isinstance(node, (Literal, ListOf)):
        return
    yield node, depth
    for child in _below(node):
        yield from parts_of(child, depth + 1)


def _below(node: Node) -> Sequence[Node]:
    if isinstance(node, Quantifier):
        return (node.source,)
    return () if isinstance(node, Decision) else children(node)
