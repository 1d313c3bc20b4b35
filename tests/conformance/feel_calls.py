"""What FEEL tests and calls, expanded where it stands."""

from tests.conformance import (
    feel_times,
    lists,
    source,
)
from tests.conformance.lowering import Lowering, invoke
from tests.conformance.values import (
    Interval,
    Lambda,
    Listing,
    Part,
    Value,
    Written,
    is_null,
)


def is_in(lowering: Lowering, node: source.Call) -> Part:
    value = lowering.lower(node.args[0])
    return lowering.with_names({"?": lambda: value}).lower(node.args[1])


def matches(lowering: Lowering, node: source.Call) -> Part:
    """A test that mentions the value is its own answer; else the value is, or is in, what it says."""
    if _mentions(node.args[1]):
        return lowering.lower(node.args[1])
    value, wanted = lowering.lower(node.args[0]), lowering.lower(node.args[1])
    if isinstance(wanted, (Interval, Written, Listing)):
        return lists.is_in(lowering, value, wanted)
    return lists.is_in(lowering, value, lowering.as_value(wanted))


def _mentions(node: source.Source) -> bool:
    if node == source.Var("?"):
        return True
    parts = [each for each in vars(node).values() if isinstance(each, source.Source)]
    parts += [each for many in vars(node).values() if isinstance(many, tuple) for each in many
              if isinstance(each, source.Source)]  # fmt: skip
    return any(_mentions(each) for each in parts)


def apply(lowering: Lowering, node: source.Call) -> Part:
    function = lowering.lower(node.args[0])
    if not isinstance(function, Lambda):
        raise feel_times.refuse("Only a function is called.")
    return invoke(lowering, function, tuple(lowering.lower(each) for each in node.args[1:]))


def typed(lowering: Lowering, node: source.Call) -> Part:
    """A value that must be of a type, as a field is; a list of one is that one, where one is asked for."""
    part = lowering.lower(node.args[0])
    wanted = node.args[1]
    assert isinstance(wanted, source.Lit)
    kind, is_list = wanted.value
    if isinstance(part, Written):
        if is_list:
            return Written(tuple(_fitted(lowering, each, kind) for each in part.items))
        if len(part.items) != 1:
            raise feel_times.refuse("One value is needed, but this is a list.")
        part = part.items[0]
    elif is_list and isinstance(part, Value) and part.kind != "list" and not is_null(part):
        return Written((_fitted(lowering, part, kind),))
    return part if is_list else _fitted(lowering, part, kind)


def _fitted(lowering: Lowering, part: Part, kind: str) -> Part:
    if is_null(part):
        return part
    if not isinstance(part, (Value, Written)):
        raise feel_times.refuse(f"A {kind} is needed.")
    value = lowering.as_value(part)
    found = "months" if value.tag else {"int": "number", "decimal": "number"}.get(value.kind, value.kind)
    if found != kind:
        raise feel_times.refuse(f"A {kind} is needed, but this is {value.type}.")
    return value
