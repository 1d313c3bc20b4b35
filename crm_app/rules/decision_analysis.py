"""Rows of a decision table that hit together, and records that none of them hits: each with an example.

What is said is so. A pair of rows or a gap that can't be decided is told as such and never as found: where a cell is a
rule of its own, calls a function or compares with another field, or where columns depend on each other.
"""

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any

from crm_app.definitions.decision import DecisionDefinition
from crm_app.rules.check import check
from crm_app.rules.decision_columns import Column, column_of
from crm_app.rules.printer import print_rule
from crm_app.rules.rule import Rule
from crm_app.rules.scope import Scope
from crm_app.rules.tree import Member, Node

MAX_STEPS = 20_000
Example = tuple[tuple[str, Any], ...]
"""Values of the inputs, by their texts."""


@dataclass(frozen=True)
class Overlap:
    """Two rows, by number from 0. Without an example it is not known whether there is one."""

    first: int
    second: int
    example: Example | None


@dataclass(frozen=True)
class Analysis:
    """`unreached` are rows of which every case is taken by those before. `gap` is what no row hits; where it is `None`,
    there is none if `is_gap_known`.
    """

    overlaps: tuple[Overlap, ...] = ()
    unreached: tuple[int, ...] = ()
    gap: Example | None = None
    is_gap_known: bool = True


def analysed(table: DecisionDefinition, scope: Scope) -> Analysis:
    """Of a table that is sound in itself."""
    inputs = [check(column.rule, table.object, scope, expect=None) for column in table.inputs]
    columns = [column_of(value, [row.when[at] for row in table.rows], scope) for at, value in enumerate(inputs)]
    return _Search(inputs, columns, len(table.rows)).analysis()


@dataclass
class _Search:
    inputs: Sequence[Rule]
    columns: Sequence[Column]
    rows: int
    steps: int = 0
    _unsure: frozenset[int] = field(default=frozenset(), init=False)

    def analysis(self) -> Analysis:
        self._unsure = frozenset(row for column in self.columns for row in column.unsure)
        are_free = _are_independent([value.tree for value in self.inputs])
        overlaps = [
            Overlap(one, other, self._example(common) if are_free and not {one, other} & self._unsure else None)
            for one in range(self.rows)
            for other in range(one + 1, self.rows)
            if (common := self._common(one, other)) is not None
        ]
        certain = [row for row in range(self.rows) if row not in self._unsure]
        unreached = [row for row in certain if self._free([each for each in certain if each < row], row) == ()]
        found = self._free(certain, None)
        is_gap = bool(found) and are_free and not self._unsure
        gap = self._example([1 << at for at in found]) if is_gap and found else None
        return Analysis(tuple(overlaps), tuple(unreached), gap, is_gap_known=is_gap or found == ())

    def _common(self, one: int, other: int) -> list[int] | None:
        both = [column.hits[one] & column.hits[other] for column in self.columns]
        return both if all(both) else None

    def _example(self, bits: Sequence[int]) -> Example:
        """The first value of each column among those of the bits."""
        found = [column.values[(bit & -bit).bit_length() - 1] for column, bit in zip(self.columns, bits, strict=True)]
        return tuple((print_rule(value.tree), each) for value, each in zip(self.inputs, found, strict=True))

    def _free(self, rows: Sequence[int], within: int | None) -> tuple[int, ...] | None:
        """The number of a value for each column so that none of the rows hits, within another row or anywhere. Empty
        where there are none; `None` where looking took too long.
        """
        self.steps = 0
        allowed = [column.every if within is None else column.hits[within] for column in self.columns]
        try:
            return self._pick(0, list(rows), allowed) or ()
        except TimeoutError:
            return None

    def _pick(self, at: int, rows: list[int], allowed: Sequence[int]) -> tuple[int, ...] | None:
        self.steps += 1
        if self.steps > MAX_STEPS:
            raise TimeoutError
        if at == len(self.columns):
            return None if rows else ()
        column = self.columns[at]
        if not rows:
            rest = self._pick(at + 1, rows, allowed)
            bit = allowed[at]
            return None if rest is None or not bit else ((bit & -bit).bit_length() - 1, *rest)
        seen: set[tuple[int, ...]] = set()
        for number in range(len(column.values)):
            left = tuple(row for row in rows if column.hits[row] >> number & 1)
            if allowed[at] >> number & 1 and left not in seen:
                seen.add(left)
                rest = self._pick(at + 1, list(left), allowed)
                if rest is not None:
                    return (number, *rest)
        return None


def _are_independent(trees: Sequence[Node]) -> bool:
    """Whether no input decides what another is: none is reached through the other, and none through the same record."""
    bases: list[Node] = []
    for tree in trees:
        node = tree
        while isinstance(node, Member):
            node = node.base
            bases.append(node)
    return len(bases) == len(set(bases)) and not set(bases) & set(trees)
