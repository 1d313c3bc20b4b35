"""Where values come from: bound parameters, columns, and subqueries for what is a hop away."""

from datetime import UTC
from typing import Any

from sqlalchemy import ColumnElement, FromClause, cast, null, select
from sqlalchemy.dialects.postgresql import ARRAY

from crm_app.fields.compound import Compound
from crm_app.rules.tree import Context, Literal, Member, Name, Node, Part
from crm_app.storage.rule_sql_emitter import CURRENCY_SUFFIX, Emitter
from crm_app.storage.rule_sql_values import Element, MoneySql, Sql, array_of, bind, microseconds, plain, sql_type


def literal(_emitter: Emitter, node: Literal) -> Sql:
    return bind(node.value, node.type)


def context(emitter: Emitter, node: Context) -> Sql:
    inputs = emitter.inputs
    values: dict[str, Any] = {"me": inputs.me, "now": inputs.now.astimezone(UTC), "today": inputs.today}
    return bind(values[node.name], node.type)


def name(emitter: Emitter, node: Name) -> Sql:
    if node.root == "old" and node.computed is not None:
        return emitter.emit(node.computed.tree)
    match node.root:
        case "record":
            return _field(emitter, emitter.table(node.level), node)
        case "element":
            return _element(emitter, node)
        case _:
            return _given(emitter, node)


def _element(emitter: Emitter, node: Name) -> Sql:
    source = emitter.sources[node.level]
    if isinstance(source, (MoneySql, ColumnElement)):
        return source
    return emitter.columns.column(source, "id")


def _given(emitter: Emitter, node: Name) -> Sql:
    inputs = emitter.inputs
    origin = {"old": inputs.old, "vars": inputs.variables, "steps": inputs.steps.get(node.step)}[node.root]
    value = None if origin is None else origin.get(node.name)
    item = node.type.item
    if item is None:
        return bind(value, node.type)
    if value is None:
        return cast(null(), ARRAY(sql_type(item)))
    return array_of([plain(bind(each, item)) for each in value], item)


def _field(emitter: Emitter, source: FromClause, node: Name | Member) -> Sql:
    if node.computed is not None:
        return emitter.about(source).emit(node.computed.tree)
    kind = node.type.kind
    if kind == "ref" and node.name != "id":
        return emitter.columns.pointed(node.object, node.name, source)
    column = emitter.columns.column(source, node.name)
    if kind == "money":
        return MoneySql(column, (emitter.columns.column(source, node.name + CURRENCY_SUFFIX),))
    return microseconds(column) if kind == "duration" else column


def stored_id(emitter: Emitter, node: Node) -> Element | None:
    """What a relation of a record at hand holds, for a query that asks on its own whether the reader sees it."""
    if not isinstance(node, Name) or node.root != "record" or node.type.kind != "ref":
        return None
    return emitter.columns.column(emitter.table(node.level), node.name)


def member(emitter: Emitter, node: Member) -> Sql:
    """A correlated subquery, null through an empty relation and to what the reader may not see."""
    source, is_there = hop(emitter, node)
    value = _field(emitter, source, node)

    def read(element: Element) -> Element:
        query = select(element).select_from(source).where(is_there)
        return query.correlate_except(source).scalar_subquery()

    if isinstance(value, MoneySql):
        return MoneySql(read(value.amount), (read(plain(value.currency())),))
    return read(value)


def hop(emitter: Emitter, node: Member) -> tuple[FromClause, ColumnElement[bool]]:
    """The record that the base points at, if the reader sees it."""
    source = emitter.columns.source(node.object)
    held = stored_id(emitter, node.base)
    is_it = emitter.columns.column(source, "id") == (emitter.plain(node.base) if held is None else held)
    return source, is_it & emitter.columns.visible(node.object, source)


def part(emitter: Emitter, node: Part) -> Sql:
    """A column beside that of the field."""
    base = node.base
    if isinstance(base, Member):
        source, is_there = hop(emitter, base)
        query = (
            select(emitter.columns.column(source, f"{base.name}__{node.stored}")).select_from(source).where(is_there)
        )
        return query.correlate_except(source).scalar_subquery()
    if isinstance(base, Name) and base.root == "record":
        return emitter.columns.column(emitter.table(base.level), f"{base.name}__{node.stored}")
    old = emitter.inputs.old or {}
    value = old.get(base.name) if isinstance(base, Name) and base.root == "old" else None
    return bind(value.parts.get(node.stored) if isinstance(value, Compound) else None, node.type)
