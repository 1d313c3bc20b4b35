"""What the parts of the checker share."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace

from crm_app.fields.rule_type import BOOL, RuleType
from crm_app.rules.coercion import fit, mismatch
from crm_app.rules.errors import RuleError
from crm_app.rules.scope import FieldInfo, Scope
from crm_app.rules.tree import Node, Span


@dataclass(frozen=True)
class Frame:
    """A record in reach: the rule's own, or the element of a quantifier. `object` is empty where elements
    are values.
    """

    object: str
    alias: str
    item: RuleType


@dataclass(frozen=True)
class Checking:
    """`typed` is the checker itself, for the operands of a construct. `inverses` collects the fields
    through which related records point back; `deciding` are the decision tables around.
    """

    scope: Scope
    variables: Mapping[str, RuleType]
    frames: tuple[Frame, ...]
    visit: Callable[[Node, "Checking"], Node]
    inverses: set[tuple[str, str]] = field(default_factory=set[tuple[str, str]])
    deciding: tuple[str, ...] = ()

    def typed(self, node: Node) -> Node:
        return self.visit(node, self)

    def inside(self, frame: Frame) -> "Checking":
        return replace(self, frames=(*self.frames, frame))

    def condition(self, node: Node) -> Node:
        return require(self.typed(node), BOOL)

    def field(self, owner: str, name: str, span: Span) -> FieldInfo | None:
        """`None` where the object has no such field."""
        known = self.scope.fields(owner)
        if known is None:
            raise RuleError(f"There is no object '{owner}'.", span, found=owner)
        info = known.get(name)
        if info is not None and info.inverse and info.type.item is not None:
            self.inverses.add((info.type.item.object, info.inverse))
        return info


def require(node: Node, target: RuleType) -> Node:
    """The node, fitted to the type that its place asks for."""
    node = fit(node, target)
    if not _is_one(node.type, target):
        raise mismatch(target, node)
    return node


def _is_one(found: RuleType, target: RuleType) -> bool:
    if found.kind == target.kind:
        same_list = target.item is None or found.item is None or _is_one(found.item, target.item)
        return (target.kind != "ref" or found.object == target.object) and same_list
    wider = {"decimal": "int", "text": "enum", "enum": "text"}
    return wider.get(target.kind) == found.kind and (target.kind != "enum" or not target.options)


def strict(result: RuleType, *operands: Node) -> RuleType:
    """The result of an operation that is null when an operand is."""
    return replace(result, nullable=any(operand.type.nullable for operand in operands))
