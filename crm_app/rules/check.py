"""From text to a checked rule: every name resolved, every type fits, every limit holds."""

from collections.abc import Callable, Mapping
from types import MappingProxyType
from typing import Any

from crm_app.fields.rule_type import BOOL, RuleType, ref
from crm_app.rules import check_calls, check_names, check_tests, check_values, limits, tree
from crm_app.rules.checking import Checking, Frame, require
from crm_app.rules.errors import RuleError
from crm_app.rules.grammar import parse
from crm_app.rules.printer import print_rule
from crm_app.rules.rule import Rule, dependencies
from crm_app.rules.scope import Scope
from crm_app.rules.tree import Node

NO_VARIABLES: Mapping[str, RuleType] = MappingProxyType({})

_CHECKS: dict[type[Node], Callable[[Any, Checking], Node]] = {
    tree.Literal: check_names.literal,
    tree.Context: check_names.context,
    tree.Name: check_names.name,
    tree.Member: check_names.member,
    tree.Part: check_names.part,
    tree.Logic: check_tests.conjunction,
    tree.Not: check_tests.negation,
    tree.Comparison: check_tests.comparison,
    tree.TextTest: check_tests.text_test,
    tree.Membership: check_tests.membership,
    tree.Between: check_tests.between,
    tree.Emptiness: check_tests.emptiness,
    tree.Negative: check_values.negative,
    tree.Arithmetic: check_values.arithmetic,
    tree.If: check_values.choice,
    tree.ListOf: check_values.listed,
    tree.Call: check_calls.call,
    tree.Quantifier: check_calls.quantifier,
    tree.Kept: check_values.kept,
}


def check(
    text: str,
    object: str,  # noqa: A002 - the product's word
    scope: Scope,
    *,
    expect: RuleType | None = BOOL,
    variables: Mapping[str, RuleType] = NO_VARIABLES,
) -> Rule:
    """Refuses with `RuleError`. `variables` types `vars.total` under `total` and `steps.ID.name` under
    `steps.ID.name`.
    """
    return check_tree(parse(text), object, scope, expect=expect, variables=variables, text=text)


def check_tree(
    untyped: Node,
    object: str,  # noqa: A002 - the product's word
    scope: Scope,
    *,
    expect: RuleType | None = BOOL,
    variables: Mapping[str, RuleType] = NO_VARIABLES,
    text: str = "",
) -> Rule:
    """The same for a tree made without text; the spans of a refusal then say nothing."""
    checking = Checking(scope, variables, (Frame(object, "", ref(object)),), _visit)
    try:
        typed = _typed(untyped, checking, expect)
        written = print_rule(typed)
        limits.measure_text(written)
    except RuleError as error:
        raise error.about(text) from None
    return Rule(
        text=written,
        tree=typed,
        type=typed.type,
        dependencies=dependencies(typed, frozenset(checking.inverses)),
        object=object,
    )


def typed_tree(untyped: Node, object: str, scope: Scope) -> Node:  # noqa: A002 - the product's word
    """A condition made without text, for a filter that nobody keeps or reads: neither printed nor explained."""
    return _typed(untyped, Checking(scope, NO_VARIABLES, (Frame(object, "", ref(object)),), _visit), BOOL)


def _typed(untyped: Node, checking: Checking, expect: RuleType | None) -> Node:
    limits.measure(untyped)
    typed = checking.typed(untyped)
    typed = typed if expect is None else require(typed, expect)
    limits.measure_typed(typed)
    return typed


def _visit(node: Node, checking: Checking) -> Node:
    return _CHECKS[type(node)](node, checking)
