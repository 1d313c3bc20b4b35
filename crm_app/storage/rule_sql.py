"""A rule as a PostgreSQL expression: the same answer as its Python form for every record."""

from collections.abc import Callable, Mapping
from types import MappingProxyType
from typing import Any

from sqlalchemy import ColumnElement

from crm_app.fields.rule_type import TEXT
from crm_app.rules import tree
from crm_app.rules.inputs import Inputs
from crm_app.rules.tree import Node
from crm_app.storage import (
    rule_sql_arithmetic,
    rule_sql_functions,
    rule_sql_lists,
    rule_sql_names,
    rule_sql_quantifiers,
    rule_sql_tests,
)
from crm_app.storage.rule_sql_emitter import Columns, Emitter
from crm_app.storage.rule_sql_values import Element, MoneySql, Sql, as_result, grouped, money

Beside = Mapping[Node, Sql]
NOTHING: Beside = MappingProxyType({})

_EMITTERS: dict[type[Node], Callable[[Emitter, Any], Sql]] = {
    tree.Literal: rule_sql_names.literal,
    tree.Context: rule_sql_names.context,
    tree.Name: rule_sql_names.name,
    tree.Member: rule_sql_names.member,
    tree.Part: rule_sql_names.part,
    tree.Logic: rule_sql_tests.conjunction,
    tree.Not: rule_sql_tests.negation,
    tree.Comparison: rule_sql_tests.comparison,
    tree.Between: rule_sql_tests.between,
    tree.TextTest: rule_sql_lists.text_test,
    tree.Membership: rule_sql_lists.membership,
    tree.Emptiness: rule_sql_lists.emptiness,
    tree.ListOf: rule_sql_lists.listed,
    tree.Quantifier: rule_sql_quantifiers.quantifier,
    tree.Negative: rule_sql_arithmetic.negative,
    tree.Arithmetic: rule_sql_arithmetic.arithmetic,
    tree.If: rule_sql_tests.choice,
    tree.Call: rule_sql_functions.call,
    tree.Kept: rule_sql_lists.kept,
    tree.Decision: rule_sql_tests.decision,
}
_WHERES: dict[type[Node], Callable[[Emitter, Any], ColumnElement[bool]]] = {
    tree.Logic: rule_sql_tests.where_conjunction,
    tree.Comparison: rule_sql_tests.where_comparison,
    tree.Quantifier: rule_sql_quantifiers.where_quantifier,
    tree.TextTest: rule_sql_lists.where_text_test,
}

_LEAVES = (
    tree.Literal,
    tree.Context,
    tree.Name,
    tree.Member,
    tree.Part,
    tree.Call,
    tree.Quantifier,
    tree.If,
    tree.ListOf,
)


def to_sql(node: Node, columns: Columns, inputs: Inputs | None = None, beside: Beside = NOTHING) -> ColumnElement[Any]:
    """The value of the expression. `inputs` gives `me`, `now`, `today`, `old`, `vars` and `steps`, each
    bound as a parameter. Money comes as its amount, null where currencies clash; `money_to_sql` gives
    both parts. `beside` has what the query around the rule has worked out of it already.
    """
    return as_result(emitter_of(columns, inputs, beside).plain(node), node.type)


def money_to_sql(
    node: Node, columns: Columns, inputs: Inputs | None = None, beside: Beside = NOTHING
) -> tuple[Element, Element]:
    """Amount and currency. There is no money where either is null."""
    value = money(emitter_of(columns, inputs, beside).emit(node))
    return as_result(value.guarded(), node.type), as_result(value.currency(), TEXT)


def to_where(
    node: Node, columns: Columns, inputs: Inputs | None = None, beside: Beside = NOTHING
) -> ColumnElement[bool]:
    """The same for a WHERE, where unknown and false are one: what indexes can serve is left plain."""
    return emitter_of(columns, inputs, beside).where(node)


def emitter_of(columns: Columns, inputs: Inputs | None, beside: Beside = NOTHING) -> Emitter:
    return Emitter(columns, inputs, (columns.root,), _emit, _emit_where, beside)


def _emit(emitter: Emitter, node: Node) -> Sql:
    value = _EMITTERS[type(node)](emitter, node)
    return value if isinstance(value, MoneySql) or isinstance(node, _LEAVES) else grouped(value)


def _emit_where(emitter: Emitter, node: Node) -> ColumnElement[bool]:
    special = _WHERES.get(type(node))
    return emitter.plain(node) if special is None else special(emitter, node)
