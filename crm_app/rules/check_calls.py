"""Calls of functions, and quantifiers over lists."""

from dataclasses import replace

from crm_app.fields.rule_type import BOOL, DECIMAL, INT, RuleType
from crm_app.rules.check_decisions import DECISION, decision
from crm_app.rules.checking import Checking, Frame, require
from crm_app.rules.coercion import NUMBERS, fit, is_null, mismatch, suggestion, unified
from crm_app.rules.errors import RuleError, nearest
from crm_app.rules.function import Parameter, RuleFunction, Written
from crm_app.rules.library import FUNCTIONS
from crm_app.rules.printer import print_rule
from crm_app.rules.tree import QUANTIFIERS, UNTYPED, Call, Literal, Member, Name, Node, Quantifier, is_related

_SUMMED = (*NUMBERS, "money", "duration")
_ORDERED = (*_SUMMED, "text", "date", "datetime", "time")


def call(node: Call, checking: Checking) -> Node:
    if node.name == DECISION:
        return decision(node, checking)
    function = FUNCTIONS.find(node.name)
    if function is None:
        near = nearest(node.name, (*FUNCTIONS.names(), *QUANTIFIERS, DECISION))
        raise RuleError(f"There is no function '{node.name}'.", node.span, found=node.name, suggestion=near)
    _count(function, node)
    arguments = [checking.typed(argument) for argument in node.arguments]
    typed = arguments
    if function.repeats:
        arguments, typed = _alike(arguments)
    for position, argument in enumerate(arguments):
        _refuse(function.parameters[min(position, len(function.parameters) - 1)], argument, function)
    result = function.result(tuple(typed))
    nullable = not function.takes_null and any(each.type.nullable for each in arguments)
    return replace(node, arguments=tuple(arguments), type=replace(result, nullable=True) if nullable else result)


def _count(function: RuleFunction, node: Call) -> None:
    fewest = sum(1 for part in function.parameters if not part.is_optional)
    most = len(node.arguments) if function.repeats else len(function.parameters)
    if not fewest <= len(node.arguments) <= most:
        raise RuleError(
            f"`{function.signature}` can't take {len(node.arguments)} values.",
            node.span,
            expected=function.signature,
        )


def _alike(arguments: list[Node]) -> tuple[list[Node], list[Node]]:
    """The arguments fitted to their common type, and the same as if each were of it, null or not as it is."""
    common = UNTYPED
    for argument in arguments:
        merged = unified(common, fit(argument, common).type)
        if merged is None:
            raise mismatch(common, argument, of=arguments[0])
        common = merged
    fitted = [fit(argument, common) for argument in arguments]
    return fitted, [replace(each, type=replace(common, nullable=each.type.nullable)) for each in fitted]


def _refuse(parameter: Parameter, argument: Node, function: RuleFunction) -> None:
    if parameter.is_field and not _is_own_field(argument):
        message = f"`{function.signature}` takes a field of the record itself."
        raise RuleError(message, argument.span, expected="a field", found=print_rule(argument))
    if parameter.parts and not _has_parts(argument, parameter):
        wanted = f"a field with {' and '.join(parameter.parts)}"
        message = f"`{function.signature}` takes fields that are locations, and `{print_rule(argument)}` is none."
        raise RuleError(message, argument.span, expected=wanted, found=str(argument.type))
    if parameter.written is not None:
        _refuse_unwritten(parameter.name, parameter.written, argument)
    elif not _takes(parameter, argument) and not (function.takes_null and is_null(argument)):
        raise RuleError(
            f"`{function.signature}` takes {parameter.accepted}, but `{print_rule(argument)}` is {argument.type}.",
            argument.span,
            expected=parameter.accepted,
            found=str(argument.type),
            suggestion=_instead(parameter, argument),
        )


def _is_own_field(argument: Node) -> bool:
    return isinstance(argument, Name) and argument.root == "record" and argument.level == 0


def _has_parts(argument: Node, parameter: Parameter) -> bool:
    known = {part.name for part in argument.type.parts}
    return isinstance(argument, (Name, Member)) and known.issuperset(parameter.parts)


def _takes(parameter: Parameter, argument: Node) -> bool:
    item = argument.type.item
    if argument.type.kind == "list" and item is not None:
        return item.kind in parameter.items or (item.kind == "null" and bool(parameter.items))
    return argument.type.kind in parameter.kinds


def _instead(parameter: Parameter, argument: Node) -> str:
    if is_related(argument):
        return f"count({print_rule(argument)})" if "text" in parameter.kinds else ""
    return suggestion(RuleType(parameter.kinds[0]), argument) if parameter.kinds else ""


def _refuse_unwritten(name: str, written: Written, argument: Node) -> None:
    value = argument.value if isinstance(argument, Literal) and argument.type.kind == written.kind else None
    if value is None:
        found = f"`{name}` is {written.allowed}, written out."
        raise RuleError(found, argument.span, expected=written.allowed)
    if reason := written.refusal(value):
        found = f"`{name}` can't be `{print_rule(argument)}`: {reason}."
        raise RuleError(found, argument.span, expected=written.allowed)


def quantifier(node: Quantifier, checking: Checking) -> Node:
    source = checking.typed(node.source)
    item = source.type.item
    if source.type.kind != "list" or item is None or item.kind == "null":
        raise RuleError(
            f"`{node.name}` goes over a list, but `{print_rule(source)}` is {source.type}.",
            source.span,
            expected="a list",
            found=str(source.type),
        )
    if item.kind == "ref" and not is_related(source):
        raise RuleError("Records are gone over through a field that holds them.", source.span, found="list")
    inner = checking.inside(_frame(node, item, checking))
    where = inner.condition(node.where) if node.where is not None else None
    body = inner.typed(node.body) if node.body is not None else None
    checked = replace(node, source=source, where=where, body=body, level=len(checking.frames))
    return _concluded(checked, item)


def _frame(node: Quantifier, item: RuleType, checking: Checking) -> Frame:
    if any(frame.alias == node.alias != "" for frame in checking.frames):
        raise RuleError(f"'{node.alias}' already names another element.", node.span, found=node.alias)
    is_record = item.kind == "ref"
    if not is_record and not node.alias and (node.where is not None or node.body is not None):
        shown = node.source.name if isinstance(node.source, Name) else "list"
        hint = f"{node.name}({shown} as x: x = …)"
        raise RuleError("The elements are values: give each a name.", node.span, suggestion=hint)
    return Frame(item.object if is_record else "", node.alias or ("" if is_record else " "), item)


def _concluded(node: Quantifier, item: RuleType) -> Node:
    """Checks the part after the colon and gives the result's type."""
    if node.name in {"any", "all"}:
        return _tested(node)
    if node.name == "count":
        if node.body is not None:
            raise RuleError("`count` counts elements: say which after `where`.", node.body.span)
        return replace(node, type=INT.required())
    return _summed(node, item)


def _tested(node: Quantifier) -> Node:
    if node.body is not None:
        body = require(node.body, BOOL)
        return replace(node, body=body, type=replace(BOOL, nullable=body.type.nullable))
    if node.name == "all":
        shown = print_rule(node.where) if node.where is not None else "…"
        hint = f"all({print_rule(node.source)}: {shown})"
        raise RuleError("`all` needs what must hold of each element, after a colon.", node.span, suggestion=hint)
    return replace(node, type=BOOL.required())


def _summed(node: Quantifier, item: RuleType) -> Node:
    found = node.body.type if node.body is not None else item
    allowed = _ORDERED if node.name in {"min", "max"} else _SUMMED
    if found.kind not in allowed:
        what = print_rule(node.body) if node.body is not None else "an element"
        raise RuleError(
            f"`{node.name}` needs {', '.join(allowed)}, but {what} is {found}.",
            (node.body or node).span,
            expected=" or ".join(allowed),
            found=str(found),
            suggestion=f"{node.name}({print_rule(node.source)}: field)" if node.body is None else "",
        )
    result = DECIMAL if node.name == "avg" and found.kind in NUMBERS else found
    is_known = node.name == "sum" and found.kind in NUMBERS
    return replace(node, type=replace(result, nullable=not is_known))
