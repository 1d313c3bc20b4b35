"""Rules that are asked one after the other: which of them can never be the first that is true, and of what none is.

What is said is so: every record is like one of those tried here, because the rules compare fields with constants.
Where they do more, nothing is said.
"""

import math
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from itertools import product
from typing import Any

from crm_app.rules.decision_columns import values_for
from crm_app.rules.inputs import Inputs
from crm_app.rules.python import compile_rule
from crm_app.rules.tree import (
    Between,
    Comparison,
    Emptiness,
    ListOf,
    Literal,
    Logic,
    Membership,
    Name,
    Negative,
    Node,
    Not,
    children,
    walk,
)

MOST_TRIED = 20_000
_TESTS = (Comparison, Membership, Between, Emptiness)
_CONSTANTS = (Literal, ListOf, Negative)
Example = tuple[tuple[Name, Any], ...]


@dataclass(frozen=True)
class Cases:
    """`unreached` are the rules of which every case is taken by those before, `never` those that are true of nothing,
    by number from 0; `gap` is a record of which none is true. `taken` shows of each rule that is not reached a record
    of which it is true, and the rule before that takes it.
    """

    unreached: tuple[int, ...]
    never: tuple[int, ...]
    gap: Example | None
    taken: Mapping[int, tuple[int, Example]] = field(default_factory=dict[int, tuple[int, Example]])


def cases_of(rules: Sequence[Node]) -> Cases | None:
    """`None` where it can't be decided."""
    tests = [test for rule in rules for test in _tests(rule)]
    if not all(_is_plain(rule) for rule in rules):
        return None
    names = list(dict.fromkeys(name for test in tests for name in _names(test)))
    values = [values_for(name.type, [test for test in tests if name in _names(test)]) for name in names]
    if not all(values) or math.prod(map(len, values)) > MOST_TRIED:
        return None
    return _tried(rules, names, values)


def _tried(rules: Sequence[Node], names: Sequence[Name], values: Sequence[Sequence[Any]]) -> Cases:
    holds = [compile_rule(rule) for rule in rules]
    first: set[int] = set()
    ever: set[int] = set()
    gap: Example | None = None
    taken: dict[int, tuple[int, Example]] = {}
    for picked in product(*values):
        example = tuple(zip(names, picked, strict=True))
        hits = [at for at, rule in enumerate(holds) if rule(_inputs(example)) is True]
        first.update(hits[:1])
        ever.update(hits)
        for at in hits[1:]:
            taken.setdefault(at, (hits[0], example))
        if not hits and gap is None:
            gap = example
    everything = range(len(rules))
    return Cases(
        tuple(at for at in everything if at in ever and at not in first),
        tuple(at for at in everything if at not in ever),
        gap,
        {at: found for at, found in taken.items() if at not in first},
    )


def _inputs(example: Example) -> Inputs:
    def of(root: str) -> dict[str, Any]:
        return {name.name: value for name, value in example if name.root == root}

    return Inputs(record=of("record"), old=of("old"))


def _is_plain(node: Node) -> bool:
    """Whether it is made of single fields compared with constants."""
    if isinstance(node, (Logic, Not)):
        return all(_is_plain(each) for each in children(node))
    if isinstance(node, _TESTS):
        parts = children(node)
        fields = [each for each in parts if not _is_constant(each)]
        return len(fields) < 2 and all(map(_is_field, fields))  # noqa: PLR2004 - one, or constants alone
    return isinstance(node, Literal) or (_is_field(node) and node.type.kind == "bool")


def _is_constant(node: Node) -> bool:
    return all(isinstance(each, _CONSTANTS) for each in walk(node))


def _is_field(node: Node) -> bool:
    return isinstance(node, Name) and node.root in ("record", "old") and node.computed is None and not node.level


def _tests(node: Node) -> Iterator[Node]:
    if isinstance(node, (Logic, Not)):
        for each in children(node):
            yield from _tests(each)
    else:
        yield node


def _names(test: Node) -> list[Name]:
    return [each for each in walk(test) if isinstance(each, Name)]
