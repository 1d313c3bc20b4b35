"""A rule with a run's values in it, for where only records can be asked: `vars` and `steps` become what they hold."""

from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Any, cast

from crm_app.fields.rule_type import RuleType
from crm_app.rules.inputs import Inputs
from crm_app.rules.tree import ListOf, Literal, Name, Node, parts_of


def bound(node: Node, inputs: Inputs, variables: Mapping[str, Any]) -> Node:
    """`variables` come before those of the inputs. Names of fields stay."""
    if isinstance(node, Name) and node.root in ("vars", "steps"):
        return _literal(node.type, _value(node, inputs, variables))
    changes: dict[str, Any] = {}
    for part in parts_of(type(node)):
        value = getattr(node, part)
        if isinstance(value, tuple):
            changes[part] = tuple(bound(each, inputs, variables) for each in cast("tuple[Node, ...]", value))
        elif value is not None:
            changes[part] = bound(value, inputs, variables)
    return replace(node, **changes) if changes else node


def _value(node: Name, inputs: Inputs, variables: Mapping[str, Any]) -> Any:
    if node.root == "steps":
        return inputs.steps.get(node.step, {}).get(node.name)
    return variables[node.name] if node.name in variables else inputs.variables.get(node.name)


def _literal(kind: RuleType, value: Any) -> Node:
    if kind.item is not None and value is not None:
        item = kind.item
        return ListOf(items=tuple(Literal(value=each, type=item) for each in cast("Sequence[Any]", value)), type=kind)
    return Literal(value=value, type=kind)
