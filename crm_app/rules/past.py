"""A formula over the record as it was before a change."""

from dataclasses import replace
from typing import Any, cast

from crm_app.rules.errors import RuleError
from crm_app.rules.tree import Computed, Name, Node, is_related, parts_of


def as_old(computed: Computed, written: Node) -> Computed:
    """`written` is where the rule names it, for the refusal: what was related before a change is not kept."""
    return replace(computed, tree=_old(computed.tree, written))


def _old(node: Node, written: Node) -> Node:
    if isinstance(node, Name) and node.root == "record" and node.level == 0:
        if is_related(node):
            message = "This goes over related records, and what was related before a change is not kept."
            raise RuleError(message, written.span, found=f"old.{getattr(written, 'name', '')}")
        computed = as_old(node.computed, written) if node.computed else None
        return replace(node, root="old", computed=computed)
    changes: dict[str, Any] = {}
    for part in parts_of(type(node)):
        value = getattr(node, part)
        if isinstance(value, tuple):
            changes[part] = tuple(_old(each, written) for each in cast("tuple[Node, ...]", value))
        elif value is not None:
            changes[part] = _old(value, written)
    return replace(node, **changes) if changes else node
