"""Choosing between values."""

from collections.abc import Callable
from dataclasses import replace

from sqlalchemy import case, func

from crm_app.fields.rule_type import list_of
from crm_app.rules.tree import Call, ListOf, Quantifier
from crm_app.storage.rule_sql_emitter import Emitter, Make
from crm_app.storage.rule_sql_values import Element, MoneySql, Sql, by_code_point, money


def _coalesce(emitter: Emitter, node: Call) -> Sql:
    values = [emitter.emit(argument) for argument in node.arguments]
    if not isinstance(values[0], MoneySql):
        return func.coalesce(*values)
    amounts = [money(value) for value in values]
    currency = case(*((each.guarded().is_not(None), each.currency()) for each in amounts))
    return MoneySql(func.coalesce(*(each.guarded() for each in amounts)), (currency,))


def _extreme(function: Callable[..., Element]) -> Make:
    """Of amounts that of the list of them, which knows about currencies."""

    def make(emitter: Emitter, node: Call) -> Sql:
        if node.type.kind == "money":
            amounts = ListOf(items=node.arguments, type=list_of(replace(node.type, currency="")))
            return emitter.emit(Quantifier(name=node.name, source=amounts, type=node.type, level=len(emitter.sources)))
        values = [emitter.plain(argument) for argument in node.arguments]
        if node.type.kind == "text":
            values = [by_code_point(value) for value in values]
        return function(*values)

    return make


SQL: dict[str, Make] = {
    "coalesce": _coalesce,
    "min": _extreme(func.least),
    "max": _extreme(func.greatest),
}
