"""Why a rule did not turn out as it should have: the smallest set of its clauses of which it would have been enough
that they, and nothing else, had turned out otherwise.

A clause is what `and`, `or`, `not` and `if` join: a comparison, a test, a function or a quantifier. The same clause
at two places is one clause. What a quantifier went over is told by its witnesses, the elements that made it so, each
with its own smallest set.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any

from crm_app.rules.closures import Reach
from crm_app.rules.inputs import Inputs
from crm_app.rules.python import closure_of
from crm_app.rules.smallest import smallest_change
from crm_app.rules.tree import (
    Context,
    If,
    Literal,
    Logic,
    Member,
    Name,
    Node,
    Not,
    Quantifier,
    children,
    is_related,
    logic,
)

MAX_WITNESSES = 5


@dataclass(frozen=True)
class Fact:
    """What a clause was decided on: a path, `me`, `today`, `now` or a number over a list, with its value."""

    node: Node
    value: Any


@dataclass(frozen=True)
class Witness:
    """One element of a list, a record or a value, that made a quantifier what it was."""

    element: Any
    why: "Explanation"


@dataclass(frozen=True)
class Clause:
    """`value` is what it was, null for unknown, and `wanted` what would have been enough. Of its witnesses the first
    few are here; `witness_count` is all of them.
    """

    node: Node
    value: bool | None
    wanted: bool
    facts: tuple[Fact, ...] = ()
    witnesses: tuple[Witness, ...] = ()
    witness_count: int = 0


@dataclass(frozen=True)
class Explanation:
    """In the order of the text. No clauses: none could have made a difference. `is_smallest` is false where too many
    clauses stand at several places to try them all; the set is then one of which none can be left out.
    """

    clauses: tuple[Clause, ...]
    is_smallest: bool = True


def explain(tree: Node, inputs: Inputs, *, wanted: bool) -> Explanation:
    """Why the typed condition was not true (`wanted`), or why it was. Nothing to explain gives no clauses."""
    return _explained(tree, Reach(inputs, (inputs.record,)), wanted=wanted)


def clauses_of(tree: Node) -> list[Node]:
    """The different clauses, in the order of the text."""
    return list(dict.fromkeys(_clauses(tree)))


def _clauses(node: Node) -> Iterator[Node]:
    match node:
        case Logic() | Not():
            for child in children(node):
                yield from _clauses(child)
        case If():
            for child in children(node):
                yield from _clauses(child)
        case Literal():
            return
        case _:
            yield node


def _explained(tree: Node, reach: Reach, *, wanted: bool) -> Explanation:
    known = {clause: closure_of(clause)(reach) for clause in clauses_of(tree)}
    found, is_smallest = smallest_change(tree, known, wanted=wanted)
    return Explanation(tuple(_clause(node, known[node], to, reach) for node, to in found), is_smallest)


def _clause(node: Node, value: bool | None, wanted: bool, reach: Reach) -> Clause:
    witnesses = list(_witnesses(node, reach, wanted=wanted)) if isinstance(node, Quantifier) else []
    shown = tuple(_witness(node, element, inner, wanted=wanted) for element, inner in witnesses[:MAX_WITNESSES])
    return Clause(node, value, wanted, _facts(node, reach), shown, len(witnesses))


def _facts(node: Node, reach: Reach) -> tuple[Fact, ...]:
    found = dict.fromkeys(_sources(node)) if not isinstance(node, Quantifier) else {}
    return tuple(Fact(each, closure_of(each)(reach)) for each in found)


def _sources(node: Node) -> Iterator[Node]:
    """Lists of records say nothing by themselves, and neither do conditions within one clause."""
    match node:
        case Name() | Member() if is_related(node):
            return
        case Name() | Member() | Context():
            yield node
        case Quantifier():
            if node.name not in {"any", "all"}:
                yield node
        case _:
            for child in children(node):
                yield from _sources(child)


def _witnesses(node: Quantifier, reach: Reach, *, wanted: bool) -> Iterator[tuple[Any, Reach]]:
    """An `all` that should have held has elements against it, an `any` that should not have held some for it. The
    other two ways round there is nobody to point at.
    """
    if (node.name, wanted) not in {("all", True), ("any", False)}:
        return
    where = closure_of(node.where) if node.where is not None else None
    body = closure_of(node.body) if node.body is not None else None
    for element in closure_of(node.source)(reach) or ():
        inner = reach.at(element)
        if where is not None and where(inner) is not True:
            continue
        if (body is None or body(inner) is True) is not wanted:
            yield element, inner


def _witness(node: Node, element: Any, inner: Reach, *, wanted: bool) -> Witness:
    """Of an `all`, why the body did not hold of the element; of an `any`, why it was one at all."""
    assert isinstance(node, Quantifier)  # noqa: S101 - only quantifiers have witnesses
    parts = [node.body] if wanted else [node.where, node.body]
    tested: Sequence[Node] = [part for part in parts if part is not None]
    why = _explained(logic("and", [*tested]), inner, wanted=wanted) if tested else Explanation(())
    return Witness(element, why)
