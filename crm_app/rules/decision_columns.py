"""One column of a decision table: the values that tell its cells apart, and for which of them each cell is true.

A cell that compares its column with constants is true or false all through the stretches between those constants, so
one value of each stretch, the constants themselves and nothing at all stand for every value there is.
"""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from decimal import Decimal
from typing import Any

from crm_app.definitions.decision import cell_rule, is_any, is_rule
from crm_app.fields.rule_type import RuleType
from crm_app.kernel.money import Money
from crm_app.rules.check import check
from crm_app.rules.inputs import Inputs
from crm_app.rules.python import compile_rule
from crm_app.rules.rule import Rule
from crm_app.rules.scope import Scope
from crm_app.rules.tree import (
    Between,
    Comparison,
    Emptiness,
    ListOf,
    Literal,
    Member,
    Membership,
    Name,
    Negative,
    Node,
    walk,
)

_VALUE = "vars.value"
_ENDS: dict[str, tuple[Any, Any]] = {
    "date": (date.min, date.max),
    "datetime": (datetime.min.replace(tzinfo=UTC), datetime.max.replace(tzinfo=UTC)),
    "time": (time.min, time.max),
    "duration": (timedelta(days=-3_652_058), timedelta(days=3_652_058)),
}
_COUNTED = frozenset({"int", "decimal", "money"})
_SHAPES = (Comparison, Membership, Between, Emptiness, ListOf, Literal, Name, Negative)


@dataclass(frozen=True)
class Column:
    """`values` stand for all that the column can be; bit n of `hits[row]` says that the row's cell is true of value n.
    A row in `unsure` has a cell that no value decides by itself; its bits are all set.
    """

    values: tuple[Any, ...]
    hits: tuple[int, ...]
    unsure: frozenset[int]

    @property
    def every(self) -> int:
        return (1 << len(self.values)) - 1


def column_of(value: Rule, cells: Sequence[str], scope: Scope) -> Column:
    """`value` is the column's input, and every cell is known to be sound."""
    rules = [_test(value, cell, scope) for cell in cells]
    is_plain = isinstance(value.tree, (Name, Member)) and not value.dependencies.context
    known = [rule for rule in rules if rule is not None]
    values = values_for(value.type, [rule.tree for rule in known]) if is_plain else ()
    if not values:
        values, rules = (None,), [None] * len(cells)
    unsure = frozenset(
        at for at, (cell, rule) in enumerate(zip(cells, rules, strict=True)) if not is_any(cell) and rule is None
    )
    everything = (1 << len(values)) - 1
    return Column(values, tuple(everything if rule is None else _hits(rule, values) for rule in rules), unsure)


def _test(value: Rule, cell: str, scope: Scope) -> Rule | None:
    """The cell about a value alone; `None` where it is about more, or is more than a comparison with constants."""
    if is_any(cell) or is_rule(cell):
        return None
    rule = check(cell_rule(_VALUE, cell), value.object, scope, variables={"value": value.type})
    is_constant = not rule.dependencies.fields and rule.dependencies.context <= {"vars"}
    return rule if is_constant and all(isinstance(node, _SHAPES) for node in walk(rule.tree)) else None


def _hits(rule: Rule, values: Sequence[Any]) -> int:
    holds = compile_rule(rule)
    found = (holds(Inputs(record={}, variables={"value": value})) is True for value in values)
    return sum(1 << at for at, hit in enumerate(found) if hit)


def values_for(of: RuleType, tests: Sequence[Node]) -> tuple[Any, ...]:
    """Values that stand for all that something of the type can be, as far as tests against constants tell it apart.
    Nothing where it can't be told apart like this.
    """
    constants = {node.value for test in tests for node in _constants(test)}
    nothing = (None,) if of.nullable else ()
    match of.kind:
        case "bool":
            found: Sequence[Any] = (False, True)
        case "enum" if of.options:
            found = of.options
        case "enum" | "text":
            is_ordered = any(
                isinstance(node, (Comparison, Between)) and not _is_equality(node)
                for test in tests
                for node in walk(test)
            )
            found = () if is_ordered else _texts({"", *(each for each in constants if isinstance(each, str))})
        case "money":
            found = _amounts(of, {each for each in constants if isinstance(each, Money)})
        case "int" | "decimal":
            numbers = sorted(Decimal(each) for each in constants if isinstance(each, (int, Decimal)))
            found = [int(each) for each in _stretches(numbers, 1)] if of.kind == "int" else _stretches(numbers, 0)
        case "date" | "datetime" | "time" | "duration":
            found = _moments(of.kind, sorted(constants - {None}))
        case _:
            return ()
    return (*found, *nothing) if found else ()


def _is_equality(node: Node) -> bool:
    return isinstance(node, Comparison) and node.operator in {"=", "!="}


def _constants(tree: Node) -> Iterator[Literal]:
    """With its sign, where it has one."""
    for node in walk(tree):
        if isinstance(node, Literal):
            yield node
        elif isinstance(node, Negative) and isinstance(node.operand, Literal):
            value = node.operand.value
            if isinstance(value, Money):
                yield Literal(value=Money(-value.amount, value.currency))
            elif isinstance(value, (int, Decimal, timedelta)):
                yield Literal(value=-value)


def _texts(named: set[str]) -> tuple[str, ...]:
    """Those that are named, and one that is not."""
    other = "something else"
    while other in named:
        other += "."
    return (*sorted(named), other)


def _amounts(of: RuleType, named: set[Money]) -> Sequence[Money]:
    """Of one currency: between several nothing compares, and of any other every test is unknown."""
    currencies = {each.currency for each in named}
    if len(currencies) != 1:
        return ()
    currency = currencies.pop()
    other = () if of.currency else (Money(Decimal(0), "USD" if currency != "USD" else "EUR"),)
    return (*(Money(each, currency) for each in _stretches(sorted(each.amount for each in named), 0)), *other)


def _stretches(numbers: Sequence[Decimal], step: int) -> list[Decimal]:
    """Each number, one between each two and one beyond either end. With a `step` only whole numbers are there."""
    found: list[Decimal] = [(numbers[0] if numbers else Decimal(0)) - 1]
    for low, high in zip(numbers, [*numbers[1:], None], strict=True) if numbers else ():
        found.append(low)
        if high is None:
            found.append(low + 1)
        elif high - low > step:
            between = (low + high) / 2
            found.append(between.to_integral_value() if step else between)
    whole = {each for each in found if not step or each == each.to_integral_value()}
    return sorted(whole)


def _moments(kind: str, named: Sequence[Any]) -> list[Any]:
    first, last = _ENDS[kind]
    smallest: Any = timedelta(days=1) if kind == "date" else timedelta(microseconds=1)
    found: set[Any] = {*named}
    after: Callable[[Any], Any] = _later if kind == "time" else (lambda each: each + smallest)
    found |= {after(each) for each in named if each < last}
    if not named or named[0] > first:
        found.add(first)
    return sorted(found)


def _later(value: time) -> time:
    moment = datetime.combine(date(2000, 1, 1), value) + timedelta(microseconds=1)
    return moment.time()
