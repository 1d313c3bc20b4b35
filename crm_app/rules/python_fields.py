"""The shortest closures, for what rules say most: a field of the record, or of one that it points at, compared with a
literal. Each comparison is spelled out: a call less is a third of the time.
"""

from collections.abc import Callable
from decimal import Decimal
from typing import Any

from crm_app.rules.closures import Closure, Reach
from crm_app.rules.tree import Comparison, Literal, Name, Node

Read = Callable[[Reach], Any]


def is_own(node: Node) -> bool:
    """Whether its value is what the record holds under its name."""
    if not isinstance(node, Name) or node.root != "record" or node.level or node.computed is not None:
        return False
    is_related = node.type.item is not None and node.type.item.kind == "ref"
    return not is_related and not (node.type.kind == "ref" and not node.type.object)


def compared_with_literal(node: Comparison, read: Read) -> Closure | None:
    """Null where the value is null. `None` where the node is no such comparison."""
    if not isinstance(node.right, Literal) or node.right.value is None or node.left.type.kind == "money":
        return None
    value: Any = node.right.value
    if node.left.type.kind == "decimal" and isinstance(value, int):
        value = Decimal(value)  # which it would become in every comparison
    own = _OWN.get(node.operator)
    if is_own(node.left) and isinstance(node.left, Name) and own is not None:
        return own(node.left.name, value)
    return _READ[node.operator](read, value)


def _own_equal(field: str, value: Any) -> Closure:
    def test(reach: Reach) -> bool | None:
        found = reach.inputs.record.get(field)
        return None if found is None else found == value

    return test


def _own_less(field: str, value: Any) -> Closure:
    def test(reach: Reach) -> bool | None:
        found = reach.inputs.record.get(field)
        return None if found is None else found < value

    return test


def _own_greater(field: str, value: Any) -> Closure:
    def test(reach: Reach) -> bool | None:
        found = reach.inputs.record.get(field)
        return None if found is None else found > value

    return test


def _equal(read: Read, value: Any) -> Closure:
    def test(reach: Reach) -> bool | None:
        found = read(reach)
        return None if found is None else found == value

    return test


def _unequal(read: Read, value: Any) -> Closure:
    def test(reach: Reach) -> bool | None:
        found = read(reach)
        return None if found is None else found != value

    return test


def _less(read: Read, value: Any) -> Closure:
    def test(reach: Reach) -> bool | None:
        found = read(reach)
        return None if found is None else found < value

    return test


def _at_most(read: Read, value: Any) -> Closure:
    def test(reach: Reach) -> bool | None:
        found = read(reach)
        return None if found is None else found <= value

    return test


def _greater(read: Read, value: Any) -> Closure:
    def test(reach: Reach) -> bool | None:
        found = read(reach)
        return None if found is None else found > value

    return test


def _at_least(read: Read, value: Any) -> Closure:
    def test(reach: Reach) -> bool | None:
        found = read(reach)
        return None if found is None else found >= value

    return test


_OWN: dict[str, Callable[[str, Any], Closure]] = {"=": _own_equal, "<": _own_less, ">": _own_greater}
_READ: dict[str, Callable[[Read, Any], Closure]] = {
    "=": _equal,
    "!=": _unequal,
    "<": _less,
    "<=": _at_most,
    ">": _greater,
    ">=": _at_least,
}
