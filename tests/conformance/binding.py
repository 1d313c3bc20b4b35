"""The inputs of a case, as what its expression may name."""

from collections.abc import Callable, Mapping
from typing import Any

from crm_app.rules.tree import Name, Node
from tests.conformance import source
from tests.conformance.values import (
    Element,
    Listing,
    Part,
    Things,
    Value,
    Written,
    literal,
)
from tests.conformance.world import CaseWorld, safe


def bind(world: CaseWorld, value: Any, name: str) -> Callable[[], Part]:
    """An input, looked at when it is named."""
    made: list[Part] = []

    def part() -> Part:
        if not made:
            made.append(_bound(world, value, name))
        return made[0]

    return part


def _bound(world: CaseWorld, value: Any, name: str) -> Part:
    if isinstance(value, Mapping):
        return Things({key: bind(world, each, f"{name}_{safe(key)}") for key, each in value.items()})
    if isinstance(value, list) and value and all(isinstance(each, Mapping) for each in value):
        owner = world.add_related("case", world.record, name, value)
        return records(Name(name=name), owner, world)
    if value is None:
        return literal(None)
    if isinstance(value, list) and (not value or any(isinstance(each, list) for each in value)):
        return Written(tuple(_bound(world, each, f"{name}_{at}") for at, each in enumerate(value)))
    bound = world.variable(name, value)
    is_months = isinstance(value, source.Months) or (isinstance(value, source.Typed) and value.is_months)
    tag = "months" if is_months else ""
    return Value(Name(root="vars", name=bound), world.variables[bound], tag)


def records(node: Node, owner: str, world: CaseWorld) -> Listing:
    alias = world.fresh_alias()
    return Listing(node, alias, owner, None, Element(Name(name=alias), owner))
