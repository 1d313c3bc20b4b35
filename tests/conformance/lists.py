"""Lists of other languages: what is asked of them becomes a quantifier over the elements."""

from collections.abc import Callable
from dataclasses import replace
from typing import TYPE_CHECKING

from crm_app.rules.tree import Comparison, Emptiness, ListOf, Membership, Name, Node, Not, Quantifier, logic
from tests.conformance import equality, source
from tests.conformance.source import Untranslatable
from tests.conformance.values import (
    Element,
    Interval,
    Listing,
    Part,
    Value,
    Written,
    constant,
    is_null,
    literal,
)

if TYPE_CHECKING:
    from tests.conformance.lowering import Lowering

MAX_UNROLLED = 100


def listing(lowering: "Lowering", part: Part) -> Listing:
    if isinstance(part, Listing):
        return part
    if isinstance(part, Interval):
        part = _counted(part)
    value = lowering.as_value(part)
    alias = lowering.world.fresh_alias()
    return Listing(value.node, alias, "", None, Value(Name(name=alias)))


def _counted(interval: Interval) -> Written:
    """An interval of whole numbers as the list of them."""
    low, high = (constant(each) if each is not None else None for each in (interval.low, interval.high))
    if not isinstance(low, int) or not isinstance(high, int) or abs(high - low) > MAX_UNROLLED:
        raise Untranslatable("an interval as a value")
    step = 1 if low <= high else -1
    first = low if interval.includes_low else low + step
    last = high if interval.includes_high else high - step
    return Written(tuple(literal(each) for each in range(first, last + step, step)))


def each(lowering: "Lowering", node: source.Each) -> Part:
    found = lowering.lower(node.source)
    if isinstance(found, Written) and (unrolled := _unrolled(lowering, node, found)) is not None:
        return unrolled
    found = listing(lowering, found)
    inner = lowering.inside(found)
    element = found.element
    if isinstance(element, Value):
        element = inner.typed(element.node, element.tag)
    bound = inner.with_names({node.alias: lambda: element})
    if node.kind == "map":
        return Listing(found.source, found.alias, found.object, found.where, bound.lower(node.body))
    condition = bound.value(node.body).node
    if node.kind == "filter":
        where = condition if found.where is None else logic("and", [found.where, condition])
        return Listing(found.source, found.alias, found.object, where, found.element)
    return _asked(lowering, node.kind, found, condition)


def _unrolled(lowering: "Lowering", node: source.Each, found: Written) -> Part | None:
    """Over a list that is written out and can't be one of a rule (mixed, nested, of objects), each item on its own."""
    if not found.items:
        raise Untranslatable("an empty list, which has no type")
    try:
        lowering.as_value(found)
    except Untranslatable:
        pass
    else:
        return None if node.kind != "map" else _mapped(lowering, node, found)
    if node.kind not in {"any", "all", "none", "map"}:
        return None
    if node.kind == "map":
        return _mapped(lowering, node, found)
    terms = [lowering.as_value(part).node for part in _mapped(lowering, node, found).items]
    joined = logic("and" if node.kind == "all" else "or", terms)
    return lowering.typed(Not(operand=joined) if node.kind == "none" else joined)


def _mapped(lowering: "Lowering", node: source.Each, found: Written) -> Written:
    return Written(
        tuple(lowering.with_names({node.alias: lambda item=item: item}).lower(node.body) for item in found.items)
    )


def _asked(lowering: "Lowering", kind: str, found: Listing, condition: Node) -> Value:
    where = condition if found.where is None else logic("and", [found.where, condition])
    if kind == "all":
        return quantified(lowering, "all", found, body=condition)
    if kind in {"any", "none"}:
        asked = quantified(lowering, "any", found, body=condition)
        return asked if kind == "any" else lowering.typed(Not(operand=asked.node))
    counted = Listing(found.source, found.alias, found.object, where, found.element)
    count = quantified(lowering, "count", counted)
    if kind == "count":
        return count
    return lowering.typed(Comparison(operator="=", left=count.node, right=literal(1).node))


def quantified(lowering: "Lowering", name: str, found: Listing, body: Node | None = None) -> Value:
    needs_name = found.where is not None or body is not None
    return lowering.typed(
        Quantifier(
            name=name, source=found.source, alias=found.alias if needs_name else "", where=found.where, body=body
        )
    )


def count(lowering: "Lowering", part: Part) -> Value:
    return quantified(lowering, "count", listing(lowering, part))


def summary(name: str) -> Callable[["Lowering", tuple[Part, ...]], Part]:
    """`sum`, `min`, `max` or `avg` of one list, or of all the values given."""

    def summarise(lowering: "Lowering", args: tuple[Part, ...]) -> Part:
        is_listed = len(args) == 1 and not (isinstance(args[0], Value) and args[0].kind != "list")
        part = args[0] if is_listed else Written(args)
        if isinstance(part, Written) and not part.items:
            return literal(None)
        items = part.items if isinstance(part, Written) else ()
        tag = next((item.tag for item in items if isinstance(item, Value)), "")
        found = listing(lowering, part)
        element = found.element
        is_plain = found.is_whole
        if isinstance(element, Element):
            raise Untranslatable("a whole record as a value")
        body = None if is_plain else lowering.inside(found).as_value(element).node
        return replace(quantified(lowering, name, found, body), tag=tag)

    return summarise


def is_in(lowering: "Lowering", value: Part, items: Part) -> Value:
    if isinstance(items, Interval):
        return equality.inside(lowering, value, items)
    if isinstance(items, Written):
        return _among_written(lowering, value, items)
    if isinstance(items, Listing):
        inner = lowering.inside(items)
        same = equality.equal(inner, value, items.element)
        return quantified(lowering, "any", items, same.node)
    listed = lowering.as_value(items)
    if listed.kind == "list":
        found = listing(lowering, listed)
        if is_null(value):
            return lowering.typed(
                Quantifier(
                    name="any", source=found.source, alias=found.alias, body=Emptiness(operand=Name(name=found.alias))
                )
            )
        return lowering.typed(Membership(operand=lowering.as_value(value).node, items=found.source))
    return equality.equal(lowering, value, listed)


def _among_written(lowering: "Lowering", value: Part, items: Written) -> Value:
    """A list may hold intervals and tests beside values."""
    scalars = [item for item in items.items if isinstance(item, Value) and not is_null(item) and item.kind != "list"]
    if len(scalars) == len(items.items) and isinstance(value, Value) and not is_null(value):
        families = {equality.is_one_family(value, item) for item in scalars}
        if families <= {True}:
            return lowering.typed(Membership(operand=value.node, items=lowering.as_value(items).node))
    if not items.items:
        return lowering.typed(Membership(operand=lowering.as_value(value).node, items=ListOf(items=())))
    terms = [is_in(lowering, value, item).node for item in items.items]
    return lowering.typed(logic("or", terms))
