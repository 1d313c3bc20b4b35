"""A rule after what it names is called otherwise, or is known."""

from collections.abc import Mapping
from dataclasses import replace
from typing import Any, cast

from crm_app.rules.tree import Literal, Member, Name, Node, parts_of

Names = Mapping[tuple[str, str], str]


def renamed(node: Node, names: Names) -> Node:
    """`names` maps an object and what its rules call a field or related records to what they will call it."""
    changes: dict[str, Any] = {}
    for part in parts_of(type(node)):
        value = getattr(node, part)
        if isinstance(value, tuple):
            changes[part] = tuple(renamed(child, names) for child in cast("tuple[Node, ...]", value))
        elif value is not None:
            changes[part] = renamed(value, names)
    is_field = isinstance(node, Member) or (isinstance(node, Name) and node.root in {"record", "old"})
    if is_field and isinstance(node, (Member, Name)) and (node.object, node.name) in names:
        changes["name"] = names[node.object, node.name]
    return replace(node, **changes) if changes else node


def with_values(node: Node, values: Mapping[str, Any]) -> Node:
    """The values in the place of fields of the record that the rule is about."""
    if isinstance(node, Name):
        is_known = node.root == "record" and not node.level and node.name in values
        return Literal(value=values[node.name], type=node.type) if is_known else node
    changes: dict[str, Any] = {}
    for part in parts_of(type(node)):
        value = getattr(node, part)
        if isinstance(value, tuple):
            changes[part] = tuple(with_values(child, values) for child in cast("tuple[Node, ...]", value))
        elif value is not None:
            changes[part] = with_values(value, values)
    return replace(node, **changes) if changes else node
