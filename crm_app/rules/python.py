"""A rule as a Python function: compiled once from its tree into closures, nothing is ever generated or
evaluated.
"""

from collections.abc import Callable
from typing import Any

from crm_app.rules import python_lists, python_names, python_tests, python_values, tree
from crm_app.rules.closures import Build, Closure, Reach
from crm_app.rules.inputs import Inputs
from crm_app.rules.rule import Rule
from crm_app.rules.tree import Node

_BUILDERS: dict[type[Node], Callable[[Any, Build], Closure]] = {
    tree.Literal: python_names.literal,
    tree.Context: python_names.context,
    tree.Name: python_names.name,
    tree.Member: python_names.member,
    tree.Part: python_names.part,
    tree.Logic: python_tests.conjunction,
    tree.Not: python_tests.negation,
    tree.Comparison: python_tests.comparison,
    tree.Between: python_tests.between,
    tree.TextTest: python_lists.text_test,
    tree.Membership: python_lists.membership,
    tree.Emptiness: python_lists.emptiness,
    tree.ListOf: python_lists.listed,
    tree.Quantifier: python_lists.quantifier,
    tree.Negative: python_values.negative,
    tree.Arithmetic: python_values.arithmetic,
    tree.If: python_values.choice,
    tree.Call: python_values.call,
    tree.Kept: python_lists.kept,
    tree.Decision: python_values.decision,
}


def compile_rule(rule: Rule | Node) -> Callable[[Inputs], Any]:
    """Takes a checked rule or its tree (from JSON, say). The function gives null for unknown and does not
    raise on values of the fields' types.
    """
    compiled = closure_of(rule.tree if isinstance(rule, Rule) else rule)
    return lambda inputs: compiled(Reach(inputs, (inputs.record,)))


def closure_of(node: Node) -> Closure:
    """A part of a rule, to be asked within the elements around it."""
    return _BUILDERS[type(node)](node, closure_of)
