"""The functions of the rule language in SQL. A test holds this table and the library's equal."""

from collections.abc import Callable
from typing import Any

from sqlalchemy import DateTime, Integer, Numeric, Text, case, cast, collate, extract, func, literal

from crm_app.rules.functions.texts import BLANK
from crm_app.rules.tree import Call, Literal, Node
from crm_app.storage.rule_sql_emitter import Emitter
from crm_app.storage.rule_sql_values import Element, MoneySql, Sql, by_code_point, money, numeric, within

# Full Unicode case mapping, as Python has it. Built into PostgreSQL 18; the guide says what to create on older ones.
CASE_COLLATION = "pg_unicode_fast"
_BEFORE = "TIMESTAMP '0001-12-31 23:59:59.999999 BC'"
_AFTER = "TIMESTAMP '10000-01-01'"
Make = Callable[[Emitter, Call], Sql]


def call(emitter: Emitter, node: Call) -> Sql:
    return SQL[node.name](emitter, node)


def _cased(function: Callable[[Element], Element]) -> Make:
    def make(emitter: Emitter, node: Call) -> Sql:
        text = emitter.plain(node.arguments[0])
        return by_code_point(function(collate(text, CASE_COLLATION)))

    return make


def _trim(emitter: Emitter, node: Call) -> Sql:
    return func.btrim(emitter.plain(node.arguments[0]), literal(BLANK, Text()), type_=Text())


def _length(emitter: Emitter, node: Call) -> Sql:
    return func.char_length(emitter.plain(node.arguments[0]), type_=Integer())


def _over_amount(function: Callable[[Element, Call], Element]) -> Make:
    """Money keeps its currency."""

    def make(emitter: Emitter, node: Call) -> Sql:
        value = emitter.emit(node.arguments[0])
        if isinstance(value, MoneySql):
            return MoneySql(function(value.amount, node), value.currencies)
        return function(value, node)

    return make


def _round(value: Element, node: Call) -> Element:
    return func.round(numeric(value), _places(node), type_=Numeric())


def _places(node: Call) -> Any:
    places = node.arguments[1] if len(node.arguments) > 1 else None
    return places.value if isinstance(places, Literal) else 0


def _absolute(value: Element, _node: Call) -> Element:
    return func.abs(numeric(value), type_=Numeric())


def _part(name: str) -> Make:
    def make(emitter: Emitter, node: Call) -> Sql:
        return cast(extract(name, _local(emitter, node.arguments[0])), Integer())

    return make


def _local(emitter: Emitter, moment: Node) -> Element:
    value = emitter.plain(moment)
    if moment.type.kind == "date":
        return value
    local = func.timezone(literal(emitter.inputs.time_zone, Text()), value)
    return within(local, _BEFORE, _AFTER, DateTime())


def _coalesce(emitter: Emitter, node: Call) -> Sql:
    values = [emitter.emit(argument) for argument in node.arguments]
    if not isinstance(values[0], MoneySql):
        return func.coalesce(*values)
    amounts = [money(value) for value in values]
    currency = case(*((each.guarded().is_not(None), each.currency()) for each in amounts))
    return MoneySql(func.coalesce(*(each.guarded() for each in amounts)), (currency,))


SQL: dict[str, Make] = {
    "lower": _cased(func.lower),
    "upper": _cased(func.upper),
    "trim": _trim,
    "len": _length,
    "round": _over_amount(_round),
    "abs": _over_amount(_absolute),
    "year": _part("year"),
    "month": _part("month"),
    "day": _part("day"),
    "coalesce": _coalesce,
}
