"""Rules simple enough to be built from rows of field, operator and value, and the way back to their text."""

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from typing import Literal as OneOf
from typing import cast

from crm_app.fields.rule_type import RuleType, ref
from crm_app.rules.caret import path_type
from crm_app.rules.checking import Frame
from crm_app.rules.condition_operators import ANY_CASE
from crm_app.rules.condition_values import node_of, plain
from crm_app.rules.errors import RuleError
from crm_app.rules.printer import print_rule
from crm_app.rules.rule import Rule
from crm_app.rules.scope import Scope
from crm_app.rules.tree import (
    COMPARISONS,
    TEXT_TESTS,
    Between,
    Call,
    Comparison,
    Emptiness,
    ListOf,
    Literal,
    Logic,
    Member,
    Membership,
    Name,
    Node,
    Not,
    TextTest,
    logic,
)

MAX_DEPTH = 4
MAX_ROWS = 100
_PATH = re.compile(r"[A-Za-z_][A-Za-z0-9_]*(\.[A-Za-z_][A-Za-z0-9_]*){0,5}")
_NO_VALUE = ("is empty", "is not empty", "is true", "is false")


@dataclass(frozen=True)
class Row:
    """`field` may be a path; `operator` is the language's, or `is true` and `is false` of a yes-or-no field, or a test
    of text with ` in any case`. `values` are typed as in an input: an option's name, `50000 EUR`, `2026-01-31`.
    """

    field: str
    operator: str
    values: tuple[str, ...] = ()


@dataclass(frozen=True)
class Group:
    join: OneOf["and", "or"]
    items: tuple["Row | Group", ...] = ()


def group_of(rule: Rule, scope: Scope) -> Group | None:
    """The rows that say exactly this rule; `None` where it says more than rows can."""
    found = _item(rule.tree, 0)
    group = Group("and", (found,)) if isinstance(found, Row) else found
    try:
        return group if group is not None and text_of(group, rule.object, scope) == rule.text else None
    except RuleError:
        return None


def text_of(group: Group, object: str, scope: Scope) -> str:  # noqa: A002 - the product's word
    """Rows that are not filled in yet are left out; empty where none is. Refuses with `RuleError`."""
    tree = _Builder(object, scope).node(group, 0)
    return "" if tree is None else print_rule(tree)


def _item(node: Node, depth: int) -> Row | Group | None:
    if not isinstance(node, Logic):
        return _row(node)
    items = [_item(term, depth + 1) for term in node.terms]
    found = tuple(item for item in items if item is not None)
    is_whole = len(found) == len(items) and depth < MAX_DEPTH
    return Group("and" if node.operator == "and" else "or", found) if is_whole else None


def _row(node: Node) -> Row | None:
    match node:
        case Name() | Member():
            return _made(node, "is true")
        case Not(operand=Name() | Member() as operand):
            return _made(operand, "is false")
        case Comparison(operator=operator, left=left, right=right):
            return _made(left, operator, right)
        case _:
            return _text_row(node) if isinstance(node, TextTest) else _test_row(node)


def _test_row(node: Node) -> Row | None:
    match node:
        case Membership(operand=operand, items=ListOf(items=items)) if items:
            return _made(operand, f"{'not ' * node.is_negated}in", *items)
        case Between(operand=operand, low=low, high=high):
            return _made(operand, f"{'not ' * node.is_negated}between", low, high)
        case Emptiness(operand=operand):
            return _made(operand, f"is {'not ' * node.is_negated}empty")
        case _:
            return None


def _text_row(node: TextTest) -> Row | None:
    left, right = node.left, node.right
    operator = f"{'not ' * node.is_negated}{node.operator}"
    if isinstance(left, Call) and left.name == "lower" and isinstance(right, Literal):
        is_lower = isinstance(right.value, str) and right.value == right.value.lower()
        return _made(left.arguments[0], operator + ANY_CASE, right) if is_lower else None
    return _made(left, operator, right)


def _made(field: Node, operator: str, *values: Node) -> Row | None:
    texts = [plain(value) for value in values]
    path = _path_of(field)
    return Row(path, operator, tuple(text for text in texts if text)) if path and all(texts) else None


def _path_of(node: Node) -> str:
    match node:
        case Name(root="record", alias="", level=0, name=name):
            return name
        case Member(base=base, name=name) if start := _path_of(base):
            return f"{start}.{name}"
        case _:
            return ""


@dataclass(frozen=True)
class _Builder:
    object: str
    scope: Scope

    def node(self, item: Row | Group, depth: int) -> Node | None:
        if isinstance(item, Row):
            return self._of_row(item)
        if depth > MAX_DEPTH or len(item.items) > MAX_ROWS:
            raise RuleError(f"Conditions nest at most {MAX_DEPTH} deep, {MAX_ROWS} in a group.", (0, 0))
        terms = [term for each in item.items if (term := self.node(each, depth + 1)) is not None]
        return logic(item.join, terms) if terms else None

    def _of_row(self, row: Row) -> Node | None:
        if not row.field or not row.operator or (row.operator not in _NO_VALUE and not _is_filled(row)):
            return None
        of = self._type(row.field)
        first, *hops = row.field.split(".")
        path: Node = Name(name=first)
        for hop in hops:
            path = Member(base=path, name=hop)
        make = next((make for operators, make in _MAKERS.items() if row.operator in operators), None)
        if make is None:
            raise RuleError(f"There is no comparison '{row.operator[:40]}'.", (0, 0))
        return make(path, row.operator, [node_of(of, value) for value in row.values])

    def _type(self, field: str) -> RuleType:
        frames = (Frame(self.object, "", ref(self.object)),)
        found = path_type(field.split("."), frames, self.scope, {}) if _PATH.fullmatch(field) else None
        if found is None:
            raise RuleError(f"There is no field '{field[:100]}' to compare.", (0, 0))
        return found.item if found.item is not None else found


def _is_filled(row: Row) -> bool:
    wanted = 2 if row.operator.endswith("between") else 1
    return len(row.values) >= wanted and all(value.strip() for value in row.values)


def _alone(path: Node, operator: str, _values: list[Node]) -> Node:
    match operator:
        case "is true":
            return path
        case "is false":
            return Not(operand=path)
        case _:
            return Emptiness(operand=path, is_negated=operator == "is not empty")


def _compared(path: Node, operator: str, values: list[Node]) -> Node:
    return Comparison(operator=operator, left=path, right=values[0])


def _tested(path: Node, operator: str, values: list[Node]) -> Node:
    bare = operator.removesuffix(ANY_CASE)
    right, left = values[0], path
    if bare != operator:
        left = Call(name="lower", arguments=(path,))
        if isinstance(right, Literal) and isinstance(right.value, str):
            right = replace(right, value=right.value.lower())
    return TextTest(operator=bare.removeprefix("not "), left=left, right=right, is_negated=bare.startswith("not "))


def _among(path: Node, operator: str, values: list[Node]) -> Node:
    return Membership(operand=path, items=ListOf(items=tuple(values)), is_negated=operator == "not in")


def _between(path: Node, operator: str, values: list[Node]) -> Node:
    return Between(operand=path, low=values[0], high=values[1], is_negated=operator == "not between")


_NEGATED_TESTS = tuple(f"{word}{test}" for word in ("", "not ") for test in TEXT_TESTS)
_MAKERS: Mapping[tuple[str, ...], Callable[[Node, str, list[Node]], Node]] = {
    _NO_VALUE: _alone,
    COMPARISONS: _compared,
    (*_NEGATED_TESTS, *(f"{test}{ANY_CASE}" for test in _NEGATED_TESTS)): _tested,
    ("in", "not in"): _among,
    ("between", "not between"): _between,
}


def group_from(raw: object) -> Group:
    """Of JSON that a browser sent: nothing in it is believed."""
    item = _read(raw, 0)
    return item if isinstance(item, Group) else Group("and", (item,))


def _read(raw: object, depth: int) -> Row | Group:
    if not isinstance(raw, dict) or depth > MAX_DEPTH:
        raise RuleError("These are no conditions.", (0, 0))
    found = cast("dict[str, object]", raw)
    items = found.get("items")
    if isinstance(items, list):
        each = cast("list[object]", items)[: MAX_ROWS + 1]
        return Group("or" if found.get("join") == "or" else "and", tuple(_read(item, depth + 1) for item in each))
    values = found.get("values")
    texts = cast("list[object]", values) if isinstance(values, list) else []
    return Row(
        str(found.get("field") or ""),
        str(found.get("operator") or ""),
        tuple(value for value in texts[:MAX_ROWS] if isinstance(value, str)),
    )
