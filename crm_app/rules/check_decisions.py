"""`decision('name')`: a decision table in a rule, typed as if what it stands for were written there."""

from dataclasses import replace

from crm_app.rules.checking import Checking
from crm_app.rules.decision_table import table_tree
from crm_app.rules.errors import RuleError
from crm_app.rules.scope import DecidingScope
from crm_app.rules.tree import Call, Decision, Literal, Node

DECISION = "decision"
_CIRCLE = "a circle"


def decision(node: Call, checking: Checking) -> Node:
    """A table is about the nearest record that has no name of its own, like a bare field."""
    name = _name(node)
    owner = next(frame.object for frame in reversed(checking.frames) if not frame.alias)
    table = checking.scope.decision(name) if isinstance(checking.scope, DecidingScope) else None
    if table is None or table.object != owner:
        raise RuleError(f"There is no decision table '{name}' of {owner}.", node.span, found=name)
    if name in checking.deciding:
        way = " → ".join([*checking.deciding, name])
        raise RuleError(f"These decision tables ask each other in a circle: {way}.", node.span, found=_CIRCLE)
    inner = replace(checking, variables={}, deciding=(*checking.deciding, name))
    try:
        body = inner.typed(table_tree(table))
    except RuleError as error:
        if error.found == _CIRCLE:
            raise
        # What is wrong is said at the table. Here it could name a field that whoever asks may not know of.
        raise RuleError(f"The decision table '{name}' can't be asked here.", node.span, found=name) from None
    return Decision(name=name, body=body, type=body.type, span=node.span)


def _name(node: Call) -> str:
    if len(node.arguments) == 1 and isinstance(node.arguments[0], Literal):
        value = node.arguments[0].value
        if isinstance(value, str):
            return value
    raise RuleError(
        "`decision` takes the name of a decision table, written out.", node.span, expected="a name", suggestion=""
    )
