"""Names: which field, variable or element each one is."""

from dataclasses import replace

from crm_app.fields.rule_type import DATE, DATETIME, ref
from crm_app.rules import limits
from crm_app.rules.checking import Checking, Frame
from crm_app.rules.errors import RuleError, nearest
from crm_app.rules.past import as_old
from crm_app.rules.tree import Context, Literal, Member, Name, Node, Part

_CONTEXT = {"me": ref("user"), "today": DATE.required(), "now": DATETIME.required()}


def literal(node: Literal, _checking: Checking) -> Node:
    return node


def context(node: Context, _checking: Checking) -> Node:
    return replace(node, type=_CONTEXT[node.name])


def name(node: Name, checking: Checking) -> Node:
    if node.root in {"vars", "steps"}:
        return _variable(node, checking)
    if node.root == "old":
        return _old(node, checking)
    level = _aliased(node.name, checking)
    if level is not None:
        return replace(node, root="element", level=level, type=checking.frames[level].item)
    level = _unaliased(checking)
    return _field(node, checking, level)


def member(node: Member, checking: Checking) -> Node:
    """One hop; a field of a quantifier's element, written `d.amount`, is no hop but a name at its level."""
    if limits.hops(node) > limits.MAX_HOPS:
        raise RuleError(f"A path follows at most {limits.MAX_HOPS} relations.", node.span)
    level = _element(node.base, checking)
    if level is not None and isinstance(node.base, Name):
        found = Name(name=node.name, alias=node.base.name, span=node.span)
        return _field(found, checking, level)
    base = checking.typed(node.base)
    if base.type.kind == "list":
        hint = f"any({_shown(base)} where …)"
        raise RuleError("This is a list: say which of its records.", node.span, found="list", suggestion=hint)
    if base.type.parts and isinstance(base, (Name, Member)):
        return _part(node, base)
    if base.type.kind != "ref":
        raise RuleError(f"Only relations have fields; this is {base.type}.", node.span, found=str(base.type))
    if not base.type.object:
        message = f"{_shown(base)} points at records of several objects, so no path goes on from it."
        raise RuleError(message, node.span, found=str(base.type))
    info = checking.field(base.type.object, node.name, node.span)
    if info is None:
        raise _unknown(node.name, base.type.object, node, checking)
    found = replace(info.type, nullable=True)
    return replace(node, base=base, object=base.type.object, type=found, computed=info.computed)


def part(node: Part, checking: Checking) -> Node:
    """In a tree that was checked before."""
    return member(Member(base=node.base, name=node.name, span=node.span), checking)


def _part(node: Member, base: Name | Member) -> Part:
    known = {each.name: each for each in base.type.parts}
    found = known.get(node.name)
    if found is None:
        message = f"`{base.name}` has no '{node.name}'. It has {', '.join(known)}."
        raise RuleError(message, node.span, found=node.name, suggestion=nearest(node.name, known))
    return Part(base=base, name=found.name, stored=found.stored, span=node.span, type=found.type)


def _shown(base: Node) -> str:
    return base.name if isinstance(base, (Name, Member)) else "list"


def _variable(node: Name, checking: Checking) -> Node:
    key = node.name if node.root == "vars" else f"steps.{node.step}.{node.name}"
    found = checking.variables.get(key)
    if found is None:
        near = nearest(key, checking.variables)
        shown = near if near.startswith("steps.") or not near else f"vars.{near}"
        written = key if node.root == "steps" else f"vars.{key}"
        raise RuleError(f"There is no `{written}` here.", node.span, found=written, suggestion=shown)
    return replace(node, type=found)


def _old(node: Name, checking: Checking) -> Node:
    owner = checking.frames[0].object
    info = checking.field(owner, node.name, node.span)
    if info is None:
        raise _unknown(node.name, owner, node, checking)
    if info.type.kind == "list" and info.type.item is not None and info.type.item.kind == "ref":
        raise RuleError("What was related before a change is not kept.", node.span, found=f"old.{node.name}")
    computed = as_old(info.computed, node) if info.computed else None
    return replace(node, object=owner, type=replace(info.type, nullable=True), computed=computed)


def _aliased(alias: str, checking: Checking) -> int | None:
    levels = range(len(checking.frames) - 1, 0, -1)
    return next((level for level in levels if checking.frames[level].alias == alias), None)


def _element(base: Node, checking: Checking) -> int | None:
    """The level of an element that is a record, if the base names one."""
    if not isinstance(base, Name) or base.root != "record":
        return None
    level = _aliased(base.name, checking)
    return level if level is not None and checking.frames[level].object else None


def _unaliased(checking: Checking) -> int:
    """Bare names belong to the nearest record that has no name of its own."""
    return max(level for level, frame in enumerate(checking.frames) if not frame.alias)


def _field(node: Name, checking: Checking, level: int) -> Node:
    owner = checking.frames[level].object
    info = checking.field(owner, node.name, node.span)
    if info is None:
        raise _unknown(node.name, owner, node, checking)
    return replace(node, level=level, object=owner, type=info.type, computed=info.computed)


def _unknown(wanted: str, owner: str, node: Node, checking: Checking) -> RuleError:
    known = checking.scope.fields(owner) or {}
    near = nearest(wanted, known) or limits.misspelt(wanted)
    message = f"{owner} has no field '{wanted}'."
    outer = _outer_owner(wanted, owner, checking)
    if outer and not isinstance(node, Member):
        message += f" {outer.object} has: give the element a name, as in `any(list as x where …)`, to reach it."
    elif not near:
        message += f" It has {', '.join(sorted(known)[:12])}{'…' if len(known) > 12 else ''}."  # noqa: PLR2004
    return RuleError(message, node.span, expected=f"a field of {owner}", found=wanted, suggestion=near)


def _outer_owner(wanted: str, owner: str, checking: Checking) -> Frame | None:
    for frame in checking.frames[:-1]:
        if frame.object and frame.object != owner and wanted in (checking.scope.fields(frame.object) or {}):
            return frame
    return None
