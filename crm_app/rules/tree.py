"""What a rule says, as data: the parser makes it, the checker fills in types, every target reads it. Names are resolved
by the checker: `level` counts the records in reach, 0 for the record the rule is about and one more for each quantifier
around the name; `object` says whose field it is.
"""

from collections.abc import Iterator
from dataclasses import dataclass, field, fields
from datetime import date, datetime, time, timedelta
from decimal import Decimal
from functools import cache
from typing import Literal as OneOf
from typing import cast
from uuid import UUID

from crm_app.fields.rule_type import RuleType
from crm_app.kernel.money import Money

Span = tuple[int, int]
Scalar = bool | int | Decimal | str | Money | date | datetime | time | timedelta | UUID | None
Root = OneOf["record", "old", "vars", "steps", "element"]

UNTYPED = RuleType("null")
COMPARISONS = ("=", "!=", "<", "<=", ">", ">=")
TEXT_TESTS = ("contains", "starts with", "ends with")
ARITHMETIC = ("+", "-", "*", "/", "%", "&")
QUANTIFIERS = ("any", "all", "count", "sum", "min", "max", "avg")


@dataclass(frozen=True, kw_only=True)
class Node:
    """Two nodes that say the same are equal, wherever in the text (`span`, end exclusive) they stand."""

    span: Span = field(default=(0, 0), compare=False)
    type: RuleType = UNTYPED


@dataclass(frozen=True)
class Computed:
    """What a formula or rollup field stands for. `reads` and `context` are what it depends on, through others too;
    `depth` is how many formulas stand in each other, `size` that of the SQL.
    """

    tree: Node
    reads: frozenset[tuple[str, str]]
    context: frozenset[str]
    size: int
    depth: int
    is_rollup: bool = False


@dataclass(frozen=True, kw_only=True)
class Literal(Node):
    value: Scalar


@dataclass(frozen=True, kw_only=True)
class Context(Node):
    """`me`, `today` or `now`."""

    name: str


@dataclass(frozen=True, kw_only=True)
class Name(Node):
    """A field of the record in reach at `level`, of `old`, a variable, a step's output or a quantifier's element, which
    `alias` names where the field is written `alias.name`. `computed` is what a formula or rollup field stands for.
    """

    name: str
    root: Root = "record"
    step: str = ""
    alias: str = ""
    level: int = 0
    object: str = ""
    computed: Computed | None = field(default=None, compare=False)


@dataclass(frozen=True, kw_only=True)
class Member(Node):
    """One hop: a field of the record that `base` points at. `object` is that record's."""

    base: Node
    name: str
    object: str = ""
    computed: Computed | None = field(default=None, compare=False)


@dataclass(frozen=True, kw_only=True)
class Part(Node):
    """One part of what the field `base` holds, as an address's city, written as a hop; the value calls it `stored`."""

    base: Node
    name: str
    stored: str


@dataclass(frozen=True, kw_only=True)
class Logic(Node):
    """`and` or `or` over two or more terms; a term is never the same operator again."""

    operator: str
    terms: tuple[Node, ...]


@dataclass(frozen=True, kw_only=True)
class Not(Node):
    operand: Node


@dataclass(frozen=True, kw_only=True)
class Negative(Node):
    operand: Node


@dataclass(frozen=True, kw_only=True)
class Arithmetic(Node):
    """`&` joins texts; the others are numbers, money, dates and durations."""

    operator: str
    left: Node
    right: Node


@dataclass(frozen=True, kw_only=True)
class Comparison(Node):
    operator: str
    left: Node
    right: Node


@dataclass(frozen=True, kw_only=True)
class TextTest(Node):
    """`contains` also asks whether a list has an element."""

    operator: str
    left: Node
    right: Node
    is_negated: bool = False


@dataclass(frozen=True, kw_only=True)
class Membership(Node):
    operand: Node
    items: Node
    is_negated: bool = False


@dataclass(frozen=True, kw_only=True)
class Between(Node):
    """Both ends belong to it."""

    operand: Node
    low: Node
    high: Node
    is_negated: bool = False


@dataclass(frozen=True, kw_only=True)
class Emptiness(Node):
    """Null, empty text and an empty list are empty. Never unknown."""

    operand: Node
    is_negated: bool = False


@dataclass(frozen=True, kw_only=True)
class If(Node):
    """An unknown condition takes the `otherwise` branch, as in SQL."""

    condition: Node
    then: Node
    otherwise: Node


@dataclass(frozen=True, kw_only=True)
class ListOf(Node):
    items: tuple[Node, ...]


@dataclass(frozen=True, kw_only=True)
class Call(Node):
    name: str
    arguments: tuple[Node, ...]


@dataclass(frozen=True, kw_only=True)
class Quantifier(Node):
    """Over the elements of `source`, reached at `level`, for which `where` is true."""

    name: str
    source: Node
    alias: str = ""
    where: Node | None = None
    body: Node | None = None
    level: int = 0


@dataclass(frozen=True, kw_only=True)
class Kept(Node):
    """A list without its nulls. Nobody writes it: decision tables are made of it."""

    operand: Node


@dataclass(frozen=True, kw_only=True)
class Decision(Node):
    """The answer of a decision table, written `decision('name')`; `body` is what that stands for."""

    name: str
    body: Node


def is_related(node: Node) -> bool:
    """Whether it is a field that holds related records, whose elements are records rather than values."""
    is_field = isinstance(node, Member) or (isinstance(node, Name) and node.root == "record")
    return is_field and node.type.item is not None and node.type.item.kind == "ref"


@cache
def parts_of(kind: type[Node]) -> tuple[str, ...]:
    """The names of what may hold nodes; a filter's tree is walked several times in each request for a list."""
    return tuple(part.name for part in fields(kind) if part.type in (Node, Node | None, tuple[Node, ...]))


def children(node: Node) -> list[Node]:
    """The nodes directly below, in the order they are written."""
    found: list[Node] = []
    for name in parts_of(type(node)):
        value = getattr(node, name)
        if isinstance(value, tuple):
            found.extend(cast("tuple[Node, ...]", value))
        elif value is not None:
            found.append(value)
    return found


def walk(node: Node) -> Iterator[Node]:
    """The node and everything below it, parents first."""
    yield node
    for child in children(node):
        yield from walk(child)


def logic(operator: str, terms: list[Node], span: Span = (0, 0)) -> Node:
    """Joins terms with `and` or `or`, flattening, so that one meaning has one tree. A single term stands alone."""
    flat: list[Node] = []
    for term in terms:
        flat.extend(term.terms if isinstance(term, Logic) and term.operator == operator else (term,))
    return flat[0] if len(flat) == 1 else Logic(operator=operator, terms=tuple(flat), span=span)
