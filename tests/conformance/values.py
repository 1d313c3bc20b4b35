"""What a part of another language's expression has become: a rule's tree, or something only known while translating."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from datetime import timedelta
from decimal import Decimal
from typing import Any

from crm_app.fields.rule_type import RuleType
from crm_app.rules.literals import scalar_type
from crm_app.rules.tree import UNTYPED, ListOf, Literal, Name, Negative, Node
from tests.conformance.source import Months, Source, Untranslatable


@dataclass(frozen=True)
class Value:
    """A tree as the parser would make it, and the type that the checker gave it. `tag` is `months` where a whole number
    stands for a duration of months.
    """

    node: Node
    type: RuleType = UNTYPED
    tag: str = ""

    @property
    def kind(self) -> str:
        return self.type.kind


@dataclass(frozen=True)
class Written:
    """A list written out; becomes a rule's list where its items have one type."""

    items: tuple["Part", ...]


@dataclass(frozen=True)
class Things:
    """An object whose entries are known; a path into it is followed while translating."""

    entries: Mapping[str, Callable[[], "Part"]]


@dataclass(frozen=True)
class Interval:
    low: "Part | None"
    high: "Part | None"
    includes_low: bool
    includes_high: bool


@dataclass(frozen=True)
class Element:
    """A record that a quantifier is at; `prefix` is the path of an object inside it."""

    node: Node
    object: str
    prefix: str = ""


@dataclass(frozen=True)
class Listing:
    """Elements of a list, those for which `where` holds, each turned into `element`."""

    source: Node
    alias: str
    object: str
    where: Node | None
    element: "Part"

    @property
    def is_whole(self) -> bool:
        """Whether its elements are those of the list, as they are."""
        return isinstance(self.element, Value) and self.element.node == Name(name=self.alias)


@dataclass(frozen=True)
class Lambda:
    params: tuple[str, ...]
    body: Source
    environment: Mapping[str, Callable[[], "Part"]]


Part = Value | Written | Things | Interval | Element | Listing | Lambda
Environment = Mapping[str, Callable[[], Part]]


def literal(value: Any) -> Value:
    if isinstance(value, Months):
        return replace(literal(value.count), tag="months")
    if value is None:
        return Value(Literal(value=None, type=UNTYPED))
    if isinstance(value, (int, Decimal)) and not isinstance(value, bool) and value < 0:
        return _negative(literal(-value))
    if isinstance(value, timedelta) and value < timedelta(0):
        return _negative(literal(-value))
    return Value(Literal(value=value, type=scalar_type(value)), scalar_type(value))


def _negative(value: Value) -> Value:
    return Value(Negative(operand=value.node), value.type)


def is_null(part: Part) -> bool:
    return isinstance(part, Value) and isinstance(part.node, Literal) and part.node.value is None


def as_written(part: Part) -> tuple[Part, ...] | None:
    return part.items if isinstance(part, Written) else None


def list_node(items: tuple[Part, ...]) -> Node:
    nodes: list[Node] = []
    kinds: set[str] = set()
    tags = {item.tag if isinstance(item, Value) else "" for item in items}
    for item in items:
        if not isinstance(item, Value) or is_null(item) or item.kind == "list" or len(tags) > 1:
            raise Untranslatable("a list of mixed types, of lists or with null in it")
        nodes.append(item.node)
        kinds.add("number" if item.kind in {"int", "decimal"} else item.kind)
    if len(kinds) > 1:
        raise Untranslatable("a list of mixed types, of lists or with null in it")
    return ListOf(items=tuple(nodes))


def constant(part: Part) -> Any:
    """The Python value of something written out, or None."""
    if not isinstance(part, Value):
        return None
    node = part.node
    if isinstance(node, Negative) and isinstance(node.operand, Literal):
        value: Any = node.operand.value
        return -value
    return node.value if isinstance(node, Literal) else None
