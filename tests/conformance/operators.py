"""Operators of other languages as those of rules."""

from collections.abc import Callable
from typing import TYPE_CHECKING

from crm_app.rules.tree import (
    Not,
    logic,
)
from tests.conformance import calculations, equality, lists, source
from tests.conformance.source import Untranslatable
from tests.conformance.values import Interval, Part, constant, literal

if TYPE_CHECKING:
    from tests.conformance.lowering import Lowering

Operation = Callable[["Lowering", tuple[Part, ...]], Part]


def operation(lowering: "Lowering", node: source.Op) -> Part:
    return _OPERATIONS[node.name](lowering, tuple(lowering.lower(each) for each in node.args))


def _junction(name: str) -> Operation:
    def junction(lowering: "Lowering", args: tuple[Part, ...]) -> Part:
        terms = [lowering.as_value(each).node for each in args]
        return lowering.typed(logic(name, terms))

    return junction


def _not(lowering: "Lowering", args: tuple[Part, ...]) -> Part:
    return lowering.typed(Not(operand=lowering.as_value(args[0]).node))


def _arithmetic(name: str) -> Operation:
    def calculate(lowering: "Lowering", args: tuple[Part, ...]) -> Part:
        return calculations.arithmetic(lowering, name, lowering.as_value(args[0]), lowering.as_value(args[1]))

    return calculate


def _compare(name: str) -> Operation:
    def compare(lowering: "Lowering", args: tuple[Part, ...]) -> Part:
        return equality.compared(lowering, name, *args)

    return compare


def _in(lowering: "Lowering", args: tuple[Part, ...]) -> Part:
    return lists.is_in(lowering, args[0], args[1])


def unary_tests(lowering: "Lowering", node: source.Test) -> Part:
    terms = [lowering.value(each).node for each in node.tests]
    return lowering.typed(logic("or", terms))


def _coalesce(lowering: "Lowering", args: tuple[Part, ...]) -> Part:
    values = [lowering.as_value(each) for each in args]
    if not equality.is_one_family(values[0], values[1]):
        raise Untranslatable("a choice between values of different types")
    return lowering.call("coalesce", *values)


def _between(lowering: "Lowering", args: tuple[Part, ...]) -> Part:
    return equality.inside(lowering, args[0], Interval(args[1], args[2], includes_low=True, includes_high=True))


def slice_of(lowering: "Lowering", node: source.Slice) -> Part:
    """Both ends belong to it and count from nought."""
    text = lowering.value(node.base)
    low = 0 if node.low is None else constant(lowering.lower(node.low))
    high = None if node.high is None else constant(lowering.lower(node.high))
    if text.kind != "text" or not isinstance(low, int) or not (high is None or isinstance(high, int)):
        raise Untranslatable("a part of a list")
    kept = text if high is None else lowering.call("left", text, literal(high + 1))
    if low == 0:
        return kept
    length = calculations.arithmetic(lowering, "-", lowering.call("len", kept), literal(low))
    return lowering.call("right", kept, length)


def each(lowering: "Lowering", node: source.Each) -> Part:
    return lists.each(lowering, node)


_OPERATIONS: dict[str, Operation] = {
    **{name: _arithmetic(name) for name in ("+", "-", "*", "/", "%")},
    **{name: _compare(name) for name in ("=", "!=", "<", "<=", ">", ">=")},
    "and": _junction("and"),
    "or": _junction("or"),
    "not": _not,
    "neg": calculations.negate,
    "^": calculations.power,
    "in": _in,
    "between": _between,
    "??": _coalesce,
}
