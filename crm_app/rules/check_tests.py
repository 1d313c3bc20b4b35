"""Constructs that are true, false or unknown."""

from dataclasses import replace

from crm_app.fields.rule_type import BOOL, TEXT, RuleType, list_of
from crm_app.rules.checking import Checking, require, strict
from crm_app.rules.coercion import TEXTS, comparable, fit, fitted, is_null, mismatch, refuse_currencies
from crm_app.rules.errors import RuleError
from crm_app.rules.printer import print_rule
from crm_app.rules.tree import (
    Between,
    Comparison,
    Emptiness,
    ListOf,
    Literal,
    Logic,
    Membership,
    Node,
    Not,
    TextTest,
)

_UNORDERED = {"bool": "true and false", "enum": "options", "ref": "records", "list": "lists", "json": "JSON"}


def conjunction(node: Logic, checking: Checking) -> Node:
    terms = tuple(checking.condition(term) for term in node.terms)
    return replace(node, terms=terms, type=strict(BOOL, *terms))


def negation(node: Not, checking: Checking) -> Node:
    operand = checking.condition(node.operand)
    return replace(node, operand=operand, type=strict(BOOL, operand))


def comparison(node: Comparison, checking: Checking) -> Node:
    _refuse_null(node)
    left, right = fitted(checking.typed(node.left), checking.typed(node.right))
    if left.type.kind in {"list", "json", "null"}:
        raise RuleError(f"Values of type {left.type} don't compare.", node.span, found=str(left.type))
    if node.operator not in {"=", "!="}:
        refuse_unordered(left)
        refuse_unordered(right)
    refuse_currencies(left, right, node.span)
    return replace(node, left=left, right=right, type=strict(BOOL, left, right))


def _refuse_null(node: Comparison) -> None:
    if not (is_null(node.left) or is_null(node.right)):
        return
    other = node.left if is_null(node.right) else node.right
    test = {"=": "is empty", "!=": "is not empty"}.get(node.operator, "")
    raise RuleError(
        "A comparison with null is always unknown.",
        node.span,
        found="null",
        suggestion=f"{print_rule(other)} {test}" if test and not is_null(other) else "",
    )


def refuse_unordered(node: Node) -> None:
    """Options have no order here: `in` names the ones meant."""
    if node.type.kind in _UNORDERED:
        noun = _UNORDERED[node.type.kind]
        raise RuleError(f"There is no order among {noun}.", node.span, found=str(node.type))


def between(node: Between, checking: Checking) -> Node:
    parts = [checking.typed(part) for part in (node.operand, node.low, node.high)]
    _refuse_nulls(parts)
    operand, low = fitted(parts[0], parts[1])
    operand, high = fitted(operand, parts[2])
    for part in (operand, low, high):
        refuse_unordered(part)
    refuse_currencies(operand, low, node.span)
    refuse_currencies(operand, high, node.span)
    refuse_currencies(low, high, node.span)
    return replace(node, operand=operand, low=low, high=high, type=strict(BOOL, operand, low, high))


def _refuse_nulls(nodes: list[Node]) -> None:
    for node in nodes:
        if is_null(node):
            raise RuleError("Null can't stand here; ask `is empty`.", node.span, found="null")


def membership(node: Membership, checking: Checking) -> Node:
    operand = checking.typed(node.operand)
    _refuse_nulls([operand])
    items = _literal_items(node.items, operand, checking) or checking.typed(node.items)
    item = items.type.item
    if items.type.kind != "list" or item is None:
        expected = list_of(operand.type)
        found = print_rule(items)
        raise RuleError(
            f"`in` needs a list, but `{found}` is {items.type}.",
            items.span,
            expected=str(expected),
            found=str(items.type),
            suggestion=f"[{found}]" if isinstance(items, Literal) else "",
        )
    operand = fit(operand, item)
    if item.kind != "null" and not comparable(item, operand.type):
        raise mismatch(item, operand, of=items)
    return replace(node, operand=operand, items=items, type=BOOL)


def _literal_items(node: Node, operand: Node, checking: Checking) -> Node | None:
    """A written list takes its type from what is looked for, so that texts in it may be options or ids."""
    if not isinstance(node, ListOf):
        return None
    items: list[Node] = []
    for each in node.items:
        item = checking.typed(each)
        _refuse_nulls([item])
        operand, fitted_item = fitted(operand, item)
        refuse_currencies(operand, fitted_item, fitted_item.span)
        items.append(fitted_item)
    return replace(node, items=tuple(items), type=list_of(operand.type).required())


def text_test(node: TextTest, checking: Checking) -> Node:
    left, right = checking.typed(node.left), checking.typed(node.right)
    _refuse_nulls([left, right])
    if node.operator == "contains" and left.type.kind == "list" and left.type.item is not None:
        return _element_test(node, left, right, left.type.item)
    if left.type.kind not in TEXTS:
        raise mismatch(TEXT, left)
    return replace(node, left=left, right=require(right, TEXT), type=strict(BOOL, left, right))


def _element_test(node: TextTest, left: Node, right: Node, item: RuleType) -> Node:
    right = fit(right, item)
    if not comparable(item, right.type):
        raise mismatch(item, right)
    return replace(node, left=left, right=right, type=BOOL)


def emptiness(node: Emptiness, checking: Checking) -> Node:
    return replace(node, operand=checking.typed(node.operand), type=BOOL.required())
