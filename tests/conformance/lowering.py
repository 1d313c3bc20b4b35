"""From another language's expression to a rule: one construct at a time, typed by our own checker as it goes."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace
from decimal import Decimal
from typing import Any

from crm_app.fields.rule_type import ref
from crm_app.rules.check import _visit
from crm_app.rules.checking import Checking, Frame
from crm_app.rules.errors import RuleError
from crm_app.rules.library import FUNCTIONS
from crm_app.rules.tree import Call as RuleCall
from crm_app.rules.tree import If, Member, Node
from tests.conformance import binding, equality, operators, source
from tests.conformance.source import Untranslatable
from tests.conformance.values import (
    Element,
    Environment,
    Interval,
    Lambda,
    Listing,
    Part,
    Things,
    Value,
    Written,
    constant,
    list_node,
    literal,
)
from tests.conformance.world import CaseWorld, safe

Function = Callable[["Lowering", tuple[Part, ...]], Part]
MAX_UNROLLED = 100
MAX_EXPANSION = 2000


@dataclass(frozen=True)
class Dialect:
    """What a language does its own way. `functions` take parts that are already lowered; `lazy` ones the sources.
    With `divides_exactly` 1 / 2 is 0.5; with `equates_null` `=` is never unknown; with `equates_types` values of
    different types are simply not equal, where a rule refuses to compare them; with `knows_names` a name that nothing
    is bound to is refused.
    """

    name: str
    functions: Mapping[str, Function]
    lazy: Mapping[str, Callable[["Lowering", source.Call], Part]] = field(default_factory=dict[str, Any])
    attributes: Callable[["Lowering", Part, str], Part | None] = lambda _lowering, _base, _name: None
    positioned: Callable[[source.Call], tuple[source.Source, ...]] = lambda node: node.args
    divides_exactly: bool = True
    equates_null: bool = True
    equates_types: bool = True
    joins_with_plus: bool = True
    joins_lists: bool = False
    knows_names: bool = False
    orders_bools: bool = False
    has_infinity: bool = False
    first_index: int = 0


@dataclass
class Budget:
    left: int = MAX_EXPANSION
    zones: set[str] = field(default_factory=set[str])
    zones_seen: set[str] = field(default_factory=set[str])


@dataclass(frozen=True)
class Lowering:
    dialect: Dialect
    world: CaseWorld
    environment: Environment
    checking: Checking
    budget: Budget

    @classmethod
    def of(cls, dialect: Dialect, world: CaseWorld, inputs: Mapping[str, Any]) -> "Lowering":
        checking = Checking(world, world.variables, (Frame("case", "", ref("case")),), _visit)
        bound = {name: binding.bind(world, value, safe(name)) for name, value in inputs.items()}
        return cls(dialect, world, bound, checking, Budget())

    def lower(self, node: source.Source) -> Part:
        self.budget.left -= 1
        if self.budget.left < 0:
            raise Untranslatable("it expands into more than a rule may hold")
        return _LOWER[type(node)](self, node)

    def value(self, node: source.Source) -> Value:
        return self.as_value(self.lower(node))

    def as_value(self, part: Part) -> Value:
        """The part as something a rule has: a list where it is written out."""
        if isinstance(part, Value):
            return part
        if isinstance(part, Written):
            return self.typed(list_node(part.items))
        if isinstance(part, Listing) and part.where is None and part.is_whole:
            return self.typed(part.source)
        raise Untranslatable(_UNHELD[type(part)])

    def typed(self, node: Node, tag: str = "") -> Value:
        """Refuses with `RuleError`, as any rule is refused."""
        return Value(node, self.checking.typed(node).type, tag)

    def call(self, name: str, *arguments: Value | Node) -> Value:
        if FUNCTIONS.find(name) is None:
            raise Untranslatable(f"no function like `{name}`")
        nodes = tuple(each.node if isinstance(each, Value) else each for each in arguments)
        return self.typed(RuleCall(name=name, arguments=nodes))

    def with_names(self, names: Environment) -> "Lowering":
        return replace(self, environment={**self.environment, **names})

    def inside(self, listing: Listing) -> "Lowering":
        item = self.checking.typed(listing.source).type.item
        if item is None:
            raise Untranslatable("goes over something that is no list")
        return replace(self, checking=self.checking.inside(Frame(listing.object, listing.alias, item)))

    def zone(self, name: str) -> None:
        """The rule is read in the one time zone that its reader has."""
        self.budget.zones.add(name)
        if len(self.budget.zones) > 1:
            raise Untranslatable("more than one time zone in one expression")


_UNHELD: dict[type, str] = {
    Things: "an object as a value",
    Interval: "an interval as a value",
    Element: "a whole record as a value",
    Listing: "a list that is computed",
    Lambda: "a function as a value",
}


def _literal(_lowering: Lowering, node: source.Lit) -> Part:
    return literal(node.value)


def _variable(lowering: Lowering, node: source.Var) -> Part:
    found = lowering.environment.get(node.name)
    if found is None:
        if lowering.dialect.knows_names:
            raise RuleError(f"There is no `{node.name}` here.", (0, 0))
        raise Untranslatable("a name that nothing is bound to")
    return found()


def _condition(lowering: Lowering, node: source.Cond) -> Part:
    condition = lowering.value(node.condition)
    then, otherwise = lowering.value(node.then), lowering.value(node.otherwise)
    if then.kind == "list" or otherwise.kind == "list":
        raise Untranslatable("a choice between lists")
    if not equality.is_one_family(then, otherwise):
        raise Untranslatable("a choice between values of different types")
    return lowering.typed(If(condition=condition.node, then=then.node, otherwise=otherwise.node), then.tag)


def _items(lowering: Lowering, node: source.Items) -> Part:
    return Written(tuple(lowering.lower(item) for item in node.items))


def _object(lowering: Lowering, node: source.Obj) -> Part:
    """Later entries see earlier ones, as in FEEL; in the other languages none is named like that."""
    entries: dict[str, Callable[[], Part]] = {}
    for key, value in node.entries:
        if not isinstance(key, str):
            raise Untranslatable("an object as a value")
        inner = lowering.with_names(dict(entries))
        entries[key] = lambda inner=inner, value=value: inner.lower(value)
    return Things(entries)


def _attribute(lowering: Lowering, node: source.Attr) -> Part:
    if isinstance(node.base, source.Var) and node.base.name not in lowering.environment:
        raise Untranslatable("a name that nothing is bound to")
    base = lowering.lower(node.base)
    return attribute(lowering, base, node.name)


def attribute(lowering: Lowering, base: Part, name: str) -> Part:
    special = lowering.dialect.attributes(lowering, base, name)
    if special is not None:
        return special
    if isinstance(base, Things):
        found = base.entries.get(name)
        if not base.entries:
            raise Untranslatable("an object of no known shape")
        if found is None and lowering.dialect.knows_names:
            raise RuleError(f"There is no `{name}` here.", (0, 0))
        return literal(None) if found is None else found()
    if isinstance(base, Element):
        return _field(lowering, base, name)
    raise Untranslatable("a field of something that is no record")


def _field(lowering: Lowering, base: Element, name: str) -> Part:
    known = lowering.world.types[base.object]
    field_name = f"{base.prefix}{safe(name)}_"
    if field_name not in known:
        if any(each.startswith(field_name) for each in known):
            return Element(base.node, base.object, field_name)
        return literal(None)
    node = Member(base=base.node, name=field_name)
    item = known[field_name].item
    if item is not None and item.kind == "ref":
        return binding.records(node, item.object, lowering.world)
    return lowering.typed(node)


def _index(lowering: Lowering, node: source.Index) -> Part:
    base, index = lowering.lower(node.base), lowering.lower(node.index)
    at = constant(index)
    if isinstance(base, Things) and isinstance(at, str):
        return attribute(lowering, base, at)
    if isinstance(base, Written) and isinstance(at, (int, Decimal)) and at == int(at):
        place = int(at) - lowering.dialect.first_index if at >= 0 else len(base.items) + int(at)
        return base.items[place] if 0 <= place < len(base.items) else literal(None)
    raise Untranslatable("an element of a list by its position")


def _interval(lowering: Lowering, node: source.Range) -> Part:
    low = None if node.low is None else lowering.lower(node.low)
    high = None if node.high is None else lowering.lower(node.high)
    return Interval(low, high, node.includes_low, node.includes_high)


def _function(lowering: Lowering, node: source.Fn) -> Part:
    return Lambda(node.params, node.body, lowering.environment)


def invoke(lowering: Lowering, function: Lambda, arguments: tuple[Part, ...]) -> Part:
    """Expanded in place."""
    if len(arguments) != len(function.params):
        raise Untranslatable("a call with a wrong number of values")
    bound = {name: lambda part=part: part for name, part in zip(function.params, arguments, strict=True)}
    return replace(lowering, environment={**function.environment, **bound}).lower(function.body)


def _call(lowering: Lowering, node: source.Call) -> Part:
    lazy = lowering.dialect.lazy.get(node.name)
    if lazy is not None:
        return lazy(lowering, node)
    named = lowering.environment.get(node.name)
    if named is not None and isinstance(bound := named(), Lambda):
        arguments = [lowering.lower(each) for each in node.args]
        arguments += [lowering.lower(node.named[name]) for name in bound.params if name in node.named]
        return invoke(lowering, bound, tuple(arguments))
    function = lowering.dialect.functions.get(node.name)
    if function is None:
        raise Untranslatable(f"no function like `{node.name}`")
    return function(lowering, tuple(lowering.lower(each) for each in lowering.dialect.positioned(node)))


_LOWER: dict[type, Callable[[Lowering, Any], Part]] = {
    source.Lit: _literal,
    source.Var: _variable,
    source.Op: operators.operation,
    source.Test: operators.unary_tests,
    source.Call: _call,
    source.Attr: _attribute,
    source.Index: _index,
    source.Slice: operators.slice_of,
    source.Cond: _condition,
    source.Items: _items,
    source.Obj: _object,
    source.Range: _interval,
    source.Each: operators.each,
    source.Fn: _function,
}
