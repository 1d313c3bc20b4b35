"""A decision table as a tree of the language: an `if … then … else` per row, or a list of what the rows give."""

from collections.abc import Sequence

from crm_app.definitions.decision import DecisionDefinition, DecisionInput, DecisionRow, cell_rule
from crm_app.fields.rule_type import BOOL
from crm_app.kernel.money import Money
from crm_app.rules.grammar import parse
from crm_app.rules.tree import (
    UNTYPED,
    Arithmetic,
    Emptiness,
    If,
    Kept,
    ListOf,
    Literal,
    Name,
    Node,
    Quantifier,
    logic,
)

# An `else` nests one deeper than its `if`, so long tables are told in blocks: is it one of these rows, and which?
BLOCK = 16
_NOTHING = Literal(value=None, type=UNTYPED)
_ONE_OF_THEM = "each_outcome"

Case = tuple[Node, Node]


def table_tree(table: DecisionDefinition) -> Node:
    """Without types. Refuses with `RuleError`."""
    cases = [(row_condition(table.inputs, row), parse(row.then)) for row in table.rows]
    if table.hit == "collect":
        return _collected(table, cases)
    return _in_one_currency(cases, parse(table.otherwise) if table.otherwise.strip() else _NOTHING)


def row_condition(inputs: Sequence[DecisionInput], row: DecisionRow) -> Node:
    texts = [cell_rule(column.rule, cell) for column, cell in zip(inputs, row.when, strict=False)]
    terms = [parse(text) for text in texts if text]
    return logic("and", terms) if terms else Literal(value=True, type=BOOL.required())


def _chain(cases: Sequence[Case], otherwise: Node) -> Node:
    """The outcome of the first case whose condition is true; an unknown one is passed over, like a false one."""
    if len(cases) <= BLOCK:
        for condition, outcome in reversed(cases):
            otherwise = If(condition=condition, then=outcome, otherwise=otherwise)
        return otherwise
    blocks = [cases[start : start + BLOCK] for start in range(0, len(cases), BLOCK)]
    for block in reversed(blocks):
        *rows, (_, last) = block
        is_here = logic("or", [condition for condition, _ in block])
        otherwise = If(condition=is_here, then=_chain(rows, last), otherwise=otherwise)
    return otherwise


def _in_one_currency(cases: Sequence[Case], otherwise: Node) -> Node:
    """Amounts that are all of one currency are chosen as numbers: in SQL an amount is two expressions, and a choice
    between many of them would grow beyond bounds.
    """
    outcomes = [outcome for _, outcome in cases] + ([otherwise] if otherwise != _NOTHING else [])
    values = [outcome.value for outcome in outcomes if isinstance(outcome, Literal)]
    amounts = [value for value in values if isinstance(value, Money)]
    if len(amounts) < len(outcomes) or len({amount.currency for amount in amounts}) != 1:
        return _chain(cases, otherwise)
    unit = parse(f"1 {amounts[0].currency}")
    numbers = _chain([(condition, _number(outcome)) for condition, outcome in cases], _number(otherwise))
    return Arithmetic(operator="*", left=numbers, right=unit)


def _number(outcome: Node) -> Node:
    value = outcome.value if isinstance(outcome, Literal) else None
    return parse(f"{value.amount:f}") if isinstance(value, Money) else outcome


def _collected(table: DecisionDefinition, cases: Sequence[Case]) -> Node:
    items = tuple(If(condition=condition, then=outcome, otherwise=_NOTHING) for condition, outcome in cases)
    every = ListOf(items=items)
    match table.combine:
        case "list":
            return Kept(operand=every)
        case "count":
            is_there = Emptiness(operand=Name(name=_ONE_OF_THEM), is_negated=True)
            return Quantifier(name="count", source=every, alias=_ONE_OF_THEM, where=is_there)
        case combine:
            return Quantifier(name=combine, source=every)
