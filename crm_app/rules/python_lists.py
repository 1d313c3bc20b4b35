"""Lists: membership, emptiness and quantifiers. Nothing related is an empty list; an empty list field is
null.
"""

from collections.abc import Callable, Iterable
from typing import Any

from crm_app.kernel.money import Money
from crm_app.rules.aggregates import CONCLUSIONS, sum_of_nothing
from crm_app.rules.closures import Build, Closure, Reach
from crm_app.rules.python_tests import negated
from crm_app.rules.tree import Emptiness, Kept, ListOf, Literal, Membership, Node, Quantifier, TextTest, is_related

_TEXT_TESTS: dict[str, Callable[[str, str], bool]] = {
    "contains": str.__contains__,
    "starts with": str.startswith,
    "ends with": str.endswith,
}


def text_test(node: TextTest, build: Build) -> Closure:
    if node.left.type.kind == "list":
        return _found(node.right, node.left, build, is_negated=node.is_negated)
    left, right, test = build(node.left), build(node.right), _TEXT_TESTS[node.operator]

    def decide(reach: Reach) -> bool | None:
        first, second = left(reach), right(reach)
        return None if first is None or second is None else test(first, second)

    return negated(decide) if node.is_negated else decide


def membership(node: Membership, build: Build) -> Closure:
    return _found(node.operand, node.items, build, is_negated=node.is_negated)


def _found(wanted: Node, items: Node, build: Build, *, is_negated: bool) -> Closure:
    """As SQL's IN: unknown where only a null could have matched, false in an empty list even for null."""
    value, values = build(wanted), _values(items, build)

    def decide(reach: Reach) -> bool | None:
        listed = values(reach)
        return None if listed is None else _is_among(value(reach), listed)

    return negated(decide) if is_negated else decide


def _is_among(wanted: Any, listed: Iterable[Any]) -> bool | None:
    result: bool | None = False
    for each in listed:
        if wanted is None or each is None or _clash(wanted, each):
            result = None
        elif wanted == each:
            return True
    return result


def _clash(first: Any, second: Any) -> bool:
    return isinstance(first, Money) and first.currency != second.currency


def _values(items: Node, build: Build) -> Closure:
    """The elements as values: records as their ids."""
    if isinstance(items, ListOf) and all(isinstance(item, Literal) for item in items.items):
        literals = [item.value for item in items.items if isinstance(item, Literal)]
        return lambda _reach: literals
    source = build(items)
    if not is_related(items):
        return source
    return lambda reach: [record.get("id") for record in source(reach)]


def listed(node: ListOf, build: Build) -> Closure:
    items = tuple(build(item) for item in node.items)
    return lambda reach: [item(reach) for item in items]


def kept(node: Kept, build: Build) -> Closure:
    operand = build(node.operand)
    return lambda reach: [value for value in operand(reach) if value is not None]


def emptiness(node: Emptiness, build: Build) -> Closure:
    operand, is_negated = build(node.operand), node.is_negated

    def decide(reach: Reach) -> bool:
        value = operand(reach)
        is_empty = value is None or (isinstance(value, (str, list, tuple)) and not value)
        return is_empty is not is_negated

    return decide


def quantifier(node: Quantifier, build: Build) -> Closure:
    source = build(node.source)
    where = build(node.where) if node.where is not None else None
    body = build(node.body) if node.body is not None else None
    conclude = CONCLUSIONS[node.name]
    is_sum, nothing = node.name == "sum", sum_of_nothing(node.type)
    default: Any = True if node.name in {"any", "count"} else None

    def decide(reach: Reach) -> Any:
        values: list[Any] = []
        for element in source(reach) or ():
            inner = reach.at(element)
            if where is None or where(inner) is True:
                values.append(body(inner) if body is not None else default or element)
        return nothing if is_sum and all(value is None for value in values) else conclude(values)

    return decide
