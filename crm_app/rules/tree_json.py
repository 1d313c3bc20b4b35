"""Trees as JSON and back: rules travel typed in the inputs of workflows, where nothing is parsed."""

from collections.abc import Callable, Mapping
from dataclasses import fields
from datetime import date, datetime, time, timedelta
from decimal import Decimal
from typing import Any, cast, get_args
from uuid import UUID

from crm_app.fields.rule_type import Kind, RuleType
from crm_app.kernel.errors import Invalid
from crm_app.kernel.money import Money
from crm_app.rules import tree
from crm_app.rules.tree import Computed, Node

MICROSECOND = timedelta(microseconds=1)
MAX_DEPTH = 64

_NODES: dict[str, type[Node]] = {
    kind.__name__.lower(): kind
    for kind in vars(tree).values()
    if isinstance(kind, type) and issubclass(kind, Node) and kind is not Node
}
_KINDS = frozenset(get_args(Kind))
_DUMPS: tuple[tuple[type, str, Callable[[Any], Any]], ...] = (
    (Decimal, "decimal", str),
    (Money, "money", lambda money: [str(money.amount), money.currency]),
    (datetime, "datetime", datetime.isoformat),
    (date, "date", date.isoformat),
    (time, "time", time.isoformat),
    (timedelta, "microseconds", lambda duration: str(duration // MICROSECOND)),
    (UUID, "id", str),
    (int, "int", str),
)
_LOADS: dict[str, Callable[[Any], Any]] = {
    "decimal": Decimal,
    "money": lambda pair: Money(Decimal(pair[0]), str(pair[1])),
    "datetime": datetime.fromisoformat,
    "date": date.fromisoformat,
    "time": time.fromisoformat,
    "microseconds": lambda count: timedelta(microseconds=int(count)),
    "id": UUID,
    "int": int,
}


class BadTree(Invalid):
    """The JSON is not a rule's tree."""

    code = "bad_tree"


def to_json(node: Node) -> dict[str, Any]:
    """Plain JSON values; fields at their defaults are left out, and so are an enum's options."""
    data: dict[str, Any] = {"node": type(node).__name__.lower()}
    for part in fields(node):
        value = getattr(node, part.name)
        if value != part.default or part.name == "value":
            data[part.name] = _dump(value)
    return data


def from_json(data: object) -> Node:
    """The tree that `to_json` wrote. Refuses anything else with `BadTree`."""
    try:
        return _node(data, 0)
    except (KeyError, TypeError, ValueError, ArithmeticError, IndexError) as error:
        raise BadTree("This is not the tree of a rule.") from error


def _dump(value: Any) -> Any:
    if isinstance(value, Node):
        return to_json(value)
    if isinstance(value, RuleType):
        return _dump_type(value)
    if isinstance(value, Computed):
        return {"tree": to_json(value.tree), "is_rollup": value.is_rollup}
    if isinstance(value, tuple):
        return [_dump_span_or_node(item) for item in cast("tuple[Any, ...]", value)]
    if value is None or isinstance(value, (str, bool)):
        return value
    return _dump_scalar(value)


def _dump_span_or_node(item: Any) -> Any:
    return item if isinstance(item, int) else _dump(item)


def _dump_scalar(value: Any) -> Any:
    for kind, tag, dump in _DUMPS:
        if isinstance(value, kind):
            return {tag: dump(value)}
    raise TypeError(type(value).__name__)


def _dump_type(rule_type: RuleType) -> dict[str, Any]:
    data: dict[str, Any] = {"kind": rule_type.kind}
    for name in ("object", "field", "currency"):
        if getattr(rule_type, name):
            data[name] = getattr(rule_type, name)
    if rule_type.item is not None:
        data["item"] = _dump_type(rule_type.item)
    return data if rule_type.nullable else {**data, "nullable": False}


def _node(data: Any, depth: int) -> Node:
    if depth > MAX_DEPTH:
        raise ValueError("too deep")
    kind = _NODES[data["node"]]
    known = {part.name for part in fields(kind)}
    values = {name: _load(name, value, depth + 1) for name, value in data.items() if name != "node"}
    if not known.issuperset(values):
        raise KeyError(*(set(values) - known))
    return kind(**values)


def _load_span(value: Any, _depth: int) -> tuple[int, int]:
    start, end = value
    return int(start), int(end)


def _load_computed(value: Any, depth: int) -> Computed:
    """What it depends on was told when it was checked; evaluating it needs only the tree."""
    return Computed(_node(value["tree"], depth), frozenset(), frozenset(), 0, 0, is_rollup=bool(value["is_rollup"]))


def _load(name: str, value: Any, depth: int) -> Any:
    special = _PARTS.get(name)
    if special is not None:
        return special(value, depth)
    if isinstance(value, list):
        return tuple(_node(item, depth) for item in cast("list[Any]", value))
    if isinstance(value, Mapping):
        return _load_mapping(cast("Mapping[str, Any]", value), depth)
    return value


def _load_mapping(value: Mapping[str, Any], depth: int) -> Any:
    if "node" in value:
        return _node(value, depth)
    ((tag, raw),) = value.items()
    return _LOADS[tag](raw)


def _load_type(data: Mapping[str, Any]) -> RuleType:
    if data["kind"] not in _KINDS:
        raise KeyError(data["kind"])
    item = _load_type(data["item"]) if "item" in data else None
    return RuleType(
        data["kind"],
        nullable=bool(data.get("nullable", True)),
        object=str(data.get("object", "")),
        field=str(data.get("field", "")),
        item=item,
        currency=str(data.get("currency", "")),
    )


_PARTS: dict[str, Callable[[Any, int], Any]] = {
    "type": lambda value, _depth: _load_type(value),
    "span": _load_span,
    "level": lambda value, _depth: int(value["int"]),
    "computed": _load_computed,
}
